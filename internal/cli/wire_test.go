package cli

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pslan/examples"
	"pslan/internal/apply"
	"pslan/internal/lab"
	"pslan/internal/lab/serve"
	"pslan/internal/observe"
	"pslan/internal/smp"
)

// wired is an example whose connection goes over the wire to its own lab.
type wired struct {
	t       *testing.T
	dir     string
	lab     *lab.Lab
	server  *serve.Server
	pace    serve.Pace
	steered bool // whoever waits moves the lab's clock
	// certificate is that of the server, where it speaks https.
	certificate []byte
}

var connectionBlock = regexp.MustCompile(`(?s)connection "lab" \{.*?\n\}\n`)

// overWire unpacks an example, serves its lab in a dialect, and connects to it by the rows
// of these kinds; none: those that no web service tells.
func overWire(t *testing.T, example string, dialect []string, kinds ...string) *wired {
	t.Helper()
	d, err := serve.ParseDialect(dialect, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &wired{t: t, dir: t.TempDir()}
	files, err := fs.Sub(examples.FS(), example)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(w.dir, files); err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(w.dir, ".pslan", "lab")
	if w.lab, err = lab.Open(lab.Options{Dir: place, SeedFile: filepath.Join(w.dir, "estate.json")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.lab.Close() })
	w.pace = serve.Pace{Jump: true, Most: time.Minute}
	to := w.listen(d)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	to.Do = []string{self, "lab", "do", "-json", "-path=" + place}
	block := to.Block()
	w.connect(block, kinds)
	return w
}

// listen serves the lab: by https where the dialect asks for a login.
func (w *wired) listen(d serve.Dialect) serve.Connection {
	w.t.Helper()
	h := httptest.NewUnstartedServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) { w.server.ServeHTTP(out, r) }))
	to := serve.Connection{Logins: d.Logins, User: wiredUser}
	start := h.Start
	if len(d.Logins) > 0 {
		authority, err := serve.NewAuthority(time.Now())
		if err != nil {
			w.t.Fatal(err)
		}
		if h.TLS, err = authority.Config(h.Listener.Addr().String()); err != nil {
			w.t.Fatal(err)
		}
		w.certificate = h.TLS.Certificates[0].Certificate[0]
		to.CAFile = filepath.Join(w.dir, "ca.pem")
		w.write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate()})))
		start = h.StartTLS
	}
	w.serve(d)
	h.Config.ConnContext = w.server.HTTP().ConnContext
	start()
	w.t.Cleanup(h.Close)
	to.URL = h.URL
	return to
}

const wiredUser, wiredPassword = "svc", "s3cret"

// serve has the lab answer in a dialect from now on.
func (w *wired) serve(d serve.Dialect) {
	w.t.Helper()
	var err error
	if w.server, err = serve.New(serve.Options{
		Lab: w.lab, Dialect: d, Pace: w.pace, Seed: 1, Users: []serve.User{serve.NewUser(wiredUser, wiredPassword)}, Certificate: w.certificate,
	}); err != nil {
		w.t.Fatal(err)
	}
}

// untoldKinds are the rows of what no web service tells.
var untoldKinds = []string{"smp", "package_servers", "sites", "packages", "copies", "preboot_configurations", "membership_updates", "refreshes", "recorded_contents"}

var rowsBlock = regexp.MustCompile(`  rows "(\w+)" \{\n.*?\n  \}\n`)

// connect puts a connection block in place of that of the lab, with eyes for the
// folders of the lab's servers and of its locations.
func (w *wired) connect(block string, kinds []string) {
	w.t.Helper()
	if len(kinds) == 0 {
		kinds = untoldKinds
	}
	block = rowsBlock.ReplaceAllStringFunc(block, func(rows string) string {
		if slices.Contains(kinds, rowsBlock.FindStringSubmatch(rows)[1]) {
			return rows
		}
		return ""
	})
	block = strings.Replace(block, `poll = "1s"`, "poll = \"10ms\"\n  also_called = [\"smp01.contoso.com\"]", 1)
	block += "content {\n  method = \"path\"\n  root = \".pslan/lab/servers/${server.name}/Package Delivery\"\n}\n"
	main := filepath.Join(w.dir, "pslan.hcl")
	text, err := os.ReadFile(main)
	if err != nil {
		w.t.Fatal(err)
	}
	if !connectionBlock.Match(text) {
		w.t.Fatal("the example has no connection to a lab")
	}
	w.write("pslan.hcl", connectionBlock.ReplaceAllLiteralString(string(text), block))
}

// inConnection writes more into the connection block.
func (w *wired) inConnection(more string) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "pslan.hcl"))
	if err != nil {
		w.t.Fatal(err)
	}
	const at = "  also_called"
	if !strings.Contains(string(text), at) {
		w.t.Fatal("there is no connection over the wire")
	}
	w.write("pslan.hcl", strings.Replace(string(text), at, more+at, 1))
}

