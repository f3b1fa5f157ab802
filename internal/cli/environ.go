package cli

import (
	"runtime"
	"strings"
)

// environ is the environment that pslan was started with.
type environ []string

// lookup returns the value of a variable and whether it is set. The last of
// several wins, as the operating systems have it; Windows knows no case.
func (e environ) lookup(name string) (string, bool) {
	for i := len(e) - 1; i >= 0; i-- {
		n, v, ok := strings.Cut(e[i], "=")
		if ok && (n == name || runtime.GOOS == "windows" && strings.EqualFold(n, name)) {
			return v, true
		}
	}
	return "", false
}

// get returns the value of a variable, "" where it is not set.
func (e environ) get(name string) string {
	v, _ := e.lookup(name)
	return v
}

// on reports whether a switch is on: set, and not to nothing, 0 or false.
func (e environ) on(name string) bool {
	switch strings.ToLower(e.get(name)) {
	case "", "0", "false":
		return false
	}
	return true
}

// mayAsk reports whether the environment allows questions (PSLAN_INPUT).
func (e environ) mayAsk() bool {
	_, set := e.lookup("PSLAN_INPUT")
	return !set || e.on("PSLAN_INPUT")
}

// commandArgs returns the arguments that the environment adds to a command:
// those for all commands, then those for this one, so that the nearer wins.
func (e environ) commandArgs(path []string) ([]string, error) {
	names := []string{"PSLAN_CLI_ARGS"}
	if len(path) > 0 {
		names = append(names, "PSLAN_CLI_ARGS_"+strings.Join(path, "_"))
	}
	var args []string
	for _, name := range names {
		words, err := splitWords(e.get(name))
		if err != nil {
			return nil, problem("Invalid environment variable", "%s cannot be split into arguments: %v.", name, err)
		}
		args = append(args, words...)
	}
	return args, nil
}
