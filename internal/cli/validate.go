package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"pslan/internal/config"
	"pslan/internal/diag"
	"pslan/internal/view"
)

func (a *app) validateCommand() *cobra.Command {
	var vars variableFlags
	var asJSON bool
	c := &cobra.Command{
		Use:   "validate",
		Short: "Checks the configuration, without a connection",
		Long: "Checks the configuration files of the folder: syntax, references, types, rules of\n" +
			"the language. It reads no platform; checks that need one are left out.",
		Args: takes(0, 0, ""),
		RunE: a.does(noArguments(func(context.Context) (outcome, error) { return a.validate(&vars, asJSON) })),
	}
	vars.register(c.Flags())
	c.Flags().BoolVar(&asJSON, "json", false, "as a JSON document")
	return c
}

func (a *app) validate(vars *variableFlags, asJSON bool) (outcome, error) {
	loaded, ds := a.load(vars, true)
	if asJSON {
		return outcome{failed: ds.HasErrors()}, view.WriteValidate(a.stdout, ds)
	}
	if ds.HasErrors() {
		return outcome{}, ds
	}
	a.view.Diagnostics(ds)
	fmt.Fprintln(a.stdout, "Success! The configuration is valid.")
	if loaded.HasChecks() {
		fmt.Fprintln(a.stdout, "Its check blocks need what is observed; plan evaluates them.")
	}
	return outcome{}, nil
}

// load reads the configuration of the folder and keeps it for the source lines
// that the view shows.
func (a *app) load(vars *variableFlags, forValidate bool) (*config.Loaded, diag.Diagnostics) {
	started := a.now()
	loaded, ds := config.Load(config.Options{
		Dir: a.dir, Vars: vars.resolved(a.path), Env: a.streams.Env,
		Rules: knownRules(), Version: Version, ForValidate: forValidate,
	})
	a.loaded.Store(loaded)
	a.log.Debug("configuration loaded", "diagnostics", len(ds), "took", a.now().Sub(started))
	return loaded, ds
}

// source gives the view a line of a file that the user wrote.
func (a *app) source(filename string, line int) (string, bool) {
	if l := a.loaded.Load(); l != nil {
		return l.Source(filename, line)
	}
	return "", false
}
