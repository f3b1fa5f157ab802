package rules_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pslan/internal/rules"
)

var update = flag.Bool("update", false, "rewrite docs/rules and the golden files")

// docs is where the generated pages lie.
var docs = filepath.Join("..", "..", "docs", "rules")

//go:generate go test -run TestPagesAreUpToDate -update

func TestPagesAreUpToDate(t *testing.T) {
	want := map[string]string{"README.md": rules.Contents()}
	for _, r := range rules.All() {
		want[string(r.Code)+".md"] = rules.Page(r)
	}
	if *update {
		if err := os.MkdirAll(docs, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range want {
			if err := os.WriteFile(filepath.Join(docs, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	entries, err := os.ReadDir(docs)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := want[e.Name()]; !ok {
			t.Errorf("%s belongs to no rule", e.Name())
		}
	}
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(docs, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if strings.ReplaceAll(string(got), "\r\n", "\n") != text {
			t.Errorf("%s is not what the rule says; run go generate ./internal/rules", name)
		}
	}
}

func TestEveryRuleIsDocumented(t *testing.T) {
	for _, r := range rules.All() {
		if r.Fix == "" {
			t.Errorf("%s: no advice", r.Code)
		}
		for name, text := range map[string]string{
			"Means": r.Doc.Means, "Why": r.Doc.Why, "Example": r.Doc.Example, "Quiet": r.Doc.Quiet, "Do": r.Doc.Do,
		} {
			if len(text) < 20 {
				t.Errorf("%s: %s says next to nothing: %q", r.Code, name, text)
			}
			if strings.Count(text, "|")%2 != 0 {
				t.Errorf("%s: %s has a bar without a partner", r.Code, name)
			}
			for l := range strings.SplitSeq(text, "\n") {
				if len([]rune(l)) > 92 {
					t.Errorf("%s: %s has a line of %d columns: %s", r.Code, name, len([]rune(l)), l)
				}
				if strings.TrimRight(l, " ") != l {
					t.Errorf("%s: %s has a line that ends in spaces: %q", r.Code, name, l)
				}
			}
		}
	}
}

func TestExplainAndPageSayTheSame(t *testing.T) {
	words := func(s string) []string {
		s = strings.NewReplacer("`", "", "#", "").Replace(s)
		return strings.Fields(s)
	}
	for _, r := range rules.All() {
		page, _, _ := strings.Cut(rules.Page(r), "\n---\n")
		if explain := words(r.Explain()); !slices.Equal(explain, words(page)) {
			t.Errorf("%s: the page and the explanation differ", r.Code)
		}
	}
}
