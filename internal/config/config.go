package config

import (
	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/finding"
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
	// Variables are the values as the plan document shows them.
	Variables map[string]declared.Variable
}

// Load reads the files of a folder. Loaded is never nil: where there are errors it
// is partial, and still good for Source.
func Load(opts Options) (*Loaded, diag.Diagnostics) {
	return &Loaded{Declared: &declared.Declared{Folder: opts.Dir, Policy: declared.DefaultPolicy()}}, nil
}

// Source returns the text of a line of a loaded file, without its end. Lines that
// hold a sensitive value, and lines too long to show, are not given.
func (l *Loaded) Source(filename string, line int) (string, bool) { return "", false }

// ContentRoot evaluates content.root for one server.
func (l *Loaded) ContentRoot(name, host string) (string, diag.Diagnostics) { return "", nil }

// HasChecks reports whether there are check blocks.
func (l *Loaded) HasChecks() bool { return false }

// EvalChecks evaluates all check blocks against an observed estate.
func (l *Loaded) EvalChecks(e *estate.Estate) ([]declared.CheckFailure, diag.Diagnostics) {
	return nil, nil
}

// Files returns the configuration files of a folder, in name order.
func Files(dir string) ([]string, error) { return nil, nil }
