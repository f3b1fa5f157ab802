package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"pslan/internal/finding"
	"pslan/internal/rules"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Says what a finding means and what to do about it",
		Long:  "Says what a finding means, when it is reported and what to do about it.\nWithout a code it lists all of them.",
		Args:  takes(0, 1, "the code of one finding, such as PSL101"),
		RunE: a.does(func(_ context.Context, args []string) (outcome, error) {
			if len(args) == 0 {
				return outcome{}, a.listRules()
			}
			return outcome{}, a.explain(args[0])
		}),
	}
}

func (a *app) listRules() error {
	for _, r := range rules.All() {
		if _, err := fmt.Fprintf(a.stdout, "%s  %-7s  %s\n", r.Code, r.Default, r.Title); err != nil {
			return err
		}
	}
	return nil
}

// codeOf is the code that somebody means who writes psl106, or 106 alone.
func codeOf(written string) string {
	code := strings.ToUpper(written)
	if _, err := strconv.ParseUint(code, 10, 16); err == nil {
		code = "PSL" + code
	}
	return code
}

func (a *app) explain(written string) error {
	rule, ok := rules.Lookup(finding.Code(codeOf(written)))
	if !ok {
		near := ""
		if s := rules.Suggest(written); s != "" {
			near = fmt.Sprintf(" Did you mean %s?", s)
		}
		return problem("Unknown finding", "There is no finding %q.%s\n\nFor all of them, run: pslan explain", written, near)
	}
	_, err := io.WriteString(a.stdout, rule.Explain())
	return err
}
