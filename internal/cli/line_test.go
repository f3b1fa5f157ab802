package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// testTree is a small tree of commands with a flag of each sort.
func testTree() *cobra.Command {
	root := &cobra.Command{Use: "pslan"}
	root.PersistentFlags().String("chdir", "", "")
	root.PersistentFlags().String("color", "", "")
	root.PersistentFlags().Bool("no-color", false, "")
	plan := &cobra.Command{Use: "plan", Run: func(*cobra.Command, []string) {}}
	plan.Flags().String("out", "", "")
	plan.Flags().StringArray("var", nil, "")
	plan.Flags().Bool("json", false, "")
	lab := &cobra.Command{Use: "lab"}
	lab.AddCommand(&cobra.Command{Use: "show", Run: func(*cobra.Command, []string) {}})
	root.AddCommand(plan, lab)
	return root
}

func TestReadLine(t *testing.T) {
	for _, c := range []struct {
		name, args, env, want string
	}{
		{"one dash", "plan -out=x -json", "", "plan --out=x --json"},
		{"two dashes", "plan --out x --json", "", "plan --out x --json"},
		{"value in the next word", "plan -out x", "", "plan --out x"},
		{"a value that looks like a flag", "plan -var -a=b -json", "", "plan --var -a=b --json"},
		{"a value that is a command", "-chdir plan plan -json", "", "plan --chdir plan --json"},
		{"flags before the command", "-chdir=d -no-color plan -json", "", "plan --chdir=d --no-color --json"},
		{"flags between the words", "lab -no-color show", "", "lab show --no-color"},
		{"after two dashes", "plan -json -- -out x", "", "plan --json -- -out x"},
		{"one letter", "plan -h", "", "plan -h"},
		{"a lone dash", "plan -", "", "plan -"},
		{"unknown flags", "plan -otu=x", "", "plan --otu=x"},
		{"unknown command", "plam -out=x", "", "plam --out=x"},
		{"nothing", "", "", ""},
		{"from the environment", "plan -out=y", "PSLAN_CLI_ARGS=-out=x -json", "plan --out=x --json --out=y"},
		{"for one command", "-chdir=d plan a", "PSLAN_CLI_ARGS_plan=-out x", "plan --chdir=d --out x a"},
		{"for another command", "plan", "PSLAN_CLI_ARGS_apply=-out x", "plan"},
		{"for a command of two words", "lab show", "PSLAN_CLI_ARGS_lab_show=-no-color", "lab show --no-color"},
		{"two dashes in the environment", "plan -json", "PSLAN_CLI_ARGS=--", "plan -- --json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			line, err := readLine(testTree(), strings.Fields(c.args), environ{c.env})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(line.args, " "); got != c.want {
				t.Errorf("%q becomes %q, want %q", c.args, got, c.want)
			}
		})
	}
}

func TestReadLineChoosesTheView(t *testing.T) {
	for _, c := range []struct {
		args  string
		json  bool
		color colorChoice
		chdir string
	}{
		{"plan", false, colorUnset, ""},
		{"plan -json", true, colorUnset, ""},
		{"plan -json=false", false, colorUnset, ""},
		{"plan -json -json=false", false, colorUnset, ""},
		{"plan -out -json", false, colorUnset, ""},
		{"plan -- -json", false, colorUnset, ""},
		{"plan -no-color", false, colorNever, ""},
		{"plan -no-color -color=always", false, colorAlways, ""},
		{"plan -color always -no-color", false, colorNever, ""},
		{"-color=auto plan", false, colorAuto, ""},
		{"-chdir=a plan -chdir b", false, colorUnset, "b"},
	} {
		line, err := readLine(testTree(), strings.Fields(c.args), nil)
		if err != nil || line.json != c.json || line.color != c.color || line.chdir != c.chdir {
			t.Errorf("%q: json %v, color %q, chdir %q, error %v; want %v, %q, %q", c.args,
				line.json, line.color, line.chdir, err, c.json, c.color, c.chdir)
		}
	}
}

func TestReadLineLeavesCompletionAlone(t *testing.T) {
	args := []string{cobra.ShellCompRequestCmd, "plan", "-o"}
	line, err := readLine(testTree(), args, environ{"PSLAN_CLI_ARGS=-json"})
	if err != nil || !slices.Equal(line.args, args) {
		t.Errorf("completion arguments became %q, %v", line.args, err)
	}
}

func TestReadLineOpenQuote(t *testing.T) {
	line, err := readLine(testTree(), []string{"plan", "-json"}, environ{"PSLAN_CLI_ARGS=-var 'a"})
	if err == nil || !strings.Contains(err.Error(), "PSLAN_CLI_ARGS cannot be split") {
		t.Errorf("error %v, want one that names the variable", err)
	}
	if !line.json {
		t.Error("the view must be known in spite of the error")
	}
}
