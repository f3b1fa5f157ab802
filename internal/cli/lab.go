package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"pslan/internal/declared"
	"pslan/internal/estatefile"
	"pslan/internal/fileerror"
	"pslan/internal/lab"
	"pslan/internal/platform"
)

// labFlags say which lab is meant: the one in a folder, else the one that the
// configuration connects to.
type labFlags struct{ path string }

func (a *app) labCommand() *cobra.Command {
	c := showsHelp(&cobra.Command{
		Use:   "lab",
		Short: "The simulated platform: make it, look at it, break it, let time pass",
		Long: "The lab simulates a platform on real folders, for trying things out and for\n" +
			"rehearsing a move. Its commands work on the lab that the configuration of the\n" +
			"folder connects to, or on the one that -path names.",
	})
	c.AddCommand(a.labInitCommand(), a.labShowCommand(), a.labAdvanceCommand(), a.labServeCommand(),
		a.labActCommand("break", "WHAT ...", "Switches a fault on or off", lab.BreakHelp(), (*lab.Lab).Break),
		a.labDoCommand())
	return c
}

func (f *labFlags) register(c *cobra.Command) *cobra.Command {
	c.Flags().StringVar(&f.path, "path", "", "the lab in the folder `DIR`")
	return c
}

func (a *app) labInitCommand() *cobra.Command {
	var from string
	c := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Makes a lab from an estate file",
		Long:  "Makes a lab from an estate file, in DIR or in .pslan/lab. A lab that is there is left alone.",
		Args:  takes(0, 1, "one folder"),
		RunE: a.does(func(_ context.Context, args []string) (outcome, error) {
			if from == "" {
				return outcome{}, problem("Missing flag", "Name the estate file that the lab is made from: pslan lab init -from=FILE")
			}
			dir := filepath.Join(".pslan", "lab")
			if len(args) > 0 {
				dir = args[0]
			}
			// The seed is read first: where it is wrong, no folder is made.
			seed, ds := estatefile.ReadFile(a.path(from))
			if ds.HasErrors() {
				return outcome{}, shortened(ds, a.path(from), from)
			}
			l, err := lab.Init(lab.Options{Dir: a.path(dir), Seed: seed})
			if err != nil {
				return outcome{}, err
			}
			a.closers = append(a.closers, l)
			fmt.Fprintf(a.stdout, "Made a lab in %s from %s.\n", dir, from)
			return outcome{}, nil
		}),
	}
	c.Flags().StringVar(&from, "from", "", "the estate `FILE`")
	return c
}

func (a *app) labShowCommand() *cobra.Command {
	var f labFlags
	return f.register(&cobra.Command{
		Use:   "show",
		Short: "Shows the lab: its time, servers, images and faults",
		Args:  takes(0, 0, ""),
		RunE: a.does(noArguments(func(context.Context) (outcome, error) {
			l, err := a.theLab(&f)
			if err != nil {
				return outcome{}, err
			}
			return outcome{}, l.Show(a.stdout)
		})),
	})
}

// labActCommand is a command that does something to the lab.
func (a *app) labActCommand(name, what, short, help string, act func(*lab.Lab, []string) error) *cobra.Command {
	var f labFlags
	return f.register(&cobra.Command{
		Use:   name + " " + what,
		Short: short,
		Long:  short + ".\n\n" + strings.TrimRight(help, "\n"),
		Args:  takes(1, 1000, "what to "+name),
		RunE: a.does(func(_ context.Context, args []string) (outcome, error) {
			l, err := a.theLab(&f)
			if err != nil {
				return outcome{}, err
			}
			if err := act(l, args); err != nil {
				return outcome{}, unclear(err)
			}
			a.sayLabTime("Done. ", l)
			return outcome{}, nil
		}),
	})
}

// unclear gives an error about the words of a lab command a title that speaks of words.
func unclear(err error) error {
	var pe *platform.Error
	if !errors.As(err, &pe) || pe.Kind != platform.KindBadInput {
		return err
	}
	return problem("It is not clear what to do", "%s", sentence(err.Error(), pe.Hint))
}

