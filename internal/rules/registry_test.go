package rules_test

import (
	"slices"
	"strings"
	"testing"

	"pslan/internal/finding"
	"pslan/internal/rules"
)

// The table of the design, by hand: a title or a severity that changes by accident
// changes what a code means.
var table = []struct {
	code    finding.Code
	title   string
	def     finding.Severity
	floor   finding.Severity
	dynamic bool // severity or floor depend on the case
}{
	{"PSL101", "An empty package would become locally managed", finding.Error, finding.Note, true},
	{"PSL102", "The new owner's copy is incomplete", finding.Error, finding.Note, true},
	{"PSL103", "The new owner's copy has the right size and the wrong content", finding.Error, finding.Note, true},
	{"PSL104", "The new owner's copy is an older version", finding.Warning, finding.Note, false},
	{"PSL105", "The new owner's copy cannot be seen", finding.Error, finding.Error, false},
	{"PSL106", "The platform says Ready, and there are no files", finding.Warning, finding.Note, false},
	{"PSL107", "There is no reference content to compare with", finding.Error, finding.Error, false},
	{"PSL108", "The owner's own copy is not good", finding.Error, finding.Error, false},
	{"PSL109", "An assigned copy is not proved", finding.Warning, finding.Note, false},
	{"PSL110", "Who owns the image is in doubt", finding.Error, finding.Error, false},
	{"PSL201", "The last good copy would be deleted", finding.Error, finding.Error, false},
	{"PSL202", "No good copy is left anywhere", finding.Error, finding.Note, true},
	{"PSL203", "Fewer verified copies would stay than min_copies", finding.Error, finding.Error, false},
	{"PSL204", "A copy is marked for deletion", finding.Warning, finding.Note, true},
	{"PSL301", "The new owner is not assigned", finding.Note, finding.Note, false},
	{"PSL302", "The owner would lose its assignment", finding.Error, finding.Error, false},
	{"PSL303", "An assignment to all servers would be narrowed", finding.Warning, finding.Note, false},
	{"PSL304", "The declared assignment leaves out the owner", finding.Error, finding.Note, true},
	{"PSL305", "A site would be left without a copy", finding.Warning, finding.Note, false},
	{"PSL401", "A server that the plan needs cannot be reached", finding.Warning, finding.Note, false},
	{"PSL402", "A retired server would still own images", finding.Error, finding.Error, false},
	{"PSL403", "Removing the role deletes the server's package folders", finding.Warning, finding.Note, false},
	{"PSL404", "A site would be left without a package server", finding.Error, finding.Note, true},
	{"PSL405", "The target has too little room", finding.Error, finding.Error, false},
	{"PSL406", "A server is not in its declared sites", finding.Warning, finding.Note, false},
	{"PSL501", "A legacy image must be converted first", finding.Warning, finding.Note, false},
	{"PSL502", "Converting would create an empty package", finding.Error, finding.Error, false},
	{"PSL503", "A PCT package cannot be imported again", finding.Error, finding.Error, false},
	{"PSL504", "Importing by hand gives the image a new GUID", finding.Warning, finding.Note, false},
	{"PSL505", "Several images share one folder", finding.Warning, finding.Note, false},
	{"PSL506", "A backup image would be left behind", finding.Error, finding.Note, true},
	{"PSL507", "A location still names a retired server", finding.Error, finding.Error, false},
	{"PSL508", "A preboot configuration still names an old server", finding.Error, finding.Note, true},
	{"PSL601", "The estate changed since the plan was made", finding.Error, finding.Error, false},
	{"PSL602", "The recorded state is old", finding.Warning, finding.Note, false},
	{"PSL603", "The plan changes more than the limit allows", finding.Error, finding.Note, false},
	{"PSL604", "The configuration declares nothing", finding.Error, finding.Note, false},
	{"PSL605", "This is not the platform the configuration is for", finding.Error, finding.Error, false},
	{"PSL606", "A step needs an operator", finding.Note, finding.Note, false},
	{"PSL607", "A check failed", finding.Warning, finding.Note, false},
}

func TestRulesAreThoseOfTheTable(t *testing.T) {
	all := rules.All()
	if len(all) != len(table) {
		t.Fatalf("%d rules, want %d", len(all), len(table))
	}
	for i, want := range table {
		r := all[i]
		if r.Code != want.code || r.Title != want.title || r.Default != want.def || r.Floor != want.floor {
			t.Errorf("rule %d is %s %q %s/%s, want %s %q %s/%s", i, r.Code, r.Title, r.Default, r.Floor, want.code, want.title, want.def, want.floor)
		}
		if dynamic := r.DefaultWhen != "" || r.FloorWhen != ""; dynamic != want.dynamic {
			t.Errorf("%s: says that severity or floor depend on the case: %v, want %v", r.Code, dynamic, want.dynamic)
		}
		if found, ok := rules.Lookup(want.code); !ok || found.Code != want.code {
			t.Errorf("Lookup(%s) finds %v", want.code, found)
		}
	}
}

func TestAllGivesAFreshList(t *testing.T) {
	first := rules.All()
	first[0].Title, first[1] = "changed", nil
	if again := rules.All(); again[0].Title == "changed" || again[1] == nil {
		t.Error("what a caller does to the list shows in the next one")
	}
}

func TestLookupKnowsNoOtherCode(t *testing.T) {
	for _, code := range []finding.Code{"", "PSL", "PSL999", "psl101", "PSL1010"} {
		if r, ok := rules.Lookup(code); ok {
			t.Errorf("Lookup(%q) finds %s", code, r.Code)
		}
	}
}

func TestSuggest(t *testing.T) {
	for given, want := range map[string]string{
		"psl101": "PSL101", " PSL202 ": "PSL202", "303": "PSL303", "PLS404": "PSL404", "PSL50": "PSL501", "PSL 605": "PSL605",
		"": "", "win11": "", "an owner": "", strings.Repeat("PSL101", 100): "",
	} {
		if got := rules.Suggest(given); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", given, got, want)
		}
	}
}

func TestNewFillsInWhatTheRuleKnows(t *testing.T) {
	f := rules.New("PSL405", finding.Finding{Severity: finding.Note, Detail: "12 GiB are missing.", Address: "image.a"})
	if f.Code != "PSL405" || f.Title != "The target has too little room" || f.Severity != finding.Error || f.Fix == "" || f.Address != "image.a" {
		t.Errorf("made %+v", f)
	}
	if f := rules.New("PSL501", finding.Finding{Severity: finding.Error, Fix: "do that"}); f.Severity != finding.Error || f.Fix != "do that" {
		t.Errorf("what the caller said is lost: %+v", f)
	}
}

func TestStaleNamesWhatMoved(t *testing.T) {
	f := rules.Stale([]string{"The owner of WIN11 was PS008 and is PS009", "The copy of WIN11 on PS010 was good and is missing"})
	want := "2 facts are not what they were. The owner of WIN11 was PS008 and is PS009. The copy of WIN11 on PS010 was good and is missing."
	if f.Code != "PSL601" || f.Severity != finding.Error || f.Detail != want {
		t.Errorf("made %+v", f)
	}
	many := rules.Stale(slices.Repeat([]string{"x"}, 20)).Detail
	if !strings.HasPrefix(many, "20 facts are") || !strings.HasSuffix(many, "And 12 more.") {
		t.Errorf("many facts: %q", many)
	}
}
