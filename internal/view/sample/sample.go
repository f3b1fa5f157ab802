// Package sample holds hand-built proposals for the tests of what shows and saves
// them: one image that moves, hundreds that do, and one of everything. It decides
// nothing, and no command uses it.
package sample

import (
	"fmt"
	"strings"
	"time"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/proposal"
)

// Version of pslan that the samples are made by.
const Version = "0.1.0"

// Gigabytes is the size of the image that moves.
const Gigabytes = 13314398617

// Meta is where the samples come from.
func Meta() proposal.Meta {
	taken := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	return proposal.Meta{
		SMP: "smp01.contoso.com", Source: "lab", Version: Version,
		TakenAt: estate.TimeOf(taken), MadeAt: estate.TimeOf(taken.Add(5 * time.Second)),
	}
}

// At is a line of a file.
func At(file string, line int32) diag.Range {
	return diag.Range{
		Filename: file,
		Start:    diag.Pos{Line: line, Column: 3, Byte: line * 30},
		End:      diag.Pos{Line: line, Column: 31, Byte: line*30 + 28},
	}
}

// GUID makes a GUID from a number.
func GUID(n int) estate.GUID {
	g, err := estate.ParseGUID(fmt.Sprintf("6d3f0c1e-52a1-4a35-9d6c-%012x", n))
	if err != nil {
		panic(err) // twelve digits always fit
	}
	return g
}

// Servers is an individual assignment.
func Servers(names ...string) estate.AssignmentNames {
	return estate.AssignmentNames{Mode: estate.AssignServers, Servers: names}
}

// Move describes one image that goes from one server to another.
type Move struct {
	N         int
	Address   estate.Address
	Name      string
	From, To  string
	Gets      bool // the new owner has no copy yet
	Loses     bool // the old owner loses its copy
	Blocked   []finding.Code
	Operators bool // ownership is taken by hand
	Line      int32
}

// Changes returns the changes of the move.
func (m Move) Changes() []diff.Change {
	label, _ := m.Address.ImageLabel()
	header := func(a estate.Address, action diff.Action) diff.Header {
		return diff.Header{Address: a, Action: action, Range: At("images.hcl", m.Line), In: m.in(), Blocked: m.Blocked}
	}
	before, after := Servers(m.From), Servers(m.From, m.To)
	if m.Loses {
		after = Servers(m.To)
	}
	changes := []diff.Change{&diff.ImageChange{
		Header: header(m.Address, diff.Update), Image: -1, Name: m.Name, GUID: GUID(m.N + 1000), Package: GUID(m.N),
		OwnerBefore: m.From, OwnerAfter: m.To, AssignmentBefore: before, AssignmentAfter: after,
		LocationBefore: m.location(m.From), LocationAfter: m.location(m.From),
	}}
	copyOf := func(server string, action diff.Action, from string, class estate.Class) diff.Change {
		return &diff.CopyChange{
			Header: header(m.Address.Copy(server), action), Image: -1, Name: m.Name, Package: GUID(m.N), Server: server,
			Class: class, Files: 3, Bytes: Gigabytes, From: from, Label: label,
		}
	}
	if m.Gets {
		changes = append(changes, copyOf(m.To, diff.Create, m.From, estate.Missing))
	}
	if m.Loses {
		changes = append(changes, copyOf(m.From, diff.Delete, "", estate.Good))
	}
	return changes
}

func (m Move) location(server string) string {
	return `\\` + server + `\PkgSvrHost$\` + m.Name
}

// in is the block in words: image "win11".
func (m Move) in() string {
	words := m.Address.Words()
	if len(words) < 2 {
		return ""
	}
	return words[0] + ` "` + words[1] + `"`
}

// Finding is a warning about one image.
func Finding(code finding.Code, severity finding.Severity, address estate.Address, line int32) finding.Finding {
	words := address.Words()
	return finding.Finding{
		Code: code, Severity: severity, Title: titles[code], Address: address, Server: "PS010", Image: strings.ToUpper(words[1]),
		Detail: `PS010 is assigned and holds 0 of 3 files (0 B of 12.4 GiB). After "take ownership" there would be no server left ` +
			`to download from. pslan will not run step 4 until step 3 has passed.`,
		Fix:   "refresh the policy on PS010 so that it downloads.",
		Range: At("images.hcl", line), In: words[0] + ` "` + words[1] + `"`,
	}
}

var titles = map[finding.Code]string{
	"PSL101": "An empty package would become locally managed",
	"PSL106": "The platform says Ready, and there are no files",
	"PSL202": "No good copy is left anywhere",
	"PSL301": "The new owner is not assigned",
	"PSL303": "An assignment to all servers would be narrowed",
	"PSL606": "A step needs an operator",
}

// Acknowledge is a person's word for a finding.
func Acknowledge(f finding.Finding) finding.Finding {
	f.Acked = &finding.Acknowledgement{
		Code: f.Code, Reason: "Branch copies are deleted on purpose", Day: "2027-01-31", Ticket: "CHG-4711",
		Expires: estate.TimeOf(time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)), Range: At("images.hcl", 20),
	}
	return f
}

// Variables are one that may be shown and one that may not.
func Variables() map[string]declared.Variable {
	return map[string]declared.Variable{
		"new_server": {Value: `"PS010"`},
		"password":   {Value: `"hunter2"`, Sensitive: true},
	}
}

func pointer[T any](v T) *T { return &v }

// ID is a plan ID.
const ID = "sha256:5f0c6c1d8f7a4e0b9c2d3e4f5061728394a5b6c7d8e9f0011223344556677889"

// Plan puts a plan together.
func Plan(changes []diff.Change, steps []plan.Step) *plan.Plan {
	return &plan.Plan{Changes: changes, Steps: steps, ID: ID}
}
