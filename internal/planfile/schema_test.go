package planfile_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"pslan/internal/proposal"
	"pslan/internal/view/sample"
)

// strictly compiles a schema so that it knows no key that it does not name: what
// is written must be described.
func strictly(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "schemas", name))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(schema)
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

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

func TestSchemaDescribesWhatIsWritten(t *testing.T) {
	schema := strictly(t, "plan.schema.json")
	for name, p := range map[string]*proposal.Proposal{
		"one": sample.One(), "many": sample.Many(20), "everything": sample.Everything(), "nothing": sample.Nothing(),
	} {
		for kind, text := range map[string][]byte{"document": document(t, p), "saved plan": savedBytes(t, p)} {
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(doc); err != nil {
				t.Errorf("the %s of %s: %v", kind, name, err)
			}
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	schema := strictly(t, "plan.schema.json")
	for name, change := range map[string]func(map[string]any){
		"another major version": func(d map[string]any) { d["format_version"] = "2.0" },
		"no steps":              func(d map[string]any) { delete(d, "steps") },
		"an unknown key":        func(d map[string]any) { d["later"] = true },
		"a checksum alone":      func(d map[string]any) { delete(d, "saved") },
	} {
		var doc map[string]any
		if err := json.Unmarshal(savedBytes(t, sample.One()), &doc); err != nil {
			t.Fatal(err)
		}
		change(doc)
		if schema.Validate(doc) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
