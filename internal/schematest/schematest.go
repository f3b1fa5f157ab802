// Package schematest holds documents against the schemas in schemas/, for tests: what
// pslan writes must be described there, and what a schema describes, pslan must take.
// Tests run in the folder of their package, two below the schemas.
package schematest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Schema judges documents.
type Schema struct{ compiled *jsonschema.Schema }

// Load compiles the schema of a document, such as "estate".
func Load(t testing.TB, document string) Schema {
	t.Helper()
	return compile(t, document, func(any) {})
}

// Strict is Load for what is written here: it takes no key that the schema does not
// name, although readers of newer documents must.
func Strict(t testing.TB, document string) Schema {
	t.Helper()
	return compile(t, document, closeObjects)
}

func compile(t testing.TB, document string, change func(any)) Schema {
	t.Helper()
	name := document + ".schema.json"
	text, err := os.ReadFile(filepath.Join("..", "..", "schemas", name))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	change(schema)
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return Schema{compiled}
}

// closeObjects makes a schema know no key that it does not name. A condition on an
// object that is described elsewhere has no type, and stays open.
func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		if _, ok := node["properties"].(map[string]any); ok && node["type"] != nil && node["additionalProperties"] == nil {
			node["additionalProperties"] = false
		}
		for _, child := range node {
			closeObjects(child)
		}
	case []any:
		for _, child := range node {
			closeObjects(child)
		}
	}
}

// Check says what in a document does not agree with the schema; nil: nothing.
func (s Schema) Check(text []byte) error {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.compiled.Validate(document)
}
