package config

import (
	"bytes"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"pslan/internal/diag"
	"pslan/internal/wording"
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
	if extra, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallUnknownDiagExtra](d); ok {
		out.Detail = unknownFunction(extra.CalledFunctionName())
	}
	if d.Summary == "Invalid escape sequence" {
		out.Detail = sentence(out.Detail) + ` In quotes a backslash is written twice, as in "CONTOSO\\svc-pslan"; paths of Windows take slashes as well: "C:/certs/ca.pem".`
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

func unknownFunction(name string) string {
	if reads, ok := impureFunctions[name]; ok {
		return "There is no function " + name + ", because its result depends on " + reads + ": the same files must give the same plan. A value from outside comes in through a variable."
	}
	return "There is no function " + name + "." + wording.DidYouMean(name, functionNames())
}

// cascading are the errors of the parser after which the rest of a block is read
// in the wrong way: what it says next is noise.
var cascading = map[string]bool{
	"Invalid multi-line string": true, "Unterminated template string": true, "Unclosed configuration block": true,
}

// firstErrors are the errors of a parser up to the first after which it has lost
// its way, one for each line.
func firstErrors(diags hcl.Diagnostics) diag.Diagnostics {
	var out diag.Diagnostics
	last := 0
	for _, d := range diags {
		if d.Severity != hcl.DiagError || d.Subject != nil && d.Subject.Start.Line == last {
			continue
		}
		out = append(out, translate(d, "", false))
		if d.Subject != nil {
			last = d.Subject.Start.Line
		}
		if cascading[d.Summary] {
			break
		}
	}
	return out
}

// syntaxErrors finds the errors of a piece that does not parse. A quote or brace
// that was forgotten makes the parser lose its way for the rest of the file, so the
// piece is taken apart where a line begins with the name of a block, and each part
// speaks for itself.
func syntaxErrors(filename string, p piece, whole hcl.Diagnostics) diag.Diagnostics {
	var out diag.Diagnostics
	for _, part := range blocksByLine(p) {
		if _, diags := hclsyntax.ParseConfig(part.src, filename, part.pos); diags.HasErrors() {
			out = append(out, firstErrors(diags)...)
		}
	}
	if len(out) == 0 {
		return firstErrors(whole)
	}
	return out
}

// blocksByLine cuts a piece before every line that begins with the name of a block.
func blocksByLine(p piece) []piece {
	var parts []piece
	start, line, startLine := 0, p.pos.Line, p.pos.Line
	add := func(end int) {
		if end > start {
			parts = append(parts, piece{src: p.src[start:end], pos: hcl.Pos{Line: startLine, Column: 1, Byte: p.pos.Byte + start}})
		}
		start, startLine = end, line
	}
	for i := 0; i < len(p.src); {
		if topLevel[string(firstWord(p.src[i:]))] != nil {
			add(i)
		}
		n := bytes.IndexByte(p.src[i:], '\n')
		if n < 0 {
			break
		}
		i += n + 1
		line++
	}
	add(len(p.src))
	return parts
}
