package examples_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pslan/examples"
)

// edit replaces text in a file of the example, which has to be there.
func (e *example) edit(t *testing.T, file string, oldNew ...string) {
	t.Helper()
	path := filepath.Join(e.dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(oldNew); i += 2 {
		if !strings.Contains(string(text), oldNew[i]) {
			t.Fatalf("%s has no %q", file, oldNew[i])
		}
	}
	if err := os.WriteFile(path, []byte(strings.NewReplacer(oldNew...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
}

var (
	servedURL    = regexp.MustCompile(`url = "(https://[^"]+)"`)
	servedFolder = regexp.MustCompile(`(?s)content \{.*?\n\}\n`)
	servedRows   = regexp.MustCompile(`(?s)rows "(\w+)" \{.*?(report = "[^"]+")`)
)

// fillIn does what README.md says for a trial without an SMP.
func (e *example) fillIn(t *testing.T, s *servedLab) {
	t.Helper()
	url, content := servedURL.FindStringSubmatch(s.block), servedFolder.FindString(s.block)
	if url == nil || content == "" {
		t.Fatalf("lab serve printed:\n%s", s.block)
	}
	e.edit(t, "pslan.hcl",
		`url = "https://smp01.contoso.com"`, `url = "`+url[1]+`"`,
		`smp = "smp01.contoso.com"`, `smp = "127.0.0.1"`,
		`# ca_file = "contoso-ca.pem"`, `ca_file = "ca.pem"`,
		`operator = "absent"`, "operator = \"absent\"\n  poll = \"20ms\"")
	if err := os.WriteFile(filepath.Join(e.dir, "content.hcl"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PSLAN_SMP_USER", `CONTOSO\svc-pslan`)
	t.Setenv("PSLAN_SMP_PASSWORD", "anything")
}

// TestRealPlatform goes through the README of real-platform: first what needs no network,
// then the walk against a lab that is served, and what it says comes after it.
func TestRealPlatform(t *testing.T) {
	text, err := fs.ReadFile(examples.FS(), examples.RealPlatform+"/README.md")
	if err != nil {
		t.Fatal(err)
	}
	begin, walk, found := strings.Cut(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n## The walk\n")
	if !found {
		t.Fatal("README.md has no walk")
	}
	start := &reader{dir: t.TempDir(), bin: t.TempDir()}
	for _, c := range readCommands(begin) {
		start.do(t, c)
	}

	e := unpack(t, examples.RealPlatform)
	e.fillIn(t, e.serveLab(t))
	commands := readCommands(walk)
	if len(commands) < 8 {
		t.Fatalf("the walk has %d commands", len(commands))
	}
	walker := &reader{dir: e.dir, bin: t.TempDir()}
	for _, c := range commands {
		if walker.do(t, c); t.Failed() {
			return // what follows stands on it
		}
	}
	if !strings.Contains(e.todo(t), "Refresh the policy on PS010") {
		t.Errorf("the runbook:\n%s", e.todo(t))
	}
}

func (e *example) todo(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(e.dir, "todo.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRealPlatformOwner goes on where the walk ends: reports in place of files, and then
// the owner, with everything by hand that has no interface.
func TestRealPlatformOwner(t *testing.T) {
	e := unpack(t, examples.RealPlatform)
	s := e.serveLab(t)
	e.fillIn(t, s)
	for _, m := range servedRows.FindAllStringSubmatch(s.block, -1) {
		if m[1] == "packages" || m[1] == "copies" {
			e.edit(t, "pslan.hcl", `csv     = "`+m[1]+`.csv"`, m[2])
		}
	}
	e.edit(t, "pslan.hcl", `max_age = "30d" # an older file is refused`, "", `max_age = "30d"`, "")
	e.edit(t, "images.hcl", "# owner = package_server.ps010", "owner = package_server.ps010")
	before := e.look(t)
	lab := filepath.Join(".pslan", "lab")
	var done []string
	do := func(what ...string) {
		e.pslan(t, 0, append([]string{"lab", "do", "-path=" + lab}, what...)...)
		done = append(done, strings.Join(what, " "))
	}
	for round := 0; ; round++ {
		if round > 6 {
			t.Fatalf("it does not come to an end; done by hand: %s", strings.Join(done, ", "))
		}
		if e.applies(t) {
			break
		}
		todo := e.todo(t)
		if strings.Contains(todo, "Take ownership of TEST-IMAGE") {
			do("take-ownership", "PS010", "TEST-IMAGE")
		}
		if strings.Contains(todo, "Refresh the policy on") {
			do("update-membership")
		}
		for _, server := range []string{"PS009", "PS010"} {
			if strings.Contains(todo, "Refresh the policy on "+server) {
				do("refresh", server)
			}
		}
	}
	e.nothingLost(t, e.heldBefore(t, before), e.look(t))
	if got, want := strings.Join(done, ", "), "update-membership, refresh PS010, take-ownership PS010 TEST-IMAGE, update-membership, refresh PS009, refresh PS010"; got != want {
		t.Errorf("done by hand: %s\nwant: %s", got, want)
	}
	if out := e.pslan(t, 0, "plan", "-detailed-exitcode"); !strings.Contains(out, "No changes.") {
		t.Error(out)
	}
}

// applies reports whether apply comes to its end; else it leaves a runbook.
func (e *example) applies(t *testing.T) bool {
	t.Helper()
	const workRemains = 13
	code, out := e.ends(t, "apply", "-auto-approve", "-runbook=todo.md")
	if code != 0 && code != workRemains {
		t.Fatalf("apply ends with %d:\n%s", code, lastLines(out, 60))
	}
	return code == 0
}
