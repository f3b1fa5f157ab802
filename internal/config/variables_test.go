package config

import (
	"path/filepath"
	"strings"
	"testing"
)

// variableFolder declares one variable and says its value through an image's name.
func variableFolder(t *testing.T, declaration string, files ...string) string {
	t.Helper()
	return writeFolder(t, append([]string{"main.hcl", "connection \"lab\" {}\n" + declaration + "\nimage \"i\" { name = tostring(var.v) }\n"}, files...)...)
}

// TestPrecedenceOfVariables adds one source after the other, each above the last.
func TestPrecedenceOfVariables(t *testing.T) {
	dir := variableFolder(t, `variable "v" { default = "default" }`)
	opts := Options{Dir: dir}
	outside := filepath.Join(writeFolder(t, "more.vars.hcl", `v = "-var-file"`), "more.vars.hcl")
	steps := []struct {
		name string
		add  func()
	}{
		{"default", func() {}},
		{"environment", func() { opts.Env = []string{"PSLAN_VAR_v=environment", "PSLAN_VAR_other=x", "HOME=/"} }},
		{"pslan.vars.hcl", func() { addFile(t, dir, "pslan.vars.hcl", `v = "pslan.vars.hcl"`) }},
		{"pslan.vars.hcl.json", func() { addFile(t, dir, "pslan.vars.hcl.json", `{"v": "pslan.vars.hcl.json"}`) }},
		{"b.auto.vars.hcl", func() { addFile(t, dir, "b.auto.vars.hcl", `v = "b.auto.vars.hcl"`) }},
		{"c.auto.vars.hcl.json", func() { addFile(t, dir, "c.auto.vars.hcl.json", `{"v": "c.auto.vars.hcl.json"}`) }},
		{"c.auto.vars.hcl.json", func() { addFile(t, dir, "a.auto.vars.hcl", `v = "earlier name"`) }},
		{"c.auto.vars.hcl.json", func() { addFile(t, dir, "production.vars.hcl", `v = "read only when named"`) }},
		{"-var", func() { opts.Vars = append(opts.Vars, VarArg{Name: "v", Value: "-var"}) }},
		{"-var-file", func() { opts.Vars = append(opts.Vars, VarArg{File: outside}) }},
		{"last", func() { opts.Vars = append(opts.Vars, VarArg{Name: "v", Value: "last"}) }},
	}
	for _, step := range steps {
		step.add()
		if got := mustLoad(t, opts).Declared.Images[0].Name; got != step.name {
			t.Fatalf("value %q, want %q", got, step.name)
		}
	}
}

func addFile(t *testing.T, dir, name, text string) {
	t.Helper()
	files := writeFolder(t, name, text)
	copyFile(t, filepath.Join(files, name), filepath.Join(dir, name))
}