func (w *wired) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// run runs a command in the folder of the example, and returns what it said.
func (w *wired) run(args ...string) (int, string) {
	w.t.Helper()
	var out bytes.Buffer
	code := Main(w.t.Context(), IO{
		Args: args, Dir: w.dir, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Env: append(os.Environ(), "PSLAN_SMP_USER="+wiredUser, "PSLAN_SMP_PASSWORD="+wiredPassword, "PSLAN_SQL_PASSWORD="+wiredPassword, crashVariable+"=nowhere"), hooks: w.hooks(),
	})
	return code, out.String()
}

// planDigest is what two plans have in common that are the same plan.
type planDigest struct {
	ID       string `json:"plan_id"`
	Findings []struct{ Code, Severity, Address string }
	Steps    []struct{ ID, Op, Address, Server, By string }
}

func (w *wired) plan() planDigest {
	w.t.Helper()
	file := filepath.Join(w.dir, "plan.json")
	_, out := w.run("plan", "-json-into="+file)
	text, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatalf("%v\n%s", err, out)
	}
	var p planDigest
	if err := json.Unmarshal(text, &p); err != nil {
		w.t.Fatal(err)
	}
	return p
}

// hooks find the locations of a served lab as its own eyes do.
func (w *wired) hooks() *hooks {
	if w.lab == nil {
		return nil
	}
	h := &hooks{locations: w.lab.LocationDir}
	if w.steered {
		h.world = func(under apply.World) apply.World { return steeredWorld{under, w.lab} }
		h.journal = func(j apply.Journal) apply.Journal { return j }
	}
	return h
}

func (p *planDigest) String() string {
	var b strings.Builder
	for _, f := range p.Findings {
		fmt.Fprintln(&b, f.Code, f.Severity, f.Address)
	}
	for _, s := range p.Steps {
		fmt.Fprintln(&b, s.Op, s.Address, s.Server, s.By)
	}
	return b.String()
}

const largeExample = "branch-offices"

// wiredExamples are those that go over the wire again and again. The large one takes
// some twenty thousand calls, and goes once: TestLargeExample.
func wiredExamples() []string {
	return slices.DeleteFunc(examples.OnLab(), func(name string) bool { return name == largeExample })
}

// TestSamePlans: over the wire an example gives the plan that the lab itself gives.
func TestSamePlans(t *testing.T) {
	for _, name := range wiredExamples() {
		t.Run(name, func(t *testing.T) {
			over := overWire(t, name, nil)
			want, got := beside(t, name).plan(), over.plan()
			if diff := cmp.Diff(want.String(), got.String()); diff != "" {
				t.Errorf("-lab +wire:\n%s", diff)
			}
			if want.ID != got.ID {
				t.Errorf("plan ID %s, want %s", got.ID, want.ID)
			}
		})
	}
}

// beside unpacks an example that connects to its lab as the examples do.
func beside(t *testing.T, example string) *wired {
	t.Helper()
	w := &wired{t: t, dir: t.TempDir()}
	files, err := fs.Sub(examples.FS(), example)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(w.dir, files); err != nil {
		t.Fatal(err)
	}
	return w
}

// applied runs apply and returns its exit code and its fixed line. What it printed is
// in the log of a test that fails.
func (w *wired) applied() (int, string) {
	w.t.Helper()
	code, out := w.run("apply", "-auto-approve")
	w.t.Cleanup(func() {
		if w.t.Failed() {
			w.t.Log(out)
		}
	})
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "Apply ") {
			return code, strings.TrimSpace(line)
		}
	}
	w.t.Fatalf("apply ended with %d and without its line:\n%s", code, out)
	return code, ""
}

// ends is where an apply has left an estate: what is declared about each image, and
// what its owner holds. Copies that nobody asked for come and go in their own time.
func (w *wired) ends() string {
	w.t.Helper()
	l := w.lab
	if l == nil {
		var err error
		if l, err = lab.Open(lab.Options{Dir: filepath.Join(w.dir, ".pslan", "lab")}); err != nil {
			w.t.Fatal(err)
		}
		defer l.Close()
	}
	e, err := observe.New(observe.Options{Platform: l, Eyes: l.Eyes()}).All(w.t.Context(), true)
	if err != nil {
		w.t.Fatal(err)
	}
	var b strings.Builder
	for i := range e.Servers {
		fmt.Fprintln(&b, "server", e.Servers[i].Name)
	}
	for i := range e.Images {
		img := &e.Images[i]
		a := e.NameAssignment(&img.Assignment)
		fmt.Fprintln(&b, img.Name, "owner", e.ServerName(img.Owner), "assigned", a.Mode, a.Servers, a.Sites, "at", img.Location, img.Format)
		for k := range img.Copies {
			if c := &img.Copies[k]; c.Server == img.Owner {
				fmt.Fprintln(&b, "  ", e.ServerName(c.Server), c.Evidence.Files, c.Evidence.Digest)
			}
		}
	}
	for _, p := range e.Preboots {
		fmt.Fprintln(&b, p.Name, "connects to", p.ConnectsTo)
	}
	return b.String()
}

