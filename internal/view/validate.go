package view

import (
	"encoding/json"
	"io"

	"pslan/internal/diag"
)

// validation is what `validate -json` prints: Terraform's format.
type validation struct {
	FormatVersion string        `json:"format_version"`
	Valid         bool          `json:"valid"`
	ErrorCount    int           `json:"error_count"`
	WarningCount  int           `json:"warning_count"`
	Diagnostics   []*diagnostic `json:"diagnostics"`
}

// WriteValidate writes what `validate -json` prints. Notes are listed and not counted.
func WriteValidate(w io.Writer, ds diag.Diagnostics) error {
	v := validation{FormatVersion: "1.0", Valid: !ds.HasErrors(), Diagnostics: []*diagnostic{}}
	for _, d := range ds {
		switch d.Severity {
		case diag.Error:
			v.ErrorCount++
		case diag.Warning:
			v.WarningCount++
		}
		v.Diagnostics = append(v.Diagnostics, diagnosticOf(d))
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(&v)
}
