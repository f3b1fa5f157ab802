package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

func versionText() string {
	return fmt.Sprintf("pslan v%s\non %s_%s\n", Version, runtime.GOOS, runtime.GOARCH)
}

func (a *app) versionCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "version",
		Short: "Shows the version of pslan",
		Args:  takes(0, 0, ""),
		RunE: a.does(noArguments(func(context.Context) (outcome, error) {
			if !asJSON {
				_, err := fmt.Fprint(a.stdout, versionText())
				return outcome{}, err
			}
			return outcome{}, a.writeDocument(struct {
				FormatVersion string `json:"format_version"`
				Version       string `json:"pslan_version"`
				Platform      string `json:"platform"`
				Go            string `json:"go_version"`
			}{"1.0", Version, runtime.GOOS + "_" + runtime.GOARCH, runtime.Version()})
		})),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as a JSON document")
	return c
}

// writeDocument writes one JSON document to stdout, readable, "->" kept as it is.
func (a *app) writeDocument(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
