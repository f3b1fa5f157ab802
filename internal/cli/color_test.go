package cli

import "testing"

func TestUseColor(t *testing.T) {
	for _, c := range []struct {
		name     string
		choice   colorChoice
		env      environ
		terminal bool
		want     bool
	}{
		{"a terminal", colorUnset, nil, true, true},
		{"no terminal", colorUnset, nil, false, false},
		{"auto asks the rest", colorAuto, nil, true, true},
		{"always wins over all", colorAlways, environ{"NO_COLOR=1", "TERM=dumb"}, false, true},
		{"never wins over all", colorNever, environ{"FORCE_COLOR=1"}, true, false},
		{"NO_COLOR", colorUnset, environ{"NO_COLOR=1"}, true, false},
		{"NO_COLOR with auto", colorAuto, environ{"NO_COLOR=1"}, true, false},
		{"NO_COLOR set to nothing says nothing", colorUnset, environ{"NO_COLOR="}, true, true},
		{"NO_COLOR wins over FORCE_COLOR", colorUnset, environ{"FORCE_COLOR=1", "NO_COLOR=1"}, false, false},
		{"FORCE_COLOR", colorUnset, environ{"FORCE_COLOR=1"}, false, true},
		{"FORCE_COLOR=0", colorUnset, environ{"FORCE_COLOR=0"}, true, false},
		{"FORCE_COLOR wins over TERM", colorUnset, environ{"FORCE_COLOR=1", "TERM=dumb"}, false, true},
		{"TERM=dumb", colorUnset, environ{"TERM=dumb"}, true, false},
		{"TERM of a terminal", colorUnset, environ{"TERM=xterm"}, true, true},
	} {
		if got := useColor(c.choice, c.env, c.terminal); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestEnvironment(t *testing.T) {
	env := environ{"A=1", "B=", "C=x=y", "A=2", "odd"}
	for name, want := range map[string]string{"A": "2", "B": "", "C": "x=y", "D": "", "odd": ""} {
		if got := env.get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for value, want := range map[string]bool{"PSLAN_INPUT=0": false, "PSLAN_INPUT=false": false, "PSLAN_INPUT=1": true, "OTHER=0": true} {
		if got := (environ{value}).mayAsk(); got != want {
			t.Errorf("with %s questions are allowed: %v, want %v", value, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	commands := []string{"apply", "plan", "show", "validate", "version"}
	for written, want := range map[string]string{
		"plam": "plan", "paln": "plan", "PLAN": "plan", "valid": "validate", "aply": "apply", "ver": "version",
		"destroy": "", "x": "", "": "",
	} {
		if got := nearest(written, commands); got != want {
			t.Errorf("nearest to %q is %q, want %q", written, got, want)
		}
	}
}