// TestSameEnds: an apply over the wire ends as one on the lab does, and leaves the
// same behind.
func TestSameEnds(t *testing.T) {
	for _, name := range wiredExamples() {
		t.Run(name, func(t *testing.T) {
			over, here := overWire(t, name, nil), beside(t, name)
			wantCode, wantLine := here.applied()
			code, line := over.applied()
			if code != wantCode || line != wantLine {
				t.Errorf("%d %q, want %d %q", code, line, wantCode, wantLine)
			}
			if diff := cmp.Diff(here.ends(), over.ends()); diff != "" {
				t.Errorf("-lab +wire:\n%s", diff)
			}
			want, got := here.plan(), over.plan()
			if want.ID != got.ID {
				t.Errorf("the plans that remain differ:\n%s", cmp.Diff(want.String(), got.String()))
			}
		})
	}
}

// TestDoctor: a whole platform is well, the doctor changes nothing on it unless asked,
// and what is wrong is told with what would help.
func TestDoctor(t *testing.T) {
	w := overWire(t, "retire-ps008", nil)
	code, out := w.run("doctor", "-bundle=b.zip")
	if code != exitSuccess || !strings.Contains(out, " 0 fail,") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	for _, call := range w.server.Journal() {
		if call.Changes {
			t.Errorf("it changed something: %s", call.Method)
		}
	}
	code, out = w.run("doctor", "-json", "-write", "-image=WIN11-23H2")
	var doc struct {
		FormatVersion         string `json:"format_version"`
		Works, Fails, Untried int
		Checks                []smp.Check
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != exitSuccess || doc.Works+doc.Fails+doc.Untried != len(doc.Checks) || doc.FormatVersion != "1.0" {
		t.Errorf("exit code %d, %v:\n%s", code, err, out)
	}
	changed := slices.DeleteFunc(w.server.Journal(), func(c serve.Call) bool { return !c.Changes })
	if len(changed) != 1 || !strings.HasPrefix(changed[0].Method, "SetPackageServerSettings") {
		t.Errorf("it changed: %v", changed)
	}
	sick := overWire(t, "retire-ps008", []string{"image_packages=invalid type", "denied=TaskManagementService"})
	code, out = sick.run("doctor")
	for _, want := range []string{"fails    GetTask", "fails    GetPackage of", "-> ", "untried  writing an assignment"} {
		if code != exitDiffers || !strings.Contains(out, want) {
			t.Errorf("exit code %d, %q is not in:\n%s", code, want, out)
			break
		}
	}
	if code, out := w.run("doctor", "-write"); code != exitError || !strings.Contains(out, "Which image?") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	if code, out := beside(t, "retire-ps008").run("doctor"); code != exitError || !strings.Contains(out, "Nothing to examine") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}

var operatorsBlocks = regexp.MustCompile(`(?ms)^  (refresh|membership|action "\w+") \{\n.*?^  \}\n`)

// TestOperatorOverTheWire: without a task, a schedule and commands, and with nobody
// there, apply does what it can, leaves the rest in a runbook, and goes on when it was
// done.
func TestOperatorOverTheWire(t *testing.T) {
	w := overWire(t, "owner-off", nil)
	main := filepath.Join(w.dir, "pslan.hcl")
	text, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	w.write("pslan.hcl", operatorsBlocks.ReplaceAllString(string(text), ""))
	p := w.plan()
	for _, s := range p.Steps {
		if (s.Op == "sync" || s.Op == "take_ownership") && s.By != "operator" {
			t.Errorf("%s is by %s", s.Op, s.By)
		}
	}
	for round := range 30 {
		code, out := w.run("apply", "-auto-approve", "-runbook=runbook.md")
		if code == exitSuccess {
			if round < 3 {
				t.Errorf("it took the operator only %d rounds", round)
			}
			return
		}
		if code != exitWorkRemains {
			t.Fatalf("exit code %d:\n%s", code, out)
		}
		book, err := os.ReadFile(filepath.Join(w.dir, "runbook.md"))
		if err != nil {
			t.Fatal(err)
		}
		w.follow(string(book))
	}
	t.Error("it never ended")
}

var (
	bookRefresh = regexp.MustCompile(`Refresh the policy on ([^\s*]+)`)
	bookTake    = regexp.MustCompile(`Take ownership of (\S+) \(package \S+\) on ([^\s*]+)`)
	bookRetire  = regexp.MustCompile(`Remove the package service role of ([^\s*]+)`)
)

// follow does what a runbook says.
func (w *wired) follow(book string) {
	w.t.Helper()
	do := func(args ...string) {
		if err := w.lab.Do(args); err != nil {
			w.t.Fatalf("%v: %v\n%s", args, err, book)
		}
	}
	if bookRefresh.MatchString(book) {
		do("update-membership")
	}
	for _, m := range bookRefresh.FindAllStringSubmatch(book, -1) {
		do("refresh", m[1])
	}
	for _, m := range bookTake.FindAllStringSubmatch(book, -1) {
		do("take-ownership", m[2], m[1])
	}
	for _, m := range bookRetire.FindAllStringSubmatch(book, -1) {
		do("retire", m[1])
	}
	if err := w.lab.Advance(3 * time.Hour); err != nil { // he comes back after a while
		w.t.Fatal(err)
	}
}
