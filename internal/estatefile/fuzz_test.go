package estatefile

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzRead reads anything at all. What is refused is refused with a place or a
// reason; what is read is written and read again without a difference.
func FuzzRead(f *testing.F) {
	archive, err := txtar.ParseFile(filepath.Join("testdata", "problems.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		f.Add(file.Data)
	}
	f.Add(written(f, sample(f)))
	f.Fuzz(func(t *testing.T, in []byte) {
		e, diags := Read(bytes.NewReader(in), "estate.json")
		if (e == nil) != diags.HasErrors() {
			t.Fatalf("an estate is given: %v, errors: %v", e != nil, diags.HasErrors())
		}
		if len(diags) > maxProblems+1 {
			t.Fatalf("%d problems are told", len(diags))
		}
		for _, d := range diags {
			if d.Summary == "" || d.Detail == "" || !d.Subject.IsZero() && d.Subject.Start.Line < 1 {
				t.Fatalf("a problem without words or place: %+v", d)
			}
		}
		if e == nil {
			return
		}
		once := written(t, e)
		again, diags := Read(bytes.NewReader(once), "estate.json")
		if diags.HasErrors() {
			t.Fatalf("what was written cannot be read: %v\n%s", diags.Error(), once)
		}
		if twice := written(t, again); !bytes.Equal(once, twice) {
			t.Fatalf("written twice, the bytes differ:\n%s\n%s", once, twice)
		}
	})
}
