package manifest

import (
	"bytes"
	"testing"
)

// FuzzRead reads anything at all. What is refused is refused with words; what is read
// is written and read again without a difference.
func FuzzRead(f *testing.F) {
	f.Add(written(f, sample()))
	f.Add([]byte(`{"format_version": "1.0", "server": "a", "taken_at": "2026-11-22T12:00:00Z", "packages": []}`))
	f.Add([]byte("\xef\xbb\xbf{\"packages\": [{\"files\": [{\"path\": \"a\", \"bytes\": 1e3}]}]}"))
	f.Fuzz(func(t *testing.T, in []byte) {
		m, ds := Read(bytes.NewReader(in), "ps.json")
		if (m == nil) != ds.HasErrors() || len(ds) > maxProblems+1 {
			t.Fatalf("a manifest is given: %v, problems: %d", m != nil, len(ds))
		}
		for _, d := range ds {
			if d.Summary == "" || d.Detail == "" || !d.Subject.IsZero() && (d.Subject.Start.Line < 1 || d.Subject.Start.Column < 1) {
				t.Fatalf("a problem without words or place: %+v", d)
			}
		}
		if m == nil {
			return
		}
		once := written(t, m)
		again, ds := Read(bytes.NewReader(once), "ps.json")
		if ds.HasErrors() {
			t.Fatalf("what was written cannot be read: %s\n%s", ds.Error(), once)
		}
		if twice := written(t, again); !bytes.Equal(once, twice) {
			t.Fatalf("written twice, the bytes differ:\n%s\n%s", once, twice)
		}
	})
}
