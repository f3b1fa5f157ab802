package smp

import (
	"errors"
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/smp/rows"
)

// What the script docs/smp/package-server.ps1 prints on a package server: its package
// list, as the agent there has it (D, H PackageServerAgentLib.DisplayPackageData). Cells
// stand between tabs.
//
//	pslan packages 1	HOST	AGENT VERSION	2026-11-22T10:00:00Z	64
//	Id	Name	Status	...
//	6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f001	WIN11-23H2	1	...
//	end	1
//
// The count in the last line tells an output that was cut off: how much of it a platform
// keeps is N. A failure is a line "error", exit code, message in place of the rest.
const (
	printedMagic   = "pslan packages"
	printedVersion = "1"
	cellEmpty      = "-" // the property has no value
	cellUnknown    = "?" // reading the property raised an error
)

// printedColumns are those of the script, in its order. The reader finds them by name
// and needs those of neededColumns.
var printedColumns = []string{"Id", "Name", "Status", "PreviousStatus", "PackageVersion", "PackageSize", "PackageOriginator",
	"IsCustomLocation", "CleanupAfter", "Time", "NS", "PolicyId"}

const (
	columnID         = "Id"
	columnStatus     = "Status"
	columnVersion    = "PackageVersion"
	columnOriginator = "PackageOriginator"
)

var neededColumns = []string{columnID, columnStatus, columnVersion, columnOriginator}

// printed is what the script printed on one server.
type printed struct {
	host     string
	at       time.Time // by the server's own clock
	packages []printedPackage
	// same holds the texts of cells that many packages have.
	same map[string]string
	// wrong are ids that are none, and how many there are.
	wrong      int
	wrongFirst string
}

// printedPackage has cells as they were printed, cellUnknown and cellEmpty too.
type printedPackage struct {
	pack                        estate.GUID
	status, version, originator string
}

// The limits of one output. A name that long is none.
const (
	maxPrinted     = 64 << 20
	maxPrintedLine = 16 << 10
	maxPreamble    = 50 // lines before the first one of the script: a host may write some
)

const (
	hintScript = "put the script of this version of pslan into the task"
	hintOutput = "run the task in the console and look at its output"
)

// parsePrinted reads an output. The error is a *rows.Fault without From.
func parsePrinted(text string) (*printed, error) {
	if len(text) > maxPrinted {
		return nil, &rows.Fault{Problem: fmt.Sprintf("it printed more than %d MiB", maxPrinted>>20), Hint: hintOutput}
	}
	out, err := parseLines(text)
	if errors.Is(err, errNotPrinted) && strings.Contains(text, "&") {
		// Escaped once more than XML needs: the way from the agent to the service is long.
		out, err = parseLines(html.UnescapeString(text))
	}
	if errors.Is(err, errNotPrinted) {
		problem := "its output is not that of the script"
		if strings.TrimSpace(text) == "" {
			problem = "the task gave no output"
		}
		return nil, &rows.Fault{Problem: problem, Hint: "save the output of the script with the status of the task, and " + hintScript}
	}
	return out, err
}

var errNotPrinted = errors.New("not what the script prints")

// lines gives the lines of a text one by one.
type lines struct{ rest string }

func (l *lines) next() (string, bool) {
	if l.rest == "" {
		return "", false
	}
	line, rest, _ := strings.Cut(l.rest, "\n")
	l.rest = rest
	return strings.TrimSuffix(line, "\r"), true
}

func parseLines(text string) (*printed, error) {
	in := lines{strings.TrimPrefix(text, "\ufeff")}
	out, err := in.head()
	if err != nil {
		return nil, err
	}
	line, ok := in.next()
	if !ok {
		return nil, cutOff("after its first line")
	}
	if code, told := strings.CutPrefix(line, "error\t"); told {
		return nil, scriptError(code)
	}
	at, width, err := placesOf(line)
	if err != nil {
		return nil, err
	}
	for {
		line, ok := in.next()
		if !ok {
			return nil, cutOff(fmt.Sprintf("after %d packages", out.count()))
		}
		if count, last := strings.CutPrefix(line, "end\t"); last {
			if n, err := strconv.Atoi(strings.TrimSpace(count)); err != nil || n != out.count() {
				return nil, &rows.Fault{Problem: fmt.Sprintf("it printed %d packages and counts %s: a part of the output is missing", out.count(), shortened(count)), Hint: hintOutput}
			}
			out.same = nil
			return out, nil
		}
		if code, told := strings.CutPrefix(line, "error\t"); told {
			return nil, scriptError(code)
		}
		cells := strings.Split(line, "\t")
		if len(cells) != width || len(line) > maxPrintedLine {
			if in.rest == "" {
				return nil, cutOff(fmt.Sprintf("after %d packages", out.count()))
			}
			return nil, &rows.Fault{Problem: fmt.Sprintf("the line of package %d has %d cells in place of %d", out.count()+1, len(cells), width), Hint: hintOutput}
		}
		if out.count() == rows.MaxRows {
			return nil, &rows.Fault{Problem: fmt.Sprintf("it printed more than %d packages", rows.MaxRows), Hint: hintOutput}
		}
		out.take(cells, &at)
	}
}

