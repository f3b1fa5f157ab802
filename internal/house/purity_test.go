package house

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// pure packages get data and give data, the same every time: they know no file,
// clock, network or context.
var pure = []string{
	"internal/estate", "internal/diag", "internal/finding", "internal/declared",
	"internal/diff", "internal/plan", "internal/rules", "internal/proposal",
}

// outside is what a pure package may not import, with everything below it. The
// package time is allowed for its Duration; its clock is not.
var outside = []string{
	"os", "io/fs", "io/ioutil", "net", "context", "syscall", "log", "path/filepath", "embed",
	"math/rand", "crypto/rand", "runtime", "unsafe", "plugin", "testing",
}

// clock are the functions of package time that look at a clock or wait for one.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

func TestPurePackages(t *testing.T) {
	rooms := house(t)
	for _, name := range pure {
		n := slices.IndexFunc(rooms, func(r *room) bool { return r.path == name })
		if n < 0 {
			t.Errorf("the pure package %s is gone", name)
			continue
		}
		for _, p := range rooms[n].imports() {
			for _, bad := range outside {
				if p == bad || strings.HasPrefix(p, bad+"/") {
					t.Errorf("%s imports %s: a pure package may not", name, p)
				}
			}
		}
		for _, f := range rooms[n].files {
			if !f.test {
				calls(f, "time", clock, func(at, name string) {
					t.Errorf("%s calls time.%s: a pure package may not", at, name)
				})
			}
		}
	}
}

// TestNobodySleeps: time is tested on a simulated clock, and waits end with a context.
func TestNobodySleeps(t *testing.T) {
	for _, r := range house(t) {
		for _, f := range r.files {
			calls(f, "time", []string{"Sleep"}, func(at, _ string) { t.Errorf("%s sleeps", at) })
		}
	}
}

// TestNothingSkipped: a test that does not run proves nothing.
func TestNothingSkipped(t *testing.T) {
	for _, r := range house(t) {
		for _, f := range r.files {
			for _, receiver := range []string{"t", "b", "f", "tb"} {
				calls(f, receiver, []string{"Skip", "Skipf", "SkipNow"}, func(at, name string) {
					t.Errorf("%s calls %s.%s", at, receiver, name)
				})
			}
		}
	}
}

// calls reports every call of receiver.name.
func calls(f *source, receiver string, names []string, report func(at, name string)) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(names, sel.Sel.Name) {
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == receiver {
				report(f.at(call), sel.Sel.Name)
			}
		}
		return true
	})
}
