package planfile_test

import (
	"encoding/json"
	"testing"

	"pslan/internal/proposal"
	"pslan/internal/schematest"
	"pslan/internal/view/sample"
)

func TestSchemaDescribesWhatIsWritten(t *testing.T) {
	schema := schematest.Strict(t, "plan")
	for name, p := range map[string]*proposal.Proposal{
		"one": sample.One(), "many": sample.Many(20), "everything": sample.Everything(), "nothing": sample.Nothing(),
	} {
		for kind, text := range map[string][]byte{"document": document(t, p), "saved plan": savedBytes(t, p)} {
			if err := schema.Check(text); err != nil {
				t.Errorf("the %s of %s: %v", kind, name, err)
			}
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	schema := schematest.Strict(t, "plan")
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
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if schema.Check(text) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
