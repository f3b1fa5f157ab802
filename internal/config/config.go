package config

import (
	"strings"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/pattern"
)

// Options say what to load and with which values.
type Options struct {
	Dir  string
	Vars []VarArg // -var and -var-file, in command-line order
	// Env is the environment as os.Environ gives it; only PSLAN_VAR_* is looked at.
	Env []string
	// Rules are the known finding codes with their floors. Where the list is empty,
	// codes are taken as they are.
	Rules   []RuleInfo
	Version string // of pslan, for required_version; "" leaves the check out
	// ForValidate: variables without a value are no error. What depends on them is
	// checked as far as its type allows and is missing from Declared.
	ForValidate bool
}

// VarArg is one -var (Name and Value) or one -var-file (File).
type VarArg struct {
	Name, Value string
	File        string
}

// RuleInfo is what config must know of a rule.
type RuleInfo struct {
	Code  finding.Code
	Floor finding.Severity
}

// Loaded is the result of Load.
type Loaded struct {
	// Declared is complete only where Load reported no error.
	Declared *declared.Declared
	// Variables are the values as the plan document shows them. Those whose value is
	// not known are left out.
	Variables map[string]declared.Variable

	files  map[string]*sourceFile
	hidden hiddenLines
	scope  *scope
	roots  contentRoots
	checks []checkBlock
}

// Source returns the text of a line of a loaded file, without its end. Lines that
// hold a sensitive value, or what looks like a password, and lines too long to show,
// are not given.
func (l *Loaded) Source(filename string, line int) (string, bool) {
	f := l.files[filename]
	if f == nil || l.hidden.covers(filename, line, line) {
		return "", false
	}
	text, ok := f.line(line)
	if !ok || !shown(text) {
		return "", false
	}
	return text, true
}

// HasChecks reports whether there are check blocks.
func (l *Loaded) HasChecks() bool { return len(l.checks) > 0 }

// EvalChecks evaluates all check blocks against an observed estate. Failures come
// in the order of the blocks' names, then as written.
func (l *Loaded) EvalChecks(e *estate.Estate) ([]declared.CheckFailure, diag.Diagnostics) {
	if len(l.checks) == 0 {
		return nil, nil
	}
	failures, diags := l.evalChecks(e)
	return failures, l.finish(diags)
}

// finish gives diagnostics their source lines and their order.
func (l *Loaded) finish(diags diag.Diagnostics) diag.Diagnostics {
	for _, d := range diags {
		at := d.Subject
		f := l.files[at.Filename]
		if f == nil || l.hidden.covers(at.Filename, int(at.Start.Line), int(at.End.Line)) {
			continue
		}
		if text, ok := f.lineAt(int(at.Start.Byte)); ok && shown(text) {
			d.Source = text
		}
	}
	return diags.Sort()
}

// secretText finds a password that was written where none belongs: after a name that
// says so, or before the host of an address. What is written into these files by
// mistake is not to be repeated in a log.
var secretText = pattern.Lazy(`(?i)(pas+w(or)?d|passphrase|pwd|secret|token|api_?key)"?\s*[:=]\s*[^=\s]|://[^/\s"]*@|"[^/\s"]+:[^/\s"]+@`)

func looksSecret(line string) bool { return secretText().MatchString(line) }

// shown reports whether a line may be shown, and is text at all.
func shown(line string) bool { return !looksSecret(line) && !strings.ContainsRune(line, 0) }

// hiddenLines are lines that may hold sensitive values.
type hiddenLines map[string][][2]int

func (h hiddenLines) add(at diag.Range) {
	h[at.Filename] = append(h[at.Filename], [2]int{int(at.Start.Line), int(at.End.Line)})
}

func (h hiddenLines) covers(filename string, first, last int) bool {
	for _, lines := range h[filename] {
		if first <= lines[1] && lines[0] <= last {
			return true
		}
	}
	return false
}
