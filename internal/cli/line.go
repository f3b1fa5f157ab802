package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commandLine is what can be told of the arguments before any of them is acted
// on: enough to choose the view and the folder.
type commandLine struct {
	args  []string // the command's words first, then the rest, flags with two dashes
	cmd   *cobra.Command
	path  []string // the command's words: lab, show
	json  bool
	color colorChoice
	chdir string
}

// readLine finds the command, adds the arguments of the environment right after
// it, and writes every flag with two dashes. It judges nothing: what is unknown
// is left for the command's own parser to refuse.
func readLine(root *cobra.Command, args []string, env environ) (commandLine, error) {
	if len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		return commandLine{args: args, cmd: root}, nil
	}
	before, after := splitAtCommand(root, args)
	line := commandLine{cmd: before.cmd, path: before.path}
	added, err := env.commandArgs(line.path)
	w := &lineReader{line: &line}
	w.read(before.flags)
	w.read(added)
	w.ended = false // a "--" in the environment ends nothing of the command line
	w.read(after)
	line.args = slices.Concat(line.path, w.out)
	return line, err
}

// commandWords is the part of the arguments up to the last word of the command.
type commandWords struct {
	cmd   *cobra.Command
	path  []string
	flags []string // flags written before or between the words
}

// splitAtCommand walks the words that name commands. A word after a flag that
// takes a value is that value, never a command.
func splitAtCommand(root *cobra.Command, args []string) (commandWords, []string) {
	words := commandWords{cmd: root}
	rest := args
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			break
		}
		if name, _, hasValue, ok := splitFlag(arg); ok {
			if f := findFlag(words.cmd, name); f != nil && !hasValue && takesValue(f) {
				i++
			}
			continue
		}
		child := childNamed(words.cmd, arg)
		if child == nil {
			break
		}
		words.flags = append(words.flags, rest[:len(rest)-len(args[i:])]...)
		words.cmd, words.path = child, append(words.path, child.Name())
		rest = args[i+1:]
	}
	return words, rest
}

func childNamed(c *cobra.Command, name string) *cobra.Command {
	for _, child := range c.Commands() {
		if child.Name() == name {
			return child
		}
	}
	return nil
}

// lineReader rewrites arguments and notes the flags that choose the view.
type lineReader struct {
	line  *commandLine
	out   []string
	ended bool // after "--"
}

func (w *lineReader) read(args []string) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		name, value, hasValue, ok := splitFlag(arg)
		switch {
		case w.ended || arg == "--":
			w.ended = true
			w.out = append(w.out, arg)
			continue
		case !ok:
			w.out = append(w.out, arg)
			continue
		}
		w.out = append(w.out, twoDashes(arg))
		f := findFlag(w.line.cmd, name)
		if f == nil {
			continue
		}
		if !hasValue {
			value = f.NoOptDefVal
			if takesValue(f) && i+1 < len(args) {
				i++
				value = args[i]
				w.out = append(w.out, value)
			}
		}
		w.note(f, value)
	}
}

func (w *lineReader) note(f *pflag.Flag, value string) {
	switch f.Name {
	case "json":
		w.line.json = value != "false" && value != "0"
	case "chdir":
		w.line.chdir = value
	case "color":
		w.line.color = colorChoice(value)
	case "no-color":
		if value != "false" && value != "0" {
			w.line.color = colorNever
		}
	}
}

// splitFlag takes a flag with one dash or two apart. A lone dash is a file name.
func splitFlag(arg string) (name, value string, hasValue, ok bool) {
	name, ok = strings.CutPrefix(arg, "-")
	if !ok || name == "" {
		return "", "", false, false
	}
	name = strings.TrimPrefix(name, "-")
	name, value, hasValue = strings.Cut(name, "=")
	return name, value, hasValue, true
}

// twoDashes writes a flag with two dashes. One letter stays: -h.
func twoDashes(arg string) string {
	if strings.HasPrefix(arg, "--") || len(arg) == 2 {
		return arg
	}
	return "-" + arg
}

func findFlag(c *cobra.Command, name string) *pflag.Flag {
	if f := c.Flags().Lookup(name); f != nil {
		return f
	}
	if f := c.PersistentFlags().Lookup(name); f != nil {
		return f
	}
	return c.InheritedFlags().Lookup(name)
}

func takesValue(f *pflag.Flag) bool { return f.NoOptDefVal == "" }
