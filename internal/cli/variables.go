package cli

import (
	"strings"

	"github.com/spf13/pflag"

	"pslan/internal/config"
)

// variableFlags collects -var and -var-file in the order of the command line: a
// later one wins over an earlier one, whichever of the two it is.
type variableFlags struct{ args []config.VarArg }

func (v *variableFlags) register(flags *pflag.FlagSet) {
	flags.Var(&variableFlag{list: v}, "var", "give a variable a value: `NAME=VALUE`; may be repeated")
	flags.Var(&variableFlag{list: v, file: true}, "var-file", "read values of variables from `FILE`; may be repeated")
}

// resolved returns the arguments with the files' paths made absolute.
func (v *variableFlags) resolved(path func(string) string) []config.VarArg {
	args := make([]config.VarArg, len(v.args))
	for i, arg := range v.args {
		if arg.File != "" {
			arg.File = path(arg.File)
		}
		args[i] = arg
	}
	return args
}

// variableFlag is one of the two flags.
type variableFlag struct {
	list *variableFlags
	file bool
}

// Set takes one value of the command line.
func (f *variableFlag) Set(written string) error {
	if f.file {
		if written == "" {
			return problem("Invalid value for a flag", "-var-file needs the name of a file.")
		}
		f.list.args = append(f.list.args, config.VarArg{File: written})
		return nil
	}
	name, value, ok := strings.Cut(written, "=")
	if name = strings.TrimSpace(name); !ok || name == "" {
		// The text may hold a secret, so it is not repeated.
		return problem("Invalid value for a flag", "-var is written -var 'NAME=VALUE', with a name and an equals sign.")
	}
	f.list.args = append(f.list.args, config.VarArg{Name: name, Value: value})
	return nil
}

// String says nothing: values may be sensitive.
func (f *variableFlag) String() string { return "" }

// Type names the value for the parser.
func (f *variableFlag) Type() string { return "string" }
