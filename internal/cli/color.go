package cli

// colorChoice is what -color or -no-color asked for.
type colorChoice string

// The choices; colorUnset where no flag was given.
const (
	colorUnset  colorChoice = ""
	colorAuto   colorChoice = "auto"
	colorAlways colorChoice = "always"
	colorNever  colorChoice = "never"
)

// useColor decides whether text is coloured. The first that says something wins:
// the flag, NO_COLOR, FORCE_COLOR, TERM=dumb, whether it goes to a terminal.
func useColor(choice colorChoice, env environ, terminal bool) bool {
	switch choice {
	case colorAlways:
		return true
	case colorNever:
		return false
	}
	switch {
	case env.get("NO_COLOR") != "":
		return false
	case env.get("FORCE_COLOR") != "":
		return env.on("FORCE_COLOR")
	case env.get("TERM") == "dumb":
		return false
	}
	return terminal
}
