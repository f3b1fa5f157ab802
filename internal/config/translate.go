package config

import (
	"strings"

	"github.com/hashicorp/hcl/v2"

	"pslan/internal/diag"
)

// place turns a range of HCL into ours.
func place(r hcl.Range) diag.Range {
	return diag.Range{Filename: r.Filename, Start: position(r.Start), End: position(r.End)}
}

func position(p hcl.Pos) diag.Pos {
	return diag.Pos{Line: int32(p.Line), Column: int32(p.Column), Byte: int32(p.Byte)}
}

// titles says in the words of this language what HCL says in its own.
var titles = map[string]string{
	"Attribute redefined":                   "Argument given twice",
	"Duplicate argument":                    "Argument given twice",
	"Extraneous JSON object property":       "Unknown argument or block",
	"Unsupported attribute":                 "Unknown attribute",
	"Call to unknown function":              "Unknown function",
	"Error in function call":                "Function call failed",
	"Invalid function argument":             "Function call failed",
	"Unclosed configuration block":          "Block is not closed",
	"Argument or block definition required": "Argument or block expected",
}

// translate turns a diagnostic of HCL into one of ours. secret reports whether the
// expression it is about uses a sensitive value: then the detail, which may quote
// values, is not told.
func translate(d *hcl.Diagnostic, in string, secret bool) *diag.Diagnostic {
	out := &diag.Diagnostic{Severity: diag.Error, Summary: d.Summary, Detail: d.Detail, In: in}
	if d.Severity == hcl.DiagWarning {
		out.Severity = diag.Warning
	}
	if title, ok := titles[d.Summary]; ok {
		out.Summary = title
	}
	if d.Subject != nil {
		out.Subject = place(*d.Subject)
	}
	if d.Context != nil {
		out.Context = place(*d.Context)
	}
	if secret {
		out.Detail = "The expression cannot be evaluated. Details are not shown, because it uses a sensitive value."
	}
	out.Detail = sentence(out.Detail)
	return out
}

// sentence ends a text with a full stop if it ends with none.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") {
		return s
	}
	return s + "."
}
