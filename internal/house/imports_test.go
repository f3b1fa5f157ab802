package house

import (
	"slices"
	"strings"
	"testing"
)

// importTable says which of our packages each package may import. Data flows one
// way: a package imports only what stands above it in this table. A package that
// is not in the table does not belong into the house.
var importTable = []struct {
	room string
	may  string // names below internal/, or a full path
}{
	// The vocabulary.
	{"internal/estate", ""},
	{"internal/diag", ""},
	{"internal/finding", "diag estate"},
	{"internal/declared", "diag estate finding"},
	{"internal/wording", ""},
	{"internal/pattern", ""},
	{"internal/unc", ""},

	// Deciding: pure.
	{"internal/diff", "declared diag estate finding wording"},
	{"internal/plan", "declared diag diff estate finding"},
	{"internal/rules", "declared diag diff estate finding pattern plan wording"},
	{"internal/proposal", "declared diag diff estate finding plan rules wording"},

	// Files.
	{"internal/fileerror", ""},
	{"internal/atomicfile", ""},
	{"internal/packed", ""},
	{"internal/estatefile", "atomicfile diag estate fileerror packed wording"},
	{"internal/contentfile", "atomicfile diag estate fileerror"},
	{"internal/config", "declared diag estate fileerror finding pattern unc wording"},

	// Platforms and disks.
	{"internal/credential", "declared"},
	{"internal/smb", "credential unc"},
	{"internal/peertest", ""},   // for tests
	{"internal/schematest", ""}, // for tests
	{"internal/platform", "diag estate"},
	{"internal/command", "fileerror"},
	{"internal/smp/login", "credential"},
	{"internal/smp/trust", ""},
	{"internal/smp/wire", "credential estate pattern smp/login smp/trust"},
	{"internal/planfile", "atomicfile declared diag diff estate fileerror finding plan platform proposal"},
	{"internal/agentfile", "estate platform"},
	{"internal/content", "agentfile declared diag estate fileerror platform"},
	{"internal/content/contenttest", "content estate platform"}, // for tests
	{"internal/manifest", "atomicfile content diag estate fileerror packed pattern platform"},
	{"internal/probe", "content estate manifest"},
	{"internal/recorded", "diag estate estatefile platform"},
	{"internal/smp/rows", "credential estate fileerror smp/trust wording"},
	{"internal/smp", "command credential declared diag estate pattern platform smp/rows smp/trust smp/wire unc wording"},
	{"internal/lab/world", "estate platform"},
	{"internal/lab", "atomicfile content diag estate estatefile lab/world platform wording"},
	{"internal/lab/tds", ""},
	{"internal/lab/serve", "estate lab lab/tds lab/world pattern platform wording"},

	// Doing.
	{"internal/apply", "declared diag estate finding plan platform wording"},
	{"internal/journal", "apply atomicfile fileerror"},
	{"internal/lock", "atomicfile fileerror"},
	{"internal/observe", "apply atomicfile content declared diag estate fileerror platform"},

	// Showing and wiring.
	{"internal/view", "apply declared diag diff estate finding plan platform proposal wording"},
	{"examples", ""},
	{"internal/cli", "apply atomicfile config content contentfile declared diag diff estate estatefile fileerror finding journal lab lab/serve lab/tds lab/world lock manifest observe plan planfile platform proposal recorded rules view examples wording credential smb unc probe smp smp/wire"},
	{"cmd/pslan", "cli"},

	// Beside the program.
	{"internal/view/sample", "declared diag diff estate finding plan proposal"},                             // for tests
	{"internal/simulation", "apply declared diag diff estate lab lab/world observe plan platform proposal"}, // for tests
	{"internal/synthetic", ""},
	{"internal/house", ""},
	{"scripts/generate", "atomicfile synthetic"},
	{"scripts/benchrun", "synthetic"},
	{"scripts/demo", "cli"},
}

func TestImportTable(t *testing.T) {
	allowed := map[string][]string{}
	for _, row := range importTable {
		allowed[row.room] = strings.Fields(row.may)
	}
	for _, r := range house(t) {
		may, known := allowed[r.path]
		if !known {
			t.Errorf("package %s is not in the import table: say there what it may import", r.path)
			continue
		}
		for _, p := range r.imports() {
			other := ours(p)
			if other != "" && !slices.Contains(may, strings.TrimPrefix(other, "internal/")) {
				t.Errorf("%s imports %s; it may import only: %s", r.path, other, strings.Join(may, ", "))
			}
		}
	}
}

