package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"pslan/internal/diag"
	"pslan/internal/platform"
)

// problem makes an error that has no place in a file.
func problem(summary, detail string, args ...any) *diag.Diagnostic {
	return &diag.Diagnostic{Severity: diag.Error, Summary: summary, Detail: fmt.Sprintf(detail, args...)}
}

// bug makes an error of a panic. Its stack goes to the log only.
func (a *app) bug(panicked any) *diag.Diagnostic {
	a.log.Error("panic", "value", panicked, "stack", string(debug.Stack()))
	return problem("This is a bug in pslan", "It met a state that it does not know: %v. Nothing half written "+
		"is left behind. Please report it, with the log that PSLAN_LOG=trace writes.", panicked)
}

// diagnose turns any error of a command into diagnostics: located ones as they
// are, a platform's by kind, anything else as one sentence.
func diagnose(err error) diag.Diagnostics {
	var list diag.Diagnostics
	var one *diag.Diagnostic
	var pe *platform.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &list):
		return list
	case errors.As(err, &one):
		return diag.Diagnostics{one}
	case errors.Is(err, context.Canceled):
		return diag.Diagnostics{problem("Interrupted", "pslan was interrupted and has ended. Nothing more was done.")}
	case errors.As(err, &pe):
		if len(pe.Diagnostics) > 0 {
			return pe.Diagnostics
		}
		return diag.Diagnostics{problem(platformSummary(pe.Kind), "%s", sentence(err.Error(), pe.Hint))}
	}
	return diag.Diagnostics{problem("The command failed", "%s", sentence(err.Error(), ""))}
}

// platformSummary is the constant title for each kind of a platform's error.
func platformSummary(k platform.Kind) string {
	switch k {
	case platform.KindUnreachable:
		return "The platform cannot be reached"
	case platform.KindRefused:
		return "The platform refused the request"
	case platform.KindNotFound:
		return "It was not found"
	case platform.KindDenied:
		return "The platform denied access"
	case platform.KindReadOnly:
		return "The connection cannot write"
	case platform.KindUnsupported:
		return "The platform cannot do this"
	case platform.KindBadInput:
		return "A file cannot be used"
	default:
		return "The platform reported an error"
	}
}

// sentence makes one sentence of an error's text, with the hint after it.
func sentence(text, hint string) string {
	if text != "" {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	if hint != "" {
		text += "\n\n" + hint
	}
	return text
}
