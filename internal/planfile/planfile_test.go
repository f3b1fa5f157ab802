package planfile_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	tfjson "github.com/hashicorp/terraform-json"

	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/planfile"
	"pslan/internal/proposal"
	"pslan/internal/view/sample"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func document(t *testing.T, p *proposal.Proposal) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := planfile.WriteDocument(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func save(t *testing.T, p *proposal.Proposal) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.json")
	if err := planfile.Save(path, p); err != nil {
		t.Fatal(err)
	}
	return path
}

// golden holds got against testdata/name, indented for readers.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, got, "", "  "); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, got)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, indented.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), indented.String()); diff != "" {
		t.Errorf("%s differs (-want +got); if that is meant, run the test with -update:\n%s", path, diff)
	}
}

func TestDocument(t *testing.T) {
	golden(t, "one.json", document(t, sample.One()))
	golden(t, "everything.json", document(t, sample.Everything()))
}

func TestDocumentOfNothing(t *testing.T) {
	golden(t, "empty.json", document(t, &proposal.Proposal{Meta: sample.Meta(), Plan: sample.Plan(nil, nil)}))
}

// What tools for Terraform plans read must be there under their names.
func TestTerraformToolsReadTheDocument(t *testing.T) {
	var p tfjson.Plan
	if err := json.Unmarshal(document(t, sample.Everything()), &p); err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	actions := map[string]string{}
	for _, rc := range p.ResourceChanges {
		switch {
		case rc.Change.Actions.Create():
			actions[rc.Address] = "create"
			if rc.Change.Before != nil || rc.Change.After == nil {
				t.Errorf("%s is created from %v to %v", rc.Address, rc.Change.Before, rc.Change.After)
			}
		case rc.Change.Actions.Delete():
			actions[rc.Address] = "delete"
			if rc.Change.Before == nil || rc.Change.After != nil {
				t.Errorf("%s is deleted from %v to %v", rc.Address, rc.Change.Before, rc.Change.After)
			}
		case rc.Change.Actions.Update():
			actions[rc.Address] = "update"
		case rc.Change.Actions.NoOp():
			actions[rc.Address] = "no-op"
			if !cmp.Equal(rc.Change.Before, rc.Change.After) {
				t.Errorf("%s is a no-op and differs", rc.Address)
			}
		}
		if rc.Mode != tfjson.ManagedResourceMode || rc.Type == "" || rc.Name == "" || rc.ProviderName != "pslan" {
			t.Errorf("%s: mode %q, type %q, name %q, provider %q", rc.Address, rc.Mode, rc.Type, rc.Name, rc.ProviderName)
		}
	}
	want := map[string]string{
		"image.win11": "update", `copy.win11["PS010"]`: "create", `copy.win11["PS008"]`: "delete",
		`image.golden["WIN10-22H2"]`: "update",
		`image["KIOSK"]`:             "no-op", `copy["KIOSK"]["PS010"]`: "no-op", // blocked
		"image.old": "update", "image.smp_held": "update", "package_server.ps008": "delete", "preboot_configuration.winpe": "update",
	}
	if diff := cmp.Diff(want, actions); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
	if p.Complete == nil || *p.Complete {
		t.Error("a partial plan is complete")
	}
}

func TestSensitiveVariablesStayOut(t *testing.T) {
	path := save(t, sample.Everything())
	saved, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"document": document(t, sample.Everything()), "saved plan": saved} {
		if bytes.Contains(text, []byte("hunter2")) {
			t.Errorf("the %s holds the value of a sensitive variable", name)
		}
	}
}

func TestArrowsStayReadable(t *testing.T) {
	p := sample.One()
	p.Findings[0].Detail = "PS008 -> PS010 & <back>"
	if text := string(document(t, p)); !strings.Contains(text, "PS008 -> PS010 & <back>") {
		t.Error("the document escapes what only HTML needs escaped")
	}
}

// carried is what a saved plan carries of a proposal: all but what holds only
// within one reading of the estate, and the values of sensitive variables.
var carried = cmp.Options{
	cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b *estate.AssignmentNames) bool {
		return a == b || a != nil && b != nil && cmp.Equal(*a, *b, cmpopts.EquateEmpty())
	}),
	cmp.Transformer("variables", func(v declared.Variable) string {
		if v.Sensitive {
			return "sensitive"
		}
		return v.Value
	}),
}

func TestSavedPlanComesBackWhole(t *testing.T) {
	for name, p := range map[string]*proposal.Proposal{"one": sample.One(), "many": sample.Many(30), "everything": sample.Everything()} {
		t.Run(name, func(t *testing.T) {
			got, err := planfile.Load(save(t, p), sample.Version)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(p, got, carried); diff != "" {
				t.Errorf("saved and loaded (-before +after):\n%s", diff)
			}
			if before, after := document(t, p), document(t, got); !bytes.Equal(before, after) {
				t.Errorf("the document differs after saving and loading:\n%s", cmp.Diff(string(before), string(after)))
			}
		})
	}
}

// What pslan makes comes back too, but for what holds only within one reading.
func TestMadePlanComesBack(t *testing.T) {
	p, ds := sample.Made()
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	got, err := planfile.Load(save(t, p), sample.Version)
	if err != nil {
		t.Fatal(err)
	}
	within := cmp.Options{
		cmpopts.IgnoreFields(proposal.Proposal{}, "Estate", "Resolved"),
		cmpopts.IgnoreFields(plan.Plan{}, "Moves", "Servers"),
		cmpopts.IgnoreFields(plan.Block{}, "Image", "Server"),
		cmpopts.IgnoreFields(diff.ImageChange{}, "Image"),
		cmpopts.IgnoreFields(diff.CopyChange{}, "Image"),
		cmpopts.IgnoreUnexported(plan.Plan{}, plan.Step{}),
	}
	if diff := cmp.Diff(p, got, carried, within); diff != "" {
		t.Errorf("saved and loaded (-before +after):\n%s", diff)
	}
	if !bytes.Equal(document(t, p), document(t, got)) {
		t.Error("the document differs after saving and loading")
	}
	if p.Plan.ID == "" || len(p.Plan.Facts) == 0 || p.HasBlocked() != got.HasBlocked() {
		t.Errorf("plan %q, %d facts, blocked %v and %v", p.Plan.ID, len(p.Plan.Facts), p.HasBlocked(), got.HasBlocked())
	}
}
