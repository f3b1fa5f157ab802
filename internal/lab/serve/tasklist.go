package serve

import (
	"fmt"
	"html"
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

// The outputs of the task that lists packages, and what can happen to it on a server.
const (
	outputWhole    = "whole"
	outputCut      = "cut"
	outputShuffled = "shuffled"
	outputEscaped  = "escaped"
	outputVersion  = "version"
	outputNone     = "none"

	listNever  = "never"
	listFailed = "failed"
	listCOM    = "com"
)

func taskName(g estate.GUID) string {
	switch g.String() {
	case RefreshTask:
		return "pslan: refresh a package server"
	case PackageListTask:
		return "pslan: list the packages of a package server"
	}
	return ""
}

// listFault is what happens to the list task on a server.
func (s *Server) listFault(w *world.World, server int32) string {
	for _, name := range sortedKeys(s.dialect.ListFaults) {
		if estate.Fold(name) == estate.Fold(w.Servers[server].Name) {
			return s.dialect.ListFaults[name]
		}
	}
	return ""
}

// suffered is a run with what the dialect has happen to it.
func (s *Server) suffered(w *world.World, t *world.TaskRun) *world.TaskRun {
	if t.Task != PackageListTask || len(s.dialect.ListFaults) == 0 {
		return t
	}
	out := *t
	out.Parts = slices.Clone(t.Parts)
	for i := range out.Parts {
		p := &out.Parts[i]
		switch s.listFault(w, p.Server) {
		case listNever:
			p.Began, p.Ended, p.Failed = 0, 0, false
		case listFailed, listCOM:
			p.Failed = p.Ended != 0
		}
	}
	return &out
}

// output is the exit code of a task on a server, and what its script printed: null
// where that is not kept.
func (c *call) output(w *world.World, t *world.TaskRun, p *world.TaskPart) (code int, properties any) {
	text := "Refreshed."
	if t.Task == PackageListTask {
		text = c.packageList(w, p.Server)
		if c.server.listFault(w, p.Server) == listCOM {
			const blocked = 10
			first, _, _ := strings.Cut(text, "\n")
			code, text = blocked, first+"\nerror\t10\tAltiris.AeXNSClient: Access is denied. (0x80070005)\n"
		} else if p.Failed {
			return -1, nil
		}
		text = c.server.asPrinted(text)
	} else if p.Failed {
		return -1, nil
	}
	if c.server.dialect.TaskOutput == outputNone {
		return code, nil
	}
	return code, []record{
		taskProperty.set(map[string]any{"InternalName": "ReturnCode", "DisplayName": "Return code", "Description": "", "Type": "int", "Value": fmt.Sprint(code), "Required": false}),
		taskProperty.set(map[string]any{"InternalName": "Output", "DisplayName": "Script output", "Description": "", "Type": "string", "Value": text, "Required": false}),
	}
}

// asPrinted has the dialect change an output.
func (s *Server) asPrinted(text string) string {
	switch s.dialect.TaskOutput {
	case outputCut:
		return text[:len(text)/2]
	case outputEscaped:
		return html.EscapeString(text)
	case outputVersion:
		return strings.Replace(text, "pslan packages 1", "pslan packages 2", 1)
	case outputShuffled:
		var b strings.Builder
		for line := range strings.Lines(text) {
			cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			if len(cells) == len(listColumns) {
				slices.Reverse(cells)
			}
			b.WriteString(strings.Join(cells, "\t") + "\n")
		}
		return b.String()
	}
	return text
}

// listColumns are the properties of a package of a package server's agent (D, H
// PackageServerAgentLib.DisplayPackageData), in the order of the script.
var listColumns = []string{"Id", "Name", "Status", "PreviousStatus", "PackageVersion", "PackageSize", "PackageOriginator", "IsCustomLocation",
	"CleanupAfter", "Time", "NS", "PolicyId"}

// statusNumber is the status of a copy as a number of the software delivery agent (D);
// that the package server has the same ones is I. A word of the seed that is none of the
// lab's becomes a number that means nothing.
func statusNumber(word string) string {
	switch word {
	case "":
		return "-"
	case "Deleted", "Not Ready":
		return "0"
	case "Ready":
		return "1"
	case "Downloading":
		return "2"
	case "Pending":
		return "5"
	}
	return "99"
}

// packageList is what the script of pslan prints on a package server: a line for each
// package that it knows, and the number of lines at the end.
func (c *call) packageList(w *world.World, s int32) string {
	var b strings.Builder
	fmt.Fprintf(&b, "pslan packages 1\t%s\t8.7.3153\t%s\t64\n", w.Servers[s].Host, w.Now.Time().UTC().Format("2006-01-02T15:04:05Z"))
	fmt.Fprintln(&b, strings.Join(listColumns, "\t"))
	n := 0
	for i := range w.Images {
		img := &w.Images[i]
		cp := w.Copy(s, int32(i))
		if cp == nil || img.Package.IsZero() || !cp.Folder && !cp.InPolicy && cp.MarkedAt == 0 && cp.Status == "" {
			continue
		}
		n++
		originator := "-"
		switch {
		case cp.Managed == estate.ManagedLocal:
			originator = w.Servers[s].Host
		case img.Owner == estate.SMP:
			originator = "NS"
		case img.Owner.IsServer():
			originator = w.Servers[img.Owner].Host
		}
		custom := "False"
		if img.ServerFolder != "" {
			custom = "True"
		}
		cells := []string{c.server.guidText(img.Package), asciiCell(img.Name), statusNumber(cp.Status), "?", fmt.Sprint(cp.Version), fmt.Sprint(img.Nominal),
			originator, custom, "10080", "-", asciiCell(w.SMP.Name), "-"}
		fmt.Fprintln(&b, strings.Join(cells, "\t"))
	}
	fmt.Fprintf(&b, "end\t%d\n", n)
	return b.String()
}

// asciiCell is a text as the script prints it: all that is no ASCII, and what would end
// a cell, as \uXXXX.
func asciiCell(s string) string {
	if s == "" {
		return "-"
	}
	var b strings.Builder
	for _, r := range s {
		if r < ' ' || r > '~' {
			fmt.Fprintf(&b, "\\u%04X", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
