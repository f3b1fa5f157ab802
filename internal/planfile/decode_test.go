package planfile

import (
	"bytes"
	"strings"
	"testing"

	"pslan/internal/proposal"
	"pslan/internal/view/sample"
)

func savedText(tb testing.TB) string {
	tb.Helper()
	return savedTextOf(tb, sample.Everything())
}

func savedTextOf(tb testing.TB, p *proposal.Proposal) string {
	tb.Helper()
	var b bytes.Buffer
	if err := writeSaved(&b, p); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// A forged plan may have the right checksum: what is read is still held against
// what a plan can be.
func TestDecodeRefusesWhatNoPlanCanBe(t *testing.T) {
	whole := savedText(t)
	tests := []struct{ name, old, now, want string }{
		{"need that is no step", `"needs":["sync:PS010"]`, `"needs":["sync:PS099"]`, "no step before it"},
		{"need of itself", `"needs":["sync:PS010"]`, `"needs":["wait_copy:image.win11:PS010"]`, "no step before it"},
		{"the same id twice", `"id":"sync:PS008+PS010"`, `"id":"sync:PS010"`, "unique"},
		{"unknown operation", `"op":"sync"`, `"op":"format_disk"`, `op "format_disk"`},
		{"unknown actor", `"by":"operator"`, `"by":"nobody"`, `by "nobody"`},
		{"unknown risk", `"risk":"origin_moves"`, `"risk":"low"`, `risk "low"`},
		{"negative limit", `"limit_seconds":1800`, `"limit_seconds":-1`, "limit_seconds"},
		{"huge limit", `"limit_seconds":1800`, `"limit_seconds":1e300`, "limit_seconds"},
		{"broken GUID", `"image":"6d3f`, `"image":"xxxx`, "GUID"},
		{"unknown action", `"actions":["update"]`, `"actions":["replace"]`, `action "replace"`},
		{"unknown type", `"type":"copy"`, `"type":"disk"`, `type "disk"`},
		{"unknown mode", `"mode":"servers"`, `"mode":"none"`, `mode "none"`},
		{"unknown class", `"holds":"missing"`, `"holds":"fine"`, `class "fine"`},
		{"no attributes", `"before":{"name":"WinPE-x64"`, `"before":null,"x":{"name":"WinPE-x64"`, "attributes are missing"},
		{"unknown severity", `"severity":"warning"`, `"severity":"fatal"`, `severity "fatal"`},
		{"unknown verify", `"verify":"hash"`, `"verify":"luck"`, `"luck" is not known`},
		{"broken time", `"timestamp":"2026`, `"timestamp":"x026`, "timestamp"},
		{"wrong type", `"undeclared_images":1`, `"undeclared_images":"one"`, "undeclared_images"},
		{"steps that are no list", `"steps":[`, `"steps":{},"x":[`, "steps"},
		{"no plan ID", `"plan_id":"` + sample.ID + `"`, `"plan_id":""`, "plan_id"},
		{"cut off", `"facts":[`, ``, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(whole, tt.old) {
				t.Fatalf("the saved plan does not contain %s", tt.old)
			}
			p, err := decode(strings.NewReader(strings.Replace(whole, tt.old, tt.now, 1)))
			if err == nil || p != nil {
				t.Fatal("it was read")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// A later minor version may add keys anywhere.
func TestDecodePassesOverUnknownKeys(t *testing.T) {
	text := savedText(t)
	for _, old := range []string{`"format_version":`, `"verify":`, `"op":"sync"`, `"mode":"managed"`} {
		text = strings.ReplaceAll(text, old, `"later":{"a":[1,{"b":null}]},`+old)
	}
	p, err := decode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Plan.Steps) != len(sample.Everything().Plan.Steps) {
		t.Errorf("%d steps were read", len(p.Plan.Steps))
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(savedTextOf(f, sample.One()))
	f.Add(`{"plan_id":"sha256:0","steps":[{"id":"a","needs":["a"]}]}`)
	f.Add(`{"resource_changes":[{"type":"image","change":{"actions":[]}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := decode(strings.NewReader(text))
		if (p == nil) == (err == nil) {
			t.Fatalf("%v, %v", p, err)
		}
		if err != nil {
			return
		}
		for i, s := range p.Plan.Steps {
			for _, need := range s.Needs {
				if int(need) >= i {
					t.Fatalf("step %d needs %d", i, need)
				}
			}
		}
		// What was read can be shown.
		if err := WriteDocument(&bytes.Buffer{}, p); err != nil {
			t.Fatal(err)
		}
	})
}
