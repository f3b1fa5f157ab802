package estatefile

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "schemas", "estate.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// valid holds JSON against the schema.
func valid(s *jsonschema.Schema, text []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

func TestSchemaKnowsWhatIsWritten(t *testing.T) {
	s := schema(t)
	if err := valid(s, written(t, sample(t))); err != nil {
		t.Error(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := written(t, genEstate.Draw(t, "estate"))
		if err := valid(s, text); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	})
}

// The reader refuses these for reasons that a schema cannot express.
var beyondSchema = strings.Fields("key-twice guid-twice unknown-servers unknown-sites copies servers sites preboots control-character nested one-long-line package-twice surrogate")

// TestSchemaRefusesWhatTheReaderRefuses holds the broken files against the schema.
func TestSchemaRefusesWhatTheReaderRefuses(t *testing.T) {
	s := schema(t)
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
		if valid(s, f.Data) == nil {
			t.Errorf("%s is valid for the schema, and the reader refuses it", name)
		}
	}
}
