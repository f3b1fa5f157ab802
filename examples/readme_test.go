package examples_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pslan/examples"
)

var update = flag.Bool("update", false, "write what the commands of README.md print into README.md")

// TestReadme runs every command of the console blocks of README.md, in order, in a
// copy of the repository's examples, and holds what it prints against the block. A
// line "..." stands for any lines; "# exit code N" after a command for its exit code.
func TestReadme(t *testing.T) {
	path := filepath.Join("..", "README.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := readPage(strings.ReplaceAll(string(text), "\r\n", "\n"))
	if len(page.commands()) < 10 {
		t.Fatalf("README.md has %d commands; the tour is gone", len(page.commands()))
	}
	reader := newReader(t)
	for _, c := range page.commands() {
		reader.do(t, c)
		if t.Failed() && !*update {
			t.FailNow() // what follows stands on it
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(page.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// page is README.md as a list of pieces: text that is kept as it is, and commands.
type page struct{ pieces []*command }

// command is one line "$ ..." of a console block with the lines it prints; with
// line empty it is only text.
type command struct {
	line, text string
	prints     []string
}

func (p *page) commands() []*command {
	var all []*command
	for _, c := range p.pieces {
		if c.line != "" {
			all = append(all, c)
		}
	}
	return all
}

func (p *page) String() string {
	var b strings.Builder
	for _, c := range p.pieces {
		b.WriteString(c.text)
		if c.line != "" {
			b.WriteString("$ " + c.line + "\n")
			for _, l := range c.prints {
				b.WriteString(l + "\n")
			}
		}
	}
	return b.String()
}

func readPage(text string) *page {
	p := &page{}
	var current *command // the command whose output is being read
	inside := false
	keep := func(line string) { p.pieces = append(p.pieces, &command{text: line}) }
	for line := range strings.Lines(text) {
		bare := strings.TrimRight(line, "\n")
		switch {
		case !inside:
			inside = bare == "```console"
			keep(line)
		case bare == "```":
			inside, current = false, nil
			keep(line)
		case strings.HasPrefix(bare, "$ "):
			current = &command{line: bare[2:]}
			p.pieces = append(p.pieces, current)
		case current != nil:
			current.prints = append(current.prints, bare)
		default:
			keep(line)
		}
	}
	return p
}

// reader is somebody who types what the page says.
type reader struct {
	dir string // where they are
	bin string // where `go install` puts programs; on their PATH
}

func newReader(t *testing.T) *reader {
	t.Helper()
	clone := t.TempDir()
	if err := os.CopyFS(filepath.Join(clone, "examples"), examples.FS()); err != nil {
		t.Fatal(err)
	}
	return &reader{dir: clone, bin: t.TempDir()}
}

var exitComment = regexp.MustCompile(`\s+# exit code (\d+)$`)

func (r *reader) do(t *testing.T, c *command) {
	t.Helper()
	line, want := c.line, 0
	if m := exitComment.FindStringSubmatchIndex(line); m != nil {
		want, _ = strconv.Atoi(line[m[2]:m[3]])
		line = line[:m[0]]
	}
	words := splitLine(line)
	if words[0] == "cd" {
		r.dir = filepath.Join(r.dir, filepath.FromSlash(words[1]))
		return
	}
	program, dir := binary, r.dir
	if words[0] == "go" { // typed in the clone; the modules are here
		program, dir = "go", ".."
	}
	cmd := exec.Command(program, words[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "GOBIN="+r.bin, "PSLAN_IN_AUTOMATION=")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code != want {
		t.Errorf("$ %s\nended with %d, want %d:\n%s", c.line, code, want, out)
	}
	c.compare(t, string(out))
}

// compare holds the printed lines against the block's, where the block has some.
func (c *command) compare(t *testing.T, out string) {
	t.Helper()
	var got []string
	for line := range strings.Lines(out) {
		got = append(got, strings.TrimRight(line, " \r\n"))
	}
	for len(got) > 0 && got[len(got)-1] == "" {
		got = got[:len(got)-1]
	}
	want := c.prints
	for len(want) > 0 && want[len(want)-1] == "" {
		want = want[:len(want)-1]
	}
	if matches(want, got) {
		return
	}
	blank := c.prints[len(want):]
	if *update && !strings.Contains("\n"+strings.Join(want, "\n")+"\n", "\n...\n") {
		c.prints = append(got, blank...)
		return
	}
	t.Errorf("$ %s\nprints:\n%s\n\nREADME.md says:\n%s", c.line, strings.Join(got, "\n"), strings.Join(want, "\n"))
}

// matches reports whether lines fit a pattern in which "..." stands for any lines.
func matches(pattern, lines []string) bool {
	switch {
	case len(pattern) == 0:
		return len(lines) == 0
	case pattern[0] == "...":
		for skip := 0; skip <= len(lines); skip++ {
			if matches(pattern[1:], lines[skip:]) {
				return true
			}
		}
		return false
	}
	return len(lines) > 0 && lines[0] == pattern[0] && matches(pattern[1:], lines[1:])
}

// splitLine splits a command line at spaces, outside of single quotes.
func splitLine(line string) []string {
	var words []string
	var word strings.Builder
	quoted := false
	for _, c := range line + " " {
		switch {
		case c == '\'':
			quoted = !quoted
		case c == ' ' && !quoted:
			if word.Len() > 0 {
				words = append(words, word.String())
				word.Reset()
			}
		default:
			word.WriteRune(c)
		}
	}
	return words
}
