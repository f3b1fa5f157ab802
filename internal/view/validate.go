package view

import (
	"fmt"
	"io"

	"pslan/internal/diag"
)

// WriteValidate writes what `validate -json` prints: Terraform's format.
func WriteValidate(w io.Writer, ds diag.Diagnostics) error {
	_, err := fmt.Fprintln(w, len(ds))
	return err
}
