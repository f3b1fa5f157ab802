package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var contentBlock = regexp.MustCompile("(?s)`content.hcl`:\n\n```hcl\n(.*?)```")

// TestEvidencePage does what docs/evidence.md says, in the example that it names.
func TestEvidencePage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "evidence.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(text), "\r\n", "\n")
	block := contentBlock.FindStringSubmatch(page)
	if block == nil {
		t.Fatal("the page has no content.hcl")
	}
	dir := unpack(t, "retire-ps008").dir
	if err := os.Mkdir(filepath.Join(dir, "manifests"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "content.hcl"), []byte(block[1]), 0o644); err != nil {
		t.Fatal(err)
	}
	commands := readCommands(page)
	if len(commands) < 5 {
		t.Fatalf("the page has %d commands", len(commands))
	}
	reader := &reader{dir: dir, bin: t.TempDir()}
	for _, c := range commands {
		reader.do(t, c)
	}
	if _, err := os.Stat(filepath.Join(dir, "content.json")); err != nil {
		t.Error("nothing was recorded")
	}
}
