package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pslan/internal/diag"
)

// rootCommand builds the tree of commands. It does no work of theirs.
func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "pslan",
		Short: "Keeps disk images on the right package servers",
		Long: "pslan keeps the disk images of an ITMS installation on the right package servers.\n" +
			"It shows what would change, in which order and what could be lost, before it\n" +
			"changes anything.",
		Version:           Version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              func(c *cobra.Command, args []string) error { return unknownCommand(c, args) },
		RunE: func(c *cobra.Command, _ []string) error {
			writeHelp(c)
			return nil
		},
	}
	root.SetVersionTemplate(versionText())
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { writeHelp(c) })
	root.SetHelpCommand(a.helpCommand())
	root.SetFlagErrorFunc(flagProblem)
	root.Flags().Bool("version", false, "show the version")
	flags := root.PersistentFlags()
	flags.String("chdir", "", "work in the folder `DIR` instead of the present one")
	flags.String("color", "", "colour the text: `WHEN` is auto, always or never")
	flags.Bool("no-color", false, "the same as -color=never")
	root.AddCommand(
		a.initCommand(), a.validateCommand(), a.planCommand(), a.applyCommand(), a.showCommand(), a.snapshotCommand(), a.probeCommand(),
		a.fmtCommand(), a.retireCommand(), a.explainCommand(), a.labCommand(), a.doctorCommand(), a.statusCommand(), a.waitCommand(), a.runsCommand(), a.unlockCommand(),
		a.versionCommand(), a.completionCommand(),
	)
	for _, c := range root.Commands() {
		prepare(c)
	}
	return root
}

// prepare gives a command and those under it what all have.
func prepare(c *cobra.Command) {
	c.DisableFlagsInUseLine = true
	c.Flags().BoolP("help", "h", false, "show this text")
	for _, child := range c.Commands() {
		prepare(child)
	}
}

// does makes a cobra function of a command's own.
func (a *app) does(run func(ctx context.Context, args []string) (outcome, error)) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		o, err := run(c.Context(), args)
		a.outcome = o
		return err
	}
}

// takes checks the number of arguments; what is how the help names them.
func takes(least, most int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return misuse(c, "Missing argument", "%s needs %s.", c.CommandPath(), what)
		case len(args) <= most:
			return nil
		case most == 0:
			return misuse(c, "Too many arguments", "%s takes no arguments, and got %q.%s", c.CommandPath(), args[0], tornFlag(args))
		}
		return misuse(c, "Too many arguments", "%s takes %s and no more, and got %q too.%s", c.CommandPath(), what, args[most], tornFlag(args))
	}
}

// tornFlag is a hint where an argument may be the end of a flag's value: PowerShell cuts
// a flag that is not quoted at its first dot, and hands on two arguments.
func tornFlag(args []string) string {
	for _, arg := range args {
		if len(arg) > 1 && arg[0] == '.' && !strings.ContainsRune(`./\`, rune(arg[1])) {
			return fmt.Sprintf(" PowerShell cuts a flag at a dot: if %s is the end of one, write the flag in quotes, as '-out=move.plan'.", arg)
		}
	}
	return ""
}

// misuse is an error in the command line, with the way to the help.
func misuse(c *cobra.Command, summary, detail string, args ...any) error {
	return problem(summary, "%s\n\nFor what there is, run: %s -help", fmt.Sprintf(detail, args...), c.CommandPath())
}

// unknownCommand refuses words where a command is expected.
func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, child := range c.Commands() {
		if !child.Hidden {
			names = append(names, child.Name())
		}
	}
	return misuse(c, "Unknown command", "%s has no command %q.%s", c.CommandPath(), args[0],
		didYouMean(args[0], c.CommandPath()+" ", names))
}

// flagProblem turns the parser's errors into diagnostics.
func flagProblem(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var noValue *pflag.ValueRequiredError
	var badValue *pflag.InvalidValueError
	var own *diag.Diagnostic
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		return misuse(c, "Unknown flag", "%s has no flag -%s.%s", c.CommandPath(), name, didYouMean(name, "-", flagNames(c)))
	case errors.As(err, &noValue):
		return misuse(c, "Missing value for a flag", "-%s needs a value: %s", noValue.GetSpecifiedName(), flagForm(noValue.GetFlag()))
	case errors.As(err, &own):
		return own
	case errors.As(err, &badValue):
		return misuse(c, "Invalid value for a flag", "-%s cannot be %q; it is written %s", badValue.GetFlag().Name,
			badValue.GetValue(), flagForm(badValue.GetFlag()))
	}
	return misuse(c, "Invalid flag", "%s", sentence(err.Error(), ""))
}

func flagNames(c *cobra.Command) []string {
	var names []string
	add := func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	}
	c.Flags().VisitAll(add)
	c.InheritedFlags().VisitAll(add)
	return names
}

// flagForm is a flag as the help writes it: -out=FILE.
func flagForm(f *pflag.Flag) string {
	value, _ := pflag.UnquoteUsage(f)
	switch {
	case f.DefValue == "true":
		return "-" + f.Name + "=false"
	case !takesValue(f):
		return "-" + f.Name
	}
	return "-" + f.Name + "=" + strings.ToUpper(value)
}
