package examples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pages are the manual's pages, with README.md and those of the examples.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range []string{"README.md", "docs/*.md", "docs/rules/*.md", "examples/*/README.md"} {
		for _, path := range glob(t, "..", filepath.FromSlash(pattern)) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			found[path] = strings.ReplaceAll(string(text), "\r\n", "\n")
		}
	}
	return found
}

var hclBlock = regexp.MustCompile("(?ms)^```hcl\n(.*?)^```$")

// TestBlocksInDocs: every piece of HCL in the manual parses and is in the usual form.
func TestBlocksInDocs(t *testing.T) {
	blocks := 0
	for path, text := range pages(t) {
		for _, m := range hclBlock.FindAllStringSubmatch(text, -1) {
			blocks++
			cmd := exec.Command(binary, "fmt", "-check", "-diff", "-")
			cmd.Stdin = strings.NewReader(m[1])
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s\n%s", path, err, m[1], out)
			}
		}
	}
	if blocks < 10 {
		t.Errorf("only %d pieces of HCL were found", blocks)
	}
}

var link = regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)

// TestLinks: what a page links to is there.
func TestLinks(t *testing.T) {
	for path, text := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), filepath.FromSlash(m[1]))); err != nil {
				t.Errorf("%s links to %s, which is not there", path, m[1])
			}
		}
	}
}

var (
	commandLine = regexp.MustCompile("(?m)(?:^\\$ |`)pslan ([a-z]+)((?: [^`\n]*)?)")
	flagOf      = regexp.MustCompile(`(?:^|[ \[])-([a-z][a-z-]*)`)
)

// TestCommandsInDocs: every command and flag that the manual names exists.
func TestCommandsInDocs(t *testing.T) {
	help := map[string][]string{} // flags by command
	named := 0
	for path, text := range pages(t) {
		for _, m := range commandLine.FindAllStringSubmatch(text, -1) {
			name, rest := m[1], m[2]
			if name == "lab" {
				sub, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
				name += " " + sub
			}
			if _, asked := help[name]; !asked {
				help[name] = flagsOf(t, name)
			}
			if help[name] == nil {
				t.Errorf("%s names the command pslan %s, which does not exist", path, name)
				continue
			}
			named++
			for _, f := range flagOf.FindAllStringSubmatch(rest, -1) {
				if !slices.Contains(help[name], f[1]) {
					t.Errorf("%s names pslan %s -%s; it has no such flag", path, name, f[1])
				}
			}
		}
	}
	if named < 30 {
		t.Errorf("only %d commands were found", named)
	}
}

var helpFlag = regexp.MustCompile(`(?m)^  -([a-z][a-z-]*)`)

// flagsOf returns the flags of a command, nil if there is no such command.
func flagsOf(t *testing.T, name string) []string {
	t.Helper()
	out, err := exec.Command(binary, append(strings.Fields(name), "-help")...).Output()
	if err != nil {
		return nil
	}
	flags := []string{"help"}
	for _, m := range helpFlag.FindAllStringSubmatch(string(out), -1) {
		flags = append(flags, m[1])
	}
	return flags
}