// TestTableIsOneWay holds the table against itself: no row may name a package of a
// later row, so the table has no cycle, and a package's reach is what stands above it.
func TestTableIsOneWay(t *testing.T) {
	above := map[string]bool{}
	for _, row := range importTable {
		for _, name := range strings.Fields(row.may) {
			if !above[name] {
				t.Errorf("row %s names %s, which does not stand above it", row.room, name)
			}
		}
		above[strings.TrimPrefix(row.room, "internal/")] = true
	}
}

// TestNeverReached names pairs that must not meet, not even through others.
func TestNeverReached(t *testing.T) {
	direct := map[string][]string{}
	for _, r := range house(t) {
		for _, p := range r.imports() {
			if other := ours(p); other != "" {
				direct[r.path] = append(direct[r.path], other)
			}
		}
	}
	for _, pair := range []struct{ from, to, because string }{
		{"internal/apply", "internal/config wording", "what is carried out is the plan, not the files"},
		{"internal/apply", "internal/view wording", "the engine emits events and prints nothing"},
		{"internal/view", "internal/config wording", "a view renders what it is given"},
		{"internal/view", "internal/lab wording", "a view asks nobody"},
		{"internal/lab", "internal/plan wording", "the lab must not know what pslan means to do"},
		{"internal/lab", "internal/apply wording", "the lab must not know what pslan means to do"},
		{"internal/diff", "internal/platform wording", "what is pure cannot ask"},
		{"internal/plan", "internal/platform", "what is pure cannot ask"},
		{"internal/rules", "internal/platform wording", "what is pure cannot ask"},
		{"internal/proposal", "internal/platform", "what is pure cannot ask"},
	} {
		if chain := reach(direct, pair.from, pair.to); chain != nil {
			t.Errorf("%s: %s", strings.Join(chain, " -> "), pair.because)
		}
	}
}

// reach returns the chain of imports from one package to another, nil if there is none.
func reach(direct map[string][]string, from, to string) []string {
	came := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		if queue[0] == to {
			var chain []string
			for p := to; p != ""; p = came[p] {
				chain = append([]string{p}, chain...)
			}
			return chain
		}
		for _, next := range direct[queue[0]] {
			if _, ok := came[next]; !ok {
				came[next] = queue[0]
			}
		}
	}
	return nil
}

// TestLibraries keeps every library behind one door.
func TestLibraries(t *testing.T) {
	doors := []struct {
		library string
		may     string
	}{
		{"github.com/zclconf/go-cty", "internal/config"},
		{"github.com/hashicorp/hcl/v2/gohcl", "internal/config"},
		{"github.com/hashicorp/hcl/v2/hclwrite", "internal/cli"}, // fmt
		{"github.com/hashicorp/hcl/v2", "internal/config internal/cli"},
		{"github.com/hashicorp/go-hclog", "internal/cli internal/view"},
		{"github.com/hashicorp/go-version", "internal/config"},
		{"github.com/hashicorp/terraform-json", ""}, // for tests
		{"github.com/cloudsoda/go-smb2", "internal/smb"},
		{"github.com/jcmturner/gokrb5/v8", "internal/credential internal/smb internal/smp/login"},
		{"github.com/Azure/go-ntlmssp", "internal/smp/login"},
		{"github.com/spf13", "internal/cli"},
		{"github.com/gofrs/flock", "internal/lab internal/lock"},
		{"github.com/microsoft/go-mssqldb", "internal/smp/rows"},
		{"golang.org/x/crypto", "internal/lab/serve"}, // MD4, which NTLM is made of
		{"golang.org/x/term", "cmd/pslan"},
		{"pgregory.net/rapid", ""}, // for tests
		{"github.com/google/go-cmp", ""},
		{"github.com/rogpeppe/go-internal", ""},
	}
	for _, r := range house(t) {
		for _, p := range r.imports() {
			for _, door := range doors {
				if p != door.library && !strings.HasPrefix(p, door.library+"/") {
					continue
				}
				if !slices.Contains(strings.Fields(door.may), r.path) {
					t.Errorf("%s imports %s; only these may: %s", r.path, p, door.may)
				}
				break // the first, most exact row decides
			}
		}
	}
}

// TestOnePlaceForTextDiff: line diffs are made in one package only.
func TestOnePlaceForTextDiff(t *testing.T) {
	var users []string
	for _, r := range house(t) {
		if slices.ContainsFunc(r.imports(), func(p string) bool { return strings.HasPrefix(p, "github.com/sergi/go-diff") }) {
			users = append(users, r.path)
		}
	}
	if len(users) > 1 {
		t.Errorf("go-diff is used in %s; it belongs in one place", strings.Join(users, ", "))
	}
}
