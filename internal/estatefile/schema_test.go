package estatefile

import (
	"path/filepath"
	"strings"
	"testing"

	"pslan/internal/schematest"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

func TestSchemaKnowsWhatIsWritten(t *testing.T) {
	s := schematest.Strict(t, "estate")
	if err := s.Check(written(t, sample(t))); err != nil {
		t.Error(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := written(t, genEstate.Draw(t, "estate"))
		if err := s.Check(text); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	})
}

// The reader refuses these for reasons that a schema cannot express.
var beyondSchema = strings.Fields("key-twice guid-twice unknown-servers unknown-sites copies servers sites preboots control-character nested one-long-line package-twice surrogate")

// TestSchemaRefusesWhatTheReaderRefuses holds the broken files against the schema.
func TestSchemaRefusesWhatTheReaderRefuses(t *testing.T) {
	s := schematest.Load(t, "estate")
	archive, err := txtar.ParseFile(filepath.Join("testdata", "problems.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	beyond := " " + strings.Join(beyondSchema, " ") + " "
	for _, f := range archive.Files {
		name, isInput := strings.CutSuffix(f.Name, ".json")
		if !isInput || strings.Contains(beyond, " "+name+" ") {
			continue
		}
		if s.Check(f.Data) == nil {
			t.Errorf("%s is valid for the schema, and the reader refuses it", name)
		}
	}
}
