package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestBounds: what would overflow the stack of a parser, or fill the memory, is
// refused before a parser sees it.
func TestBounds(t *testing.T) {
	many := func(s string) string { return strings.Repeat(s, 1_000_000) }
	tests := []struct{ name, file, text string }{
		{"brackets", "x.hcl", "locals { a = " + many("[")},
		{"braces", "x.hcl", many("a {\n")},
		{"templates", "x.hcl", "locals { a = " + many(`"${`)},
		{"directives", "x.hcl", `locals { a = "` + many("%{ if true }") + `" }`},
		{"operators", "x.hcl", "locals { a = 1" + many("+1") + " }"},
		{"signs", "x.hcl", "locals { a = " + many("-") + "1 }"},
		{"questions", "x.hcl", "locals { a = true " + many("? 1 : true ")},
		{"indexes", "x.hcl", "locals { a = b" + many("[0]") + " }"},
		{"behind a strange heredoc", "x.hcl", "locals { a = <<€\n" + many("[")},
		{"behind a strange dollar", "x.hcl", "locals { a = \"$$${\" " + many("[")},
		{"words", "x.hcl", "locals { a = [" + many("1,1,1,1,1,") + "] }"},
		{"JSON brackets", "x.hcl.json", many("[")},
		{"JSON objects", "x.hcl.json", many(`{"a":`)},
		{"JSON templates", "x.hcl.json", `{"locals": {"a": "${` + many("[") + `"}}`},
		{"JSON templates in disguise", "x.hcl.json", `{"locals": {"a": "\u0024{` + many(`\u005b`) + `"}}`},
		{"JSON words", "x.hcl.json", "[" + many("1,1,1,1,1,")},
		{"variables", "pslan.vars.hcl", "a = " + many("[")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := writeFolder(t, "main.hcl", `connection "lab" {}`+"\n", tt.file, tt.text)
			_, diags := Load(Options{Dir: dir})
			if len(diags) != 1 || diags[0].Summary != "File is too deep or too dense" || diags[0].Subject.Filename != tt.file {
				t.Errorf("got:\n%s", render(diags))
			}
		})
	}
}

func TestBoundOnFlags(t *testing.T) {
	dir := writeFolder(t, "main.hcl", "connection \"lab\" {}\nvariable \"v\" { type = any }\n")
	_, diags := Load(Options{Dir: dir, Vars: []VarArg{{Name: "v", Value: strings.Repeat("[", 100_000)}}})
	if len(diags) != 1 || !strings.Contains(diags[0].Detail, "deeper than 200 levels") {
		t.Errorf("got:\n%s", render(diags))
	}
}

func TestBoundOnDecodedJSON(t *testing.T) {
	dir := writeFolder(t, "main.hcl", "connection \"lab\" {}\nlocals { a = jsondecode(file(\"deep.json\")) }\n", "deep.json", strings.Repeat("[", 1_000_000))
	_, diags := Load(Options{Dir: dir})
	if len(diags) != 1 || !strings.Contains(diags[0].Detail, "the nesting is too deep") {
		t.Errorf("got:\n%s", render(diags))
	}
}

func TestUnreadableFolders(t *testing.T) {
	tests := []struct {
		name  string
		dir   func(t *testing.T) string
		title string
	}{
		{"missing", func(t *testing.T) string { return filepath.Join(t.TempDir(), "none") }, "Folder cannot be read"},
		{"empty", func(t *testing.T) string { return t.TempDir() }, "No configuration files"},
		{"a file", func(t *testing.T) string { return filepath.Join(writeFolder(t, "f", ""), "f") }, "Folder cannot be read"},
		{"values only", func(t *testing.T) string {
			return writeFolder(t, "pslan.vars.hcl", "", "x.pstest.hcl", "", ".hidden.hcl", "")
		}, "No configuration files"},
		{"not UTF-8", func(t *testing.T) string {
			return writeFolder(t, "main.hcl", "connection \"lab\" {}\n", "latin1.hcl", "# gr\xfc\xdfe\n")
		}, "File is not UTF-8"},
		{"too big", func(t *testing.T) string {
			dir := writeFolder(t, "main.hcl", "connection \"lab\" {}\n", "big.hcl", "")
			if err := os.Truncate(filepath.Join(dir, "big.hcl"), maxFileBytes+1); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "File cannot be read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, diags := Load(Options{Dir: tt.dir(t)})
			if l == nil || len(diags) != 1 || diags[0].Summary != tt.title {
				t.Errorf("want %q, got:\n%s", tt.title, render(diags))
			}
		})
	}
}

func TestFiles(t *testing.T) {
	dir := writeFolder(t, "b.hcl", "", "a.hcl.json", "", "c.tf", "", "pslan.vars.hcl", "", "x.auto.vars.hcl.json", "", "t.pstest.hcl", "", ".a.hcl", "", "sub/d.hcl", "")
	names, err := Files(dir)
	if err != nil || fmt.Sprint(names) != "[a.hcl.json b.hcl]" {
		t.Errorf("files %v, %v", names, err)
	}
}

// TestSyntaxErrorsStandAlone: a file with a syntax error tells of that alone, and
// what it may declare is not missed elsewhere.
func TestSyntaxErrorsStandAlone(t *testing.T) {
	dir := writeFolder(t,
		"broken.hcl", "connection \"lab\" {}\nlocals { a = }\nvariable \"v\" { nonsense = 1 }\npackage_server \"p\" { host = \"P\" }\n",
		"sound.hcl", "image \"i\" {\n  name  = local.a\n  owner = package_server.q\n  ownr  = var.w\n}\n",
		"late.hcl", "image \"j\" {\n  name = = 1\n}\nimage \"k\" {\n  nme = \"x\"\n}\n",
	)
	_, diags := Load(Options{Dir: dir, Vars: []VarArg{{Name: "x", Value: "y"}}})
	want := `error: Invalid expression
  broken.hcl:2,14-15: locals { a = }
  Expected the start of an expression, but found an invalid expression token.

error: Invalid expression
  late.hcl:2,10-11: name = = 1
  Expected the start of an expression, but found an invalid expression token.

error: Unknown argument (in image "i")
  sound.hcl:4,3-7: ownr  = var.w
  image "i" has no argument "ownr". Did you mean "owner"?

`
	if got := render(diags); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestUTF16: what PowerShell's > writes is named as that, and not shown.
func TestUTF16(t *testing.T) {
	for _, text := range []string{"\xff\xfec\x00o\x00\r\x00\n\x00", "\xfe\xff\x00c\x00o\x00\r\x00\n"} {
		_, diags := Load(Options{Dir: writeFolder(t, "main.hcl", text)})
		if len(diags) != 1 || !strings.HasPrefix(diags[0].Detail, "It is UTF-16,") || diags[0].Source != "" {
			t.Errorf("%q:\n%s", text, render(diags))
		}
	}
}
