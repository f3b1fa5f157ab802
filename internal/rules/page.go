package rules

import (
	"fmt"
	"strings"

	"pslan/internal/finding"
)

// Severity in words, as the documentation prints it: "error; warning while …".
func (r *Rule) severity() string {
	s := r.Default.String()
	if r.DefaultWhen != "" {
		s += "; " + r.DefaultWhen
	}
	return s
}

// floor in words: what the severity cannot be set below.
func (r *Rule) floor() string {
	switch {
	case r.FloorWhen != "":
		return r.FloorWhen
	case r.Floor > finding.Note:
		return r.Floor.String()
	default:
		return "none"
	}
}

// section is one heading of a rule's documentation with its text.
type section struct{ title, text string }

func (r *Rule) sections() []section {
	list := []section{
		{"What it means", r.Doc.Means},
		{"Why it matters", r.Doc.Why},
		{"Example", r.Doc.Example},
		{"When it does not fire", r.Doc.Quiet},
		{"What to do", r.Doc.Do},
		{"Severity, and how to acknowledge it", r.acknowledging()},
	}
	if laws := r.laws(); laws != "" {
		list = append(list, section{"The laws behind it", laws})
	}
	return list
}

// acknowledging says how severity and acknowledgement work for this rule.
func (r *Rule) acknowledging() string {
	var b strings.Builder
	floor := "It can be set to any severity."
	if f := r.floor(); f != "none" {
		floor = fmt.Sprintf("It cannot be set below %s.", f)
	}
	b.WriteString(wrap(fmt.Sprintf("Severity: %s. %s", r.severity(), floor), "", "") + "\n")
	switch r.Code {
	case "PSL601":
		b.WriteString("It cannot be acknowledged: the plan has to be made again.")
		return b.String()
	case "PSL605":
		b.WriteString("It should never be acknowledged: correct the connection or the name.")
		return b.String()
	}
	b.WriteString(wrap(fmt.Sprintf("To acknowledge it, write this into %s. An acknowledgement changes what counts as open and the exit code, never what a step needs before it runs; it is always shown, and after its last day (UTC) the finding counts again.", r.acknowledgedIn()), "", "") + "\n")
	fmt.Fprintf(&b, "    acknowledge %q {\n      reason  = \"why this is known and accepted\"\n      expires = \"2027-01-31\" # optional\n      ticket  = \"CHG-4711\"   # optional\n    }\n\n", r.Code)
	if r.Default == r.Floor && r.DefaultWhen == "" && r.FloorWhen == "" && r.Floor > finding.Note {
		b.WriteString("Its severity is fixed.")
		return b.String()
	}
	fmt.Fprintf(&b, "The severity for all is set in |policy|:\n\n    rule %q { severity = %q }", r.Code, r.example())
	return b.String()
}

// example is a severity that somebody may want to set.
func (r *Rule) example() string {
	if r.Default.String() == "error" {
		return "warning"
	}
	return "error"
}

func (r *Rule) acknowledgedIn() string {
	switch r.Scope {
	case OfImage:
		return "the block of the image (|image|, |images|, |pct_package|) or into |policy|"
	case OfServer:
		return "the |package_server| block or into |policy|"
	default:
		return "|policy|"
	}
}

// Page is the rule's documentation as markdown: docs/rules/CODE.md.
func Page(r *Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n", r.Code, r.Title)
	for _, s := range r.sections() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", s.title, markdown(s.text))
	}
	fmt.Fprintf(&b, "\n---\n\nThe same text: `pslan explain %s`. All rules: [README.md](README.md).\n", r.Code)
	return b.String()
}

// Explain is the rule's documentation as plain text, for `pslan explain`.
func (r *Rule) Explain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", r.Code, r.Title)
	for _, s := range r.sections() {
		fmt.Fprintf(&b, "\n%s\n\n%s\n", s.title, indent(strings.ReplaceAll(s.text, "|", "")))
	}
	return b.String()
}

// markdown turns words between bars into code.
func markdown(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if !strings.HasPrefix(l, "    ") {
			lines[i] = strings.ReplaceAll(l, "|", "`")
		}
	}
	return strings.Join(lines, "\n")
}

func indent(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = "  " + l
		}
	}
	return strings.Join(lines, "\n")
}

// families are the groups of codes, in order.
var families = [...]struct{ prefix, title string }{
	{"PSL1", "What a copy is worth"},
	{"PSL2", "What could be lost"},
	{"PSL3", "Assignments"},
	{"PSL4", "Package servers"},
	{"PSL5", "Kinds of images, locations, boot environments"},
	{"PSL6", "The run as a whole"},
}

// Contents is the list of all rules as markdown: docs/rules/README.md.
func Contents() string {
	var b strings.Builder
	b.WriteString("# Rules\n\nWhat pslan warns of. Every finding has a code, one constant sentence of what would happen, why\npslan thinks so, and what to do. `pslan explain CODE` prints these pages.\n\n")
	b.WriteString("*Severity* is what a finding has where nothing else is set; *floor* is what `policy` cannot set it\nbelow. An error about an image or a server blocks the steps it names and those that need them;\nan error about the run (PSL6xx) stops it before the first write.\n")
	for _, f := range families {
		fmt.Fprintf(&b, "\n## %s\n\n| code | title | severity | floor |\n|---|---|---|---|\n", f.title)
		for _, r := range All() {
			if strings.HasPrefix(string(r.Code), f.prefix) {
				fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s |\n", r.Code, r.Code, r.Title, r.severity(), r.floor())
			}
		}
	}
	b.WriteString("\n## Laws\n\nFacts about the platform that the rules rest on; KB and TECH numbers are articles of the vendor.\nThe rest is told in KB 227791.\n\n")
	for n := 1; n <= lawCount; n++ {
		b.WriteString(wrap(law(n), fmt.Sprintf("%d. ", n), "   "))
	}
	return b.String()
}