func TestTypesOfVariables(t *testing.T) {
	tests := []struct{ name, declaration, flag, want string }{
		{"text without type", `variable "v" {}`, "[1]", `"[1]"`},
		{"text", `variable "v" { type = string }`, "5", `"5"`},
		{"number", `variable "v" { type = number }`, "5", `5`},
		{"bool", `variable "v" { type = bool }`, "true", `true`},
		{"list", `variable "v" { type = list(string) }`, `["a", 1]`, `["a","1"]`},
		{"set", `variable "v" { type = set(string) }`, `["b", "a", "b"]`, `["a","b"]`},
		{"optional", "variable \"v\" {\n  type = object({ a = string, b = optional(number, 7) })\n}", `{ a = "x" }`, `{"a":"x","b":7}`},
		{"any", `variable "v" { type = any }`, `{ a = [true] }`, `{"a":[true]}`},
		{"null takes the default", "variable \"v\" {\n  type = any\n  default = \"d\"\n  nullable = false\n}", `null`, `"d"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := writeFolder(t, "main.hcl", "connection \"lab\" {}\n"+tt.declaration+"\n")
			l := mustLoad(t, Options{Dir: dir, Vars: []VarArg{{Name: "v", Value: tt.flag}}})
			if got := l.Variables["v"].Value; got != tt.want {
				t.Errorf("value %s, want %s", got, tt.want)
			}
		})
	}
}

func TestMistakesInValues(t *testing.T) {
	tests := []struct {
		name, declaration string
		opts              Options
		files             []string
		want              string
	}{
		{"undeclared -var", `variable "v" { default = "" }`, Options{Vars: []VarArg{{Name: "w", Value: "x"}}}, nil,
			"error: Value for an undeclared variable\n  -\n  -var gives a value for \"w\", and there is no such variable. Did you mean \"v\"?\n\n"},
		{"undeclared in a file", `variable "v" { default = "x" }`, Options{}, []string{"pslan.vars.hcl", "vv = 1\n"},
			"warning: Value for an undeclared variable\n  pslan.vars.hcl:1,1-3: vv = 1\n  There is no variable \"vv\". Did you mean \"v\"?\n\n"},
		{"wrong type", "variable \"v\" {\n  type = number\n}", Options{Env: []string{"PSLAN_VAR_v=many"}}, nil,
			"error: Wrong type (in variable \"v\")\n  -\n  The value of v from the environment (PSLAN_VAR_v) does not fit its type number: a number is required.\n\n"},
		{"not literal", `variable "v" {}`, Options{}, []string{"pslan.vars.hcl", "v = upper(\"x\")\n"},
			"error: Value cannot be evaluated (in variable \"v\")\n  pslan.vars.hcl:1,5-15: v = upper(\"x\")\n  The value of v from pslan.vars.hcl is no literal value: references and functions have no meaning there. Functions may not be called here.\n\n"},
		{"block in values", `variable "v" { default = "x" }`, Options{}, []string{"pslan.vars.hcl", "v {\n}\n"},
			"error: Unexpected \"v\" block\n  pslan.vars.hcl:1,1-2: v {\n  A file of variables holds lines of the form name = value, and no blocks. Files with blocks are called *.hcl without \".vars\".\n\n"},
		{"broken list", "variable \"v\" {\n  type = list(string)\n}", Options{Vars: []VarArg{{Name: "v", Value: "[a"}}}, nil,
			"error: Value cannot be read (in variable \"v\")\n  -\n  The value of v from -var is not written as a value of its type: There is no corresponding closing bracket before the end of the file. This may be caused by incorrect bracket nesting elsewhere in this file. Lists are written [\"a\", \"b\"], maps {a = \"b\"}; mind the quotes of the shell.\n\n"},
		{"missing file", `variable "v" { default = "x" }`, Options{Vars: []VarArg{{File: "no-such.vars.hcl"}}}, nil,
			"error: File cannot be read\n  no-such.vars.hcl:1,1-1\n  no-such.vars.hcl cannot be read: it does not exist.\n\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.opts.Dir = writeFolder(t, append([]string{"main.hcl", "connection \"lab\" {}\n" + tt.declaration + "\n"}, tt.files...)...)
			_, diags := Load(tt.opts)
			if got := render(diags); got != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

// TestSensitiveValuesStayInside puts a secret wherever a mistake could bring it out.
func TestSensitiveValuesStayInside(t *testing.T) {
	const secret = "hush-hush"
	uses := []string{
		`image "i" { name = var.v }`,
		`image "i" { name = "${var.v}-x" }`,
		`image "i" { name = upper(nonsense(var.v)) }`,
		`image "i" { name = parseint(var.v, 10) }`,
		`image "i" { name = jsondecode(var.v) }`,
		`image "i" { name = regex("x", var.v) }`,
		`image "i" { name = { a = 1 }[var.v] }`,
		`image "i" { name = tonumber(var.v) }`,
		`image "i" { name = local.l[5] }`,
		`image "i" { name = file(var.v) }`,
		`image "i" { name = 1 + var.v }`,
		"image \"i\" {\n  for_each = local.l\n  name = each.value\n}",
		"image \"i\" {\n  for_each = { a = var.v }\n  name = each.value\n}",
		"image \"i\" {\n  name = \"I\"\n  owner = var.v\n}",
		"image \"i\" {\n  name = \"I\"\n  assignment { servers = local.l }\n}",
		"image \"i\" {\n  name = \"I\"\n  assignment { servers = var.v }\n}",
		"image \"i\" {\n  name = \"I\"\n  acknowledge \"PSL303\" { reason = var.v }\n}",
		"images \"i\" {\n  match { name = [var.v] }\n}",
		"package_server \"p\" { host = var.v }",
		"check \"c\" {\n  assert {\n    condition = var.v\n    error_message = var.v\n  }\n}",
		"variable \"w\" {\n  default = 1\n  validation {\n    condition = var.w == var.v\n    error_message = var.v\n  }\n}",
		"content {\n  method = \"path\"\n  root = \"${server.host}/${var.v}\"\n}",
	}
	for _, use := range uses {
		for _, opts := range []Options{
			{Vars: []VarArg{{Name: "v", Value: secret}}},
			{Env: []string{"PSLAN_VAR_v=" + secret}},
			{},
		} {
			dir := writeFolder(t, "main.hcl", "connection \"lab\" {}\nvariable \"v\" { sensitive = true }\nlocals { l = [var.v] }\n"+use+"\n", "pslan.vars.hcl", "v = \""+secret+"\"\nundeclared = 1\n")
			opts.Dir = dir
			l, diags := Load(opts)
			_, more := l.ContentRoot("PS010", "ps010")
			failures, even := l.EvalChecks(twoServers())
			shown := render(append(append(diags, more...), even...))
			for _, f := range failures {
				shown += f.Message
			}
			if !diags.HasErrors() && !more.HasErrors() {
				t.Errorf("%s: the secret was let through:\n%s", use, shown)
			}
			if strings.Contains(shown, secret) {
				t.Errorf("%s: the secret was told:\n%s", use, shown)
			}
			if v := l.Variables["v"]; v.Value != "" || !v.Sensitive {
				t.Errorf("variable is shown as %+v", v)
			}
			if line, ok := l.Source("pslan.vars.hcl", 1); ok {
				t.Errorf("source line is shown: %s", line)
			}
		}
	}
}

// TestForValidate: without values, what can be checked is checked, and what depends
// on them is silent.
func TestForValidate(t *testing.T) {
	dir := writeFolder(t, "main.hcl", `connection "lab" {}
variable "host" { type = string }
variable "names" { type = set(string) }
package_server "p" { host = var.host }
image "i" {
  for_each = var.names
  name     = each.key
  owner    = package_server.p
  min_copies = "x"
}
image "j" {
  name  = "J"
  owner = var.host
}
`)
	l, diags := Load(Options{Dir: dir, ForValidate: true})
	want := "error: Wrong type (in image \"i\")\n  main.hcl:9,16-19: min_copies = \"x\"\n  min_copies of image \"i\" must be a number, not a text.\n\n"
	if got := render(diags); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if len(l.Declared.Images) != 1 || l.Declared.Images[0].Owner != nil {
		t.Errorf("images %+v", l.Declared.Images)
	}
	if len(l.Variables) != 0 {
		t.Errorf("variables without a value are shown: %v", l.Variables)
	}
}
