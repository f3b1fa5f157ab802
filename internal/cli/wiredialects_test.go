package cli

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pslan/internal/apply"
	"pslan/internal/lab"
	"pslan/internal/lab/serve"
	"pslan/internal/platform"
)

// steeredWorld is a world over the wire in which nobody waits: whoever would wait moves
// the clock of the lab behind the services, as on the lab itself. So an apply over the
// wire comes to the very end that one on the lab comes to, and at once.
type steeredWorld struct {
	apply.World
	lab *lab.Lab
}

func (s steeredWorld) Describe() platform.Description {
	d := s.World.Describe()
	d.Simulated = true
	return d
}

// longestWait of one look to the next: fewer calls, and no other end.
const longestWait = 5 * time.Minute

// Pause waits a second longer than it was told to: the clock on the wire is behind by
// up to that.
func (s steeredWorld) Pause(_ context.Context, _ time.Duration, until time.Time) error {
	left := until.Add(time.Second).Sub(s.lab.Now())
	return s.lab.Advance(min(max(left, time.Second), longestWait))
}

// steer has the lab's clock stand still but for those who wait, and the lab answer in a
// dialect.
func (w *wired) steer(d serve.Dialect) {
	w.t.Helper()
	w.steered, w.pace = true, serve.Pace{}
	w.serve(d)
}

// outcomeOf is what an example comes to on the lab itself.
type outcomeOf struct {
	plan, rest string // plan IDs
	code       int
	line, ends string
}

// onLab computes it once for each example.
var onLab = func() func(*testing.T, string) outcomeOf {
	var mu sync.Mutex
	known := map[string]outcomeOf{}
	return func(t *testing.T, example string) outcomeOf {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if o, ok := known[example]; ok {
			return o
		}
		w := beside(t, example)
		o := outcomeOf{plan: w.plan().ID}
		o.code, o.line = w.applied()
		o.ends, o.rest = w.ends(), w.plan().ID
		known[example] = o
		return o
	}
}()

// same plans and applies an example that stands over the wire, and holds it against
// what the lab itself comes to.
func (w *wired) same(want outcomeOf) {
	w.t.Helper()
	if got := w.plan().ID; got != want.plan {
		w.t.Errorf("plan ID %s, want %s", got, want.plan)
	}
	if code, line := w.applied(); code != want.code || line != want.line {
		w.t.Errorf("%d %q, want %d %q", code, line, want.code, want.line)
	}
	if diff := gocmp.Diff(want.ends, w.ends()); diff != "" {
		w.t.Errorf("-lab +wire:\n%s", diff)
	}
	if got := w.plan().ID; got != want.rest {
		w.t.Errorf("ID of the plan that remains: %s, want %s", got, want.rest)
	}
}

// logins are the ways in which a platform may ask who is there.
var logins = [][]string{{"logins=NTLM"}, {"logins=Negotiate,NTLM"}, {"logins=Basic"}, {"logins=NTLM", "channel_binding=required"}}

// TestDialects: in every dialect every example gives the plan that it gives on the lab
// itself, and apply comes to the same end.
func TestDialects(t *testing.T) {
	dialects := logins
	for _, v := range serve.Variants() {
		dialects = append(dialects, []string{v})
	}
	for _, name := range wiredExamples() {
		want := onLab(t, name)
		for _, settings := range dialects {
			t.Run(name+"/"+strings.Join(settings, " "), func(t *testing.T) {
				t.Parallel()
				steeredWire(t, name, settings).same(want)
			})
		}
	}
}

// TestLargeExample: 40 servers and 300 images over the wire.
func TestLargeExample(t *testing.T) {
	t.Parallel()
	steeredWire(t, largeExample, nil).same(onLab(t, largeExample))
}

// steeredWire is overWire, and nobody waits.
func steeredWire(t *testing.T, example string, settings []string) *wired {
	t.Helper()
	w := overWire(t, example, settings)
	d, err := serve.ParseDialect(settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.steer(d)
	return w
}

// TestMixedDialects: and so it is where several settings come together, one of each
// kind, each drawn. A failure prints the flag that repeats it.
func TestMixedDialects(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(wiredExamples()).Draw(rt, "example")
		drawn := map[string]string{}
		for _, v := range rapid.SliceOfN(rapid.SampledFrom(serve.Variants()), 2, 8).Draw(rt, "variants") {
			kind, _, _ := strings.Cut(v, "=")
			drawn[kind] = v
		}
		if drawn["off.*"] == "off.*=wsdl" {
			delete(drawn, "overloads.*") // who is not told what a method is called has to be told: TestUndescribed
			delete(drawn, "form_markup") // and so has whoever has to go by SOAP
		}
		var settings []string
		for _, v := range serve.Variants() {
			if kind, _, _ := strings.Cut(v, "="); drawn[kind] == v {
				settings = append(settings, v)
			}
		}
		want := onLab(t, name)
		ok := t.Run(name+"/"+strings.Join(settings, " "), func(t *testing.T) { steeredWire(t, name, settings).same(want) })
		if !ok {
			rt.Fatalf("%s in %q", name, settings)
		}
	})
}

