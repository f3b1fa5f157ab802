package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// mainCommands are the ones of every day, in the order in which they are used.
func mainCommands() []string { return []string{"init", "validate", "plan", "apply", "show", "retire"} }

// writeHelp writes a command's help, flags with one dash.
func writeHelp(c *cobra.Command) {
	var b strings.Builder
	options := " [options]"
	if c.HasAvailableSubCommands() {
		options = " <command> [options]"
	}
	words := strings.SplitN(c.Use, " ", 2)
	usage := strings.TrimSuffix(c.CommandPath(), c.Name()) + words[0] + options
	if len(words) > 1 {
		usage += " " + words[1]
	}
	fmt.Fprintf(&b, "Usage: %s\n\n", usage)
	long := c.Long
	if long == "" {
		long = c.Short + "."
	}
	fmt.Fprintln(&b, strings.TrimRight(long, "\n"))
	writeCommands(&b, c)
	writeFlags(&b, "Options:", c.LocalNonPersistentFlags())
	writeFlags(&b, "Options for every command:", everywhere(c))
	io.WriteString(c.OutOrStdout(), b.String())
}

// everywhere returns the flags that every command takes.
func everywhere(c *cobra.Command) *pflag.FlagSet {
	return c.Root().PersistentFlags()
}

func writeCommands(b *strings.Builder, c *cobra.Command) {
	var first, other []*cobra.Command
	for _, child := range c.Commands() {
		switch {
		case !child.IsAvailableCommand():
		case !c.HasParent() && slices.Contains(mainCommands(), child.Name()):
			first = append(first, child)
		default:
			other = append(other, child)
		}
	}
	slices.SortFunc(first, func(x, y *cobra.Command) int {
		return slices.Index(mainCommands(), x.Name()) - slices.Index(mainCommands(), y.Name())
	})
	write := func(title string, list []*cobra.Command) {
		if len(list) == 0 {
			return
		}
		fmt.Fprintf(b, "\n%s\n", title)
		for _, child := range list {
			fmt.Fprintf(b, "  %-12s %s\n", child.Name(), child.Short)
		}
	}
	write("Main commands:", first)
	if len(first) > 0 {
		write("Other commands:", other)
	} else {
		write("Commands:", other)
	}
}

func writeFlags(b *strings.Builder, title string, flags *pflag.FlagSet) {
	type entry struct{ form, usage string }
	var list []entry
	width := 0
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		_, usage := pflag.UnquoteUsage(f)
		list = append(list, entry{flagForm(f), usage})
		width = max(width, len(flagForm(f)))
	})
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, e := range list {
		text := strings.ReplaceAll(e.usage, "\n", "\n"+strings.Repeat(" ", width+4))
		fmt.Fprintf(b, "  %-*s  %s\n", width, e.form, text)
	}
}

// helpCommand is `pslan help COMMAND`, the same as `pslan COMMAND -help`.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "help [COMMAND]",
		Short:  "Shows the help of a command",
		Hidden: true,
		RunE: func(c *cobra.Command, args []string) error {
			at := c.Root()
			for _, word := range args {
				child := childNamed(at, word)
				if child == nil {
					return unknownCommand(at, []string{word})
				}
				at = child
			}
			writeHelp(at)
			return nil
		},
	}
}

// showsHelp is a command that only has others under it.
func showsHelp(c *cobra.Command) *cobra.Command {
	c.Args = func(c *cobra.Command, args []string) error { return unknownCommand(c, args) }
	c.RunE = func(c *cobra.Command, _ []string) error {
		writeHelp(c)
		return nil
	}
	return c
}

// noArguments is for commands that take none.
func noArguments(run func(context.Context) (outcome, error)) func(context.Context, []string) (outcome, error) {
	return func(ctx context.Context, _ []string) (outcome, error) { return run(ctx) }
}