// labDoCommand is labActCommand with a second way to be told what to do: as a
// program that does an operator's step is.
func (a *app) labDoCommand() *cobra.Command {
	var fromJSON, later bool
	c := a.labActCommand("do", "WHAT ...", "Plays the operator", lab.DoHelp()+
		"\nWith -json it is told on its standard input, as a command of an action is:\n"+
		"  {\"op\":\"take_ownership\",\"image\":\"GUID\",\"server\":\"PS010\"}\n", (*lab.Lab).Do)
	takesWords, path, doesWords := c.Args, c.Flags().Lookup("path"), c.RunE
	c.Args = func(c *cobra.Command, args []string) error {
		if fromJSON {
			return takes(0, 0, "")(c, args)
		}
		return takesWords(c, args)
	}
	doesStep := a.does(func(ctx context.Context, _ []string) (outcome, error) {
		data, err := io.ReadAll(io.LimitReader(a.stdin, lab.MaxStep+1))
		if err != nil {
			return outcome{}, problem("Cannot read the step", "%s.", fileerror.Reason(err))
		}
		task, err := lab.ParseTask(data)
		if err != nil {
			return outcome{}, err
		}
		l, err := a.theLab(&labFlags{path: path.Value.String()})
		if err != nil {
			return outcome{}, err
		}
		if err := l.DoTask(ctx, task, later); err != nil {
			return outcome{}, err
		}
		a.sayLabTime("Done. ", l)
		return outcome{}, nil
	})
	c.RunE = func(c *cobra.Command, args []string) error {
		if fromJSON {
			return doesStep(c, args)
		}
		if later {
			return misuse(c, "Flag without -json", "-later leaves a step to the simulated operator that was told with -json.")
		}
		return doesWords(c, args)
	}
	c.Flags().BoolVar(&fromJSON, "json", false, "be told the step as JSON on standard input")
	c.Flags().BoolVar(&later, "later", false, "with -json: leave it to the simulated operator, who does it after a while")
	return c
}

func (a *app) labAdvanceCommand() *cobra.Command {
	var f labFlags
	return f.register(&cobra.Command{
		Use:   "advance DURATION",
		Short: "Lets time pass in the lab",
		Long:  "Lets time pass in the lab, with all that happens meanwhile: 90s, 30m, 12h, 8d, 1d12h.",
		Args:  takes(1, 1, "a duration such as 8d"),
		RunE: a.does(func(_ context.Context, args []string) (outcome, error) {
			d, err := parseSpan(args[0])
			if err != nil {
				return outcome{}, err
			}
			l, err := a.theLab(&f)
			if err != nil {
				return outcome{}, err
			}
			if err := l.Advance(d); err != nil {
				return outcome{}, err
			}
			a.sayLabTime("", l)
			return outcome{}, nil
		}),
	})
}

func (a *app) sayLabTime(before string, l *lab.Lab) {
	fmt.Fprintf(a.stdout, "%sThe lab's time is now %s.\n", before, l.Now().UTC().Format("2006-01-02 15:04:05"))
}

// theLab opens the lab that is meant. The configuration may have errors elsewhere:
// only its connection counts here.
func (a *app) theLab(f *labFlags) (*lab.Lab, error) {
	conn := declared.Connection{Path: f.path}
	if f.path != "" && !lab.Exists(a.path(f.path)) {
		return nil, problem("No lab", "There is no lab in %s.\n\nTo make one, run: pslan lab init -from=FILE %s", f.path, f.path)
	}
	if f.path == "" {
		loaded, ds := a.load(&variableFlags{}, true)
		conn = loaded.Declared.Connection
		if conn.Type != "lab" && ds.HasErrors() {
			return nil, ds
		}
		if conn.Type != "lab" {
			return nil, problem("No lab", "The configuration of this folder does not connect to a lab.\n\nName one with -path=DIR, or make one: pslan lab init -from=FILE")
		}
	}
	l, err := lab.Open(a.labOptions(conn))
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, l)
	return l, nil
}
