package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pslan/internal/apply"
	"pslan/internal/estate"
	"pslan/internal/lab/serve"
	"pslan/internal/platform"
)

var rowsOfPackages = regexp.MustCompile(`(?s)  rows "packages" \{\n.*?\n  \}\n`)

// exported has the packages come from a file that somebody exported a while ago, and
// writes it: as the lab is now.
func (w *wired) exported() {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "pslan.hcl"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("pslan.hcl", rowsOfPackages.ReplaceAllString(string(text), "  rows \"packages\" {\n    csv = \"packages.csv\"\n  }\n"))
	w.export()
}

func (w *wired) export() {
	w.t.Helper()
	e, err := w.lab.ReadEstate(w.t.Context(), platform.Scope{})
	if err != nil {
		w.t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("package,image,version,owner\n")
	for i := range e.Images {
		img := &e.Images[i]
		fmt.Fprintf(&b, "%s,%s,%d,%s\n", img.Package, img.GUID, img.Version, e.ServerName(img.Owner))
	}
	w.write("packages.csv", b.String())
}

// exporting writes the export anew at every reading, once a run has read the platform some
// times.
type exporting struct {
	apply.World
	w        *wired
	readings int
}

func (x *exporting) renew() {
	if x.readings++; x.readings >= 20 {
		x.w.export()
	}
}

func (x *exporting) Observe(ctx context.Context, images []estate.GUID, wants []apply.Want) (*apply.Observation, error) {
	x.renew()
	return x.World.Observe(ctx, images, wants)
}

func (x *exporting) Again(ctx context.Context, images []estate.GUID, wants []apply.Want) (*apply.Observation, error) {
	x.renew()
	return x.World.Again(ctx, images, wants)
}

// TestKilledWhileTaking: a run is killed right after it had a server take ownership. The
// platform's sources then contradict each other for as long as an export is old. That is
// no doubt to a plan or an apply that want the same as that run: they take the old owner
// for the owner, and apply waits until the export is new. To one that wants something
// else it is.
func TestKilledWhileTaking(t *testing.T) {
	const example, one = "narrowed-assignment", `-target=images.all["WIN11-23H2"]` // one image: its requests come one after the other
	t.Setenv("PSLAN_SMP_USER", "svc")
	t.Setenv("PSLAN_SMP_PASSWORD", "secret")
	_, _, told := process(t, overWire(t, example, nil).dir, "count", "apply", "-auto-approve", one)
	take := regexp.MustCompile(`(?m)^REQUEST (\d+) take`).FindStringSubmatch(told)
	if take == nil {
		t.Fatalf("nothing was taken:\n%s", told)
	}
	w := overWire(t, example, nil)
	w.exported()
	if code, out, errs := process(t, w.dir, "kill after request "+take[1], "apply", "-auto-approve", one); code == exitSuccess {
		t.Fatalf("it was not killed:\n%s%s", out, errs)
	}
	const underWay = "Takes of ownership that are under way"
	if code, out := w.run("plan", one); code != exitSuccess || !strings.Contains(out, underWay) || strings.Contains(out, "PSL110") {
		t.Errorf("the plan ends with %d:\n%s", code, out)
	}
	if code, out := w.run("plan"); code != exitBlocked || !strings.Contains(out, "[PSL110]") || strings.Contains(out, underWay) {
		t.Errorf("a plan that wants something else ends with %d:\n%s", code, out)
	}
	w.steer(serve.Dialect{})
	var said bytes.Buffer
	code := Main(t.Context(), IO{
		Args: []string{"apply", "-auto-approve", one}, Dir: w.dir, Stdin: strings.NewReader(""), Stdout: &said, Stderr: &said,
		Env: append(os.Environ(), crashVariable+"=nowhere"), hooks: &hooks{
			world:   func(under apply.World) apply.World { return &exporting{World: steeredWorld{under, w.lab}, w: w} },
			journal: func(j apply.Journal) apply.Journal { return j }, locations: w.lab.LocationDir,
		},
	})
	out := said.String()
	here := beside(t, example)
	wantCode, _ := here.run("apply", "-auto-approve", one)
	for _, want := range []string{"was interrupted, is gone on with", underWay, "Ownership verification complete"} {
		if code != wantCode || !strings.Contains(out, want) {
			t.Errorf("apply ends with %d, uninterrupted with %d, and %q is in: %v:\n%s", code, wantCode, want, strings.Contains(out, want), out)
			break
		}
	}
	if want, got := here.ends(), w.ends(); want != got {
		t.Errorf("it ends with\n%s\nuninterrupted with\n%s", got, want)
	}
}
