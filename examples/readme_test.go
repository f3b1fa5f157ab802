package examples_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pslan/examples"
)

// TestReadme runs every command of the console blocks of README.md, in order, in a
// copy of the repository's examples, and holds what it prints against the block, where
// that has any lines. A line "..." stands for any lines; "# exit code N" after a command for its exit code.
func TestReadme(t *testing.T) {
	path := filepath.Join("..", "README.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	commands := readCommands(strings.ReplaceAll(string(text), "\r\n", "\n"))
	if len(commands) < 10 {
		t.Fatalf("README.md has %d commands; the tour is gone", len(commands))
	}
	reader := newReader(t)
	for _, c := range commands {
		reader.do(t, c)
		if t.Failed() {
			return // what follows stands on it
		}
	}
}

// TestReadmesOfExamples runs the commands that the README.md of each example on a lab names.
func TestReadmesOfExamples(t *testing.T) {
	for _, name := range examples.OnLab() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := fs.ReadFile(examples.FS(), name+"/README.md")
			if err != nil {
				t.Fatal(err)
			}
			commands := readCommands(string(text))
			if len(commands) < 2 {
				t.Errorf("only %d commands", len(commands))
			}
			reader := &reader{dir: unpack(t, name).dir, bin: t.TempDir()}
			for _, c := range commands {
				reader.do(t, c)
			}
		})
	}
}

// command is one line "$ ..." of a console block with the lines that it prints.
type command struct {
	line   string
	prints []string
}

func readCommands(page string) []*command {
	var commands []*command
	var current *command
	inside := false
	for _, line := range strings.Split(page, "\n") {
		switch {
		case !inside:
			inside = line == "```console"
		case line == "```":
			inside, current = false, nil
		case strings.HasPrefix(line, "$ "):
			current = &command{line: line[2:]}
			commands = append(commands, current)
		case current != nil:
			current.prints = append(current.prints, line)
		}
	}
	return commands
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
	if len(c.prints) > 0 {
		c.compare(t, string(out))
	}
}

// compare holds the printed lines against those of the block.
func (c *command) compare(t *testing.T, out string) {
	t.Helper()
	got, want := trimmed(strings.Split(out, "\n")), trimmed(c.prints)
	if !matches(want, got) {
		t.Errorf("$ %s\nprints:\n%s\n\nREADME.md says:\n%s", c.line, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// trimmed takes away spaces at the ends of lines, and empty lines at the end.
func trimmed(lines []string) []string {
	var all []string
	for _, line := range lines {
		all = append(all, strings.TrimRight(line, " \r"))
	}
	for len(all) > 0 && all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	return all
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

func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		pattern, lines string
		want           bool
	}{
		{"a b", "a b", true},
		{"a b", "a", false},
		{"a", "a b", false},
		{"...", "", true},
		{"a ... c", "a c", true},
		{"a ... c", "a b b c", true},
		{"a ... c", "a b b", false},
		{"... c ...", "a b c d", true},
		{"... c ... b", "a b c d", false},
	} {
		if got := matches(strings.Fields(tt.pattern), strings.Fields(tt.lines)); got != tt.want {
			t.Errorf("matches(%q, %q) = %v", tt.pattern, tt.lines, got)
		}
	}
}
