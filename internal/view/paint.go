package view

// paint colours text, or leaves it as it is. Three of the sixteen basic colours are
// used, those that read on a dark and on a light ground: green only for a sign that
// needs no colour to be read, magenta for what changes or warns, red for what is
// deleted or wrong. Yellow, cyan and bright colours vanish on white, blue on black.
// Colour never says what the text does not say too.
type paint bool

const (
	sgrReset     = "\x1b[0m"
	sgrBold      = "\x1b[1m"
	sgrUnderline = "\x1b[4m"
	sgrRed       = "\x1b[31m"
	sgrGreen     = "\x1b[32m"
	sgrMagenta   = "\x1b[35m"
)

func (p paint) with(codes, s string) string {
	if !p || s == "" {
		return s
	}
	return codes + s + sgrReset
}

func (p paint) bold(s string) string      { return p.with(sgrBold, s) }
func (p paint) underline(s string) string { return p.with(sgrUnderline, s) }

// action is the sign of an action in its colour.
func (p paint) action(sign string) string {
	switch sign {
	case "+":
		return p.with(sgrGreen, sign)
	case "-":
		return p.with(sgrRed, sign)
	}
	return p.with(sgrMagenta, sign)
}

// level is the first word of a problem: Error, Warning, Note.
func (p paint) level(word string) string {
	switch word {
	case "Error":
		return p.with(sgrBold+sgrRed, word)
	case "Warning":
		return p.with(sgrBold+sgrMagenta, word)
	}
	return p.with(sgrBold, word)
}