// TestUndescribed: where the services do not describe themselves, and have namespaces
// and names of their own, the settings of the connection tell.
func TestUndescribed(t *testing.T) {
	const name, namespace = "retire-ps008", "urn:elsewhere"
	for _, c := range []struct {
		dialect []string
		binding string
		renamed map[string][]string // methods of a service that the dialect calls something else
	}{
		{[]string{"off.*=wsdl,get,post,soap12", "overloads.*=guid only", "namespaces.*=" + namespace}, "soap11", nil},
		{[]string{"off.*=wsdl,soap11,soap12", "overloads.*=reversed"}, "form", map[string][]string{
			"SoftwarePackageManagementService": {"GetPackage", "SetPackageServerSettings"},
			"ReportManagementService":          {"RunReport"},
			"ItemManagementService":            {"GetItemByGuid", "ExecuteSchedulableItem"},
			"TaskManagementService":            {"GetTask", "ExecuteTask", "GetTaskStatus"},
		}},
	} {
		t.Run(c.binding, func(t *testing.T) {
			var block strings.Builder
			for _, service := range []string{
				"SoftwarePackageManagementService", "DSTaskManagementService", "ReportManagementService", "ItemManagementService", "TaskManagementService",
			} {
				fmt.Fprintf(&block, "  service %q {\n    binding   = %q\n    namespace = %q\n", service, c.binding, namespace)
				if methods := c.renamed[service]; methods != nil {
					block.WriteString("    methods = {\n")
					for _, m := range methods {
						fmt.Fprintf(&block, "      %s = %q\n", m, m+"2")
					}
					block.WriteString("    }\n")
				}
				block.WriteString("  }\n")
			}
			w := steeredWire(t, name, c.dialect)
			w.inConnection(block.String())
			w.same(onLab(t, name))
		})
	}
}

// troubles are what may go wrong on the way, once or now and then.
var troubles = []string{
	"writes:cut-after:2", "writes:truncated:2", "writes:503:2", "writes:exception:1", "writes:false:1", "writes:cut-before:1", "writes:late:1:1500ms",
	"reads:503:3", "reads:truncated:3", "reads:cut-after:3", "reads:login-page:1", "reads:restart-page:2", "*:redirect:1", "*:cut-after:5%",
}

// TestTroubles: whatever goes wrong on the way, apply ends, may be run again, and every
// example comes to the end that it comes to on the lab itself. What an error looks like
// makes no difference.
func TestTroubles(t *testing.T) {
	looks := []string{"errors=plain", "errors=stack", "errors=suppressed", "errors=html", "errors=empty 400", "error_detail=absent"}
	for n, name := range wiredExamples() {
		want := onLab(t, name)
		for i, trouble := range troubles {
			look := looks[(n+i)%len(looks)]
			t.Run(name+"/"+trouble+"/"+look, func(t *testing.T) {
				t.Parallel()
				one, err := serve.ParseTrouble(trouble)
				if err != nil {
					t.Fatal(err)
				}
				d, err := serve.ParseDialect([]string{look}, nil)
				if err != nil {
					t.Fatal(err)
				}
				w := steeredWire(t, name, []string{look})
				if one.Kind == serve.TroubleLate {
					w.inConnection("  timeouts {\n    write = \"1s\"\n  }\n")
				}
				d.Troubles = []serve.Trouble{one}
				w.steer(d)
				w.applyUntil(want)
			})
		}
	}
}

// applyUntil applies again and again until nothing more can be done.
func (w *wired) applyUntil(want outcomeOf) {
	w.t.Helper()
	var code int
	var said string
	for range 6 {
		if code, said = w.run("apply", "-auto-approve"); code == want.code && w.plan().ID == want.rest {
			break
		}
		if strings.Contains(said, "bug in pslan") {
			w.t.Fatal(said)
		}
	}
	if code != want.code {
		w.t.Errorf("exit code %d, want %d", code, want.code)
	}
	if diff := gocmp.Diff(want.ends, w.ends()); diff != "" {
		w.t.Errorf("-lab +wire:\n%s\n%s", diff, said)
	}
}