func (p *printed) count() int { return len(p.packages) + p.wrong }

func (p *printed) take(cells []string, at *places) {
	g, err := estate.ParseGUID(strings.TrimSpace(cells[at.id]))
	if err != nil || g.IsZero() {
		if p.wrong++; p.wrongFirst == "" {
			p.wrongFirst = shortened(cells[at.id])
		}
		return
	}
	p.packages = append(p.packages, printedPackage{g, p.once(cells[at.status]), p.once(cells[at.version]), p.once(cells[at.originator])})
}

// once is a cell as it was kept before, or else a copy: a part of the output would keep
// all of it in memory.
func (p *printed) once(cell string) string {
	if kept, ok := p.same[cell]; ok {
		return kept
	}
	kept := strings.Clone(shortened(cell))
	p.same[strings.Clone(cell)] = kept
	return kept
}

// head finds the script's first line. Lines before it are those of the program that ran
// it.
func (l *lines) head() (*printed, error) {
	for range maxPreamble {
		line, ok := l.next()
		if !ok {
			break
		}
		cells := strings.Split(line, "\t")
		version, ours := strings.CutPrefix(strings.TrimSpace(cells[0]), printedMagic+" ")
		switch {
		case !ours:
			continue
		case len(cells) < 4:
			return nil, errNotPrinted
		case version != printedVersion:
			return nil, &rows.Fault{Problem: fmt.Sprintf("its script is version %s, and this pslan reads version %s", shortened(version), printedVersion), Hint: hintScript}
		}
		at, err := time.Parse(time.RFC3339, strings.TrimSpace(cells[3]))
		if err != nil {
			return nil, &rows.Fault{Problem: fmt.Sprintf("its script says that the time is %q", shortened(cells[3])), Hint: hintScript}
		}
		return &printed{host: shortened(cells[1]), at: at, same: map[string]string{}}, nil
	}
	return nil, errNotPrinted
}

// places are where the needed columns stand.
type places struct{ id, status, version, originator int }

func placesOf(header string) (places, int, error) {
	names := strings.Split(header, "\t")
	var p places
	var missing []string
	for i, into := range []*int{&p.id, &p.status, &p.version, &p.originator} {
		*into = slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(strings.TrimSpace(n), neededColumns[i]) })
		if *into < 0 {
			missing = append(missing, neededColumns[i])
		}
	}
	if len(missing) > 0 {
		return p, 0, &rows.Fault{Problem: "its list lacks " + strings.Join(missing, ", "), Hint: hintScript}
	}
	return p, len(names), nil
}

func cutOff(where string) error {
	return &rows.Fault{Problem: "its output is cut off " + where, Hint: "look how much output of a task the platform keeps; until then bring rows \"copies\" another way"}
}

// scriptExits are the exit codes of the script. It ends with the first step that fails,
// so each has a remedy of its own.
var scriptExits = map[int]struct{ what, hint string }{
	10: {"the script cannot create the agent's object Altiris.AeXNSClient", "run the task as System, and look whether the agent's settings block COM (enableCOMSecurity)"},
	11: {"the agent does not give out its policy manager", "look whether the agent's settings block COM (enableCOMSecurity)"},
	12: {"the agent has no package server plug-in", "look whether the package service is installed there"},
	13: {"the package server plug-in does not give out its packages", "look whether the agent's settings block COM (enableCOMSecurity)"},
	14: {"the verb that the script was told to call failed", "look whether the agent's settings block it (allowUpdateConfiguration, allowSendInventory)"},
	15: {"the script failed", hintOutput},
}

// scriptError reads what stands behind "error": an exit code and a message.
func scriptError(line string) error {
	code, message, _ := strings.Cut(line, "\t")
	n, err := strconv.Atoi(strings.TrimSpace(code))
	known, ok := scriptExits[n]
	if err != nil || !ok {
		known = scriptExits[15]
	}
	problem := known.what
	if message = strings.TrimSpace(message); message != "" {
		problem += ": " + shortened(message)
	}
	return &rows.Fault{Problem: problem, Hint: known.hint}
}

// shortened is a cell for people and for facts: no more than they need.
func shortened(s string) string {
	const most = 160
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\ufffd' {
			return ' '
		}
		return r
	}, s)), " ")
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
