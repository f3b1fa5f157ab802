package house

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// pure packages get data and give data, the same every time: they know no file,
// clock, network or context.
var pure = []struct{ room, except string }{
	{room: "internal/estate"}, {room: "internal/diag"}, {room: "internal/finding"}, {room: "internal/declared"},
	{room: "internal/diff"}, {room: "internal/plan"}, {room: "internal/rules"}, {room: "internal/proposal"},
	{room: "internal/lab/world", except: "math/rand/v2"}, // makes bytes from a label, with a generator of its own
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
	for _, p := range pure {
		n := slices.IndexFunc(rooms, func(r *room) bool { return r.path == p.room })
		if n < 0 {
			t.Errorf("the pure package %s is gone", p.room)
			continue
		}
		for _, imported := range rooms[n].imports() {
			for _, bad := range outside {
				if imported != p.except && (imported == bad || strings.HasPrefix(imported, bad+"/")) {
					t.Errorf("%s imports %s: a pure package may not", p.room, imported)
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
