package contentfile

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/estate"
	"pslan/internal/schematest"
)

const sample = `{"format_version": "1.0", "contents": [{"image":"01000000-0000-0000-0000-000000000000","package":"02000000-0000-0000-0000-000000000000",
"name":"WIN11","files":3,"bytes":300,"digest":"sha256:0400000000000000000000000000000000000000000000000000000000000000","listing":
"sha256:0300000000000000000000000000000000000000000000000000000000000000","version":2,"from":"PS008","taken_at":"2026-11-22T12:00:00Z"}]}`

// FuzzParse: what is read and written is the same record when read again, and bytes
// that are no record have problems with a place.
func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(`{"contents":[{}],"format_version":"1.0"}`))
	f.Add([]byte(`{"contents":[`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, ds := Parse(text, "content.json")
		if r == nil {
			if !ds.HasErrors() {
				t.Fatal("neither a record nor a problem")
			}
			return
		}
		var b bytes.Buffer
		if err := r.Write(&b); err != nil {
			t.Fatal(err)
		}
		again, ds := Parse(b.Bytes(), "content.json")
		if again == nil {
			t.Fatalf("cannot be read back: %v\n%s", ds, b.String())
		}
		if d := cmp.Diff(r.Contents(), again.Contents()); d != "" {
			t.Fatalf("read back (-want +got):\n%s", d)
		}
	})
}

func TestSchema(t *testing.T) {
	s := schematest.Strict(t, "content")
	r, ds := Parse([]byte(sample), "content.json")
	if ds != nil {
		t.Fatal(ds)
	}
	r.Learn(estateOf(2, seen(3, 9, 0), estate.Evidence{}), nobody)
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(b.Bytes()); err != nil {
		t.Error(err)
	}
	if s.Check([]byte(`{"format_version": "1.0", "contents": [{"image": "x", "files": 0}]}`)) == nil {
		t.Error("a record of nothing is valid for the schema")
	}
}
