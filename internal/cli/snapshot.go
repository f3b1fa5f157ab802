package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"pslan/internal/estatefile"
)

func (a *app) snapshotCommand() *cobra.Command {
	var (
		vars   variableFlags
		out    string
		verify string
	)
	c := &cobra.Command{
		Use:   "snapshot -out=FILE",
		Short: "Records the estate, for planning where the platform cannot be reached",
		Long: `Reads the whole estate, looks at the copies, and writes both to an estate file
for plan -state=FILE. A name that ends in .zst or .gz is compressed. It changes
nothing on the platform.`,
		Args: takes(0, 0, ""),
		RunE: a.does(noArguments(func(ctx context.Context) (outcome, error) {
			if out == "" {
				return outcome{}, problem("Where to?", "Name the file to write: pslan snapshot -out=FILE")
			}
			if verify != "" && verify != "hash" {
				return outcome{}, problem("Invalid value for a flag", `-verify may be hash, not %q.`, verify)
			}
			return outcome{}, a.snapshot(ctx, &vars, out, verify == "hash")
		})),
	}
	vars.register(c.Flags())
	c.Flags().StringVar(&out, "out", "", "write the estate to `FILE`")
	c.Flags().StringVar(&verify, "verify", "", "`hash` hashes the copies now, instead of using recorded hashes")
	return c
}

func (a *app) snapshot(ctx context.Context, vars *variableFlags, out string, hash bool) error {
	g, err := a.open(vars, "")
	if err != nil {
		return err
	}
	e, err := a.observe(ctx, g, hash)
	if err != nil {
		return err
	}
	a.rememberContents(g, e)
	if err := estatefile.WriteFile(a.path(filepath.FromSlash(out)), e); err != nil {
		return fileProblem(out, err)
	}
	a.view.Info(fmt.Sprintf("Recorded %d images on %d package servers in: %s", len(e.Images), len(e.Servers), out))
	a.view.Info(copiesText(e))
	return nil
}
