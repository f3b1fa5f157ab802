package manifest

import (
	"bytes"
	"testing"

	"pslan/internal/schematest"

	"pgregory.net/rapid"
)

func TestSchemaKnowsWhatIsWritten(t *testing.T) {
	s := schematest.Strict(t, "manifest")
	if err := s.Check(written(t, sample())); err != nil {
		t.Error(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		m := genManifest(t)
		var b bytes.Buffer
		w := writer{m: m, packages: m.Packages, part: rapid.IntRange(1, 3).Draw(t, "part"), parts: []string{"ps.20261122T120000Z.part2.json"}}
		if err := w.write(&b); err != nil {
			t.Fatal(err)
		}
		if err := s.Check(b.Bytes()); err != nil {
			t.Fatalf("%v\n%s", err, b.Bytes())
		}
	})
}

func TestSchemaRefuses(t *testing.T) {
	s := schematest.Load(t, "manifest")
	for _, text := range []string{
		`[]`, `{}`, `{"format_version": "2.0", "server": "a", "taken_at": "2026-11-22T12:00:00Z", "packages": []}`,
		`{"format_version": "1.0", "server": "", "taken_at": "2026-11-22T12:00:00Z", "packages": []}`,
		`{"format_version": "1.0", "server": "a", "taken_at": "2026-11-22T12:00:00Z", "packages": [{}]}`,
		`{"format_version": "1.0", "server": "a", "taken_at": "2026-11-22T12:00:00Z", "packages": [{"package": "6d3f0000-0000-0000-0000-000000000001", "folder": true, "files": [{"path": "a", "bytes": -1}]}]}`,
		`{"format_version": "1.0", "server": "a", "taken_at": "2026-11-22T12:00:00Z", "parts": ["../a"], "packages": []}`,
	} {
		if s.Check([]byte(text)) == nil {
			t.Errorf("accepted: %s", text)
		}
	}
}
