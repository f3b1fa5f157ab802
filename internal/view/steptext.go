package view

import (
	"fmt"
	"slices"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/wording"
)

// stepWriter tells steps in words.
type stepWriter struct {
	steps  []plan.Step
	many   bool // more than one image: each line names its own
	bySize bool // copies are proved by sizes only
}

func newStepWriter(steps []plan.Step, verify declared.Verify) *stepWriter {
	w := &stepWriter{steps: steps, bySize: verify == declared.VerifySize}
	label := ""
	for i := range steps {
		switch l := steps[i].Label; {
		case l == "" || steps[i].Image.IsZero():
		case label == "":
			label = l
		case l != label:
			w.many = true
			return w
		}
	}
	return w
}

// text tells what a line's steps do, and where they are an operator's.
func (w *stepWriter) text(g group) string {
	text := w.what(g)
	if w.steps[g.steps[0]].By == plan.ByOperator {
		text += " (operator)"
	}
	return text
}

func (w *stepWriter) what(g group) string {
	s := &w.steps[g.steps[0]]
	if len(g.steps) == 1 {
		return w.one(s)
	}
	n := g.subject(w.steps)
	if g.coarse {
		return w.coarse(g, s, n)
	}
	server, from := printable(s.Server), printable(s.From)
	switch s.Op {
	case plan.Assign:
		return n + " to " + assigned(s)
	case plan.Unassign:
		return n + " from " + names(s.Servers, 4)
	case plan.Sync:
		return w.sync(s)
	case plan.ClearCopy:
		return server + " is cleared of the wrong files of " + n + "; good copies stand on " + from
	case plan.WaitCopy:
		return server + " downloads " + n + ", " + wording.Size(w.bytes(g)) + ", from " + from
	case plan.VerifyCopy:
		return server + holds(server, from, printable(s.Snapshot)) + n + ", " + wording.Size(w.bytes(g)) + w.proof()
	case plan.TakeOwnership:
		return n + ": " + from + " -> " + server
	case plan.VerifyOwnership:
		return n + ": " + w.icons(s)
	case plan.CopyFiles:
		return "the files of " + n + " to " + printable(hostOf(deref(s.After.Location)))
	case plan.SetLocation:
		return n + ": " + printable(hostOf(deref(s.Before.Location))) + " -> " + printable(hostOf(deref(s.After.Location)))
	case plan.Convert:
		return n + " to the managed format"
	}
	return count(len(g.steps), "step") + " on " + server
}

// coarse tells steps of one operation that concern different servers.
func (w *stepWriter) coarse(g group, s *plan.Step, n string) string {
	to, from := w.servers(g)
	switch s.Op {
	case plan.Assign:
		return n + " to " + count(to, "server")
	case plan.Unassign:
		return n + " from " + count(to, "server")
	case plan.Sync:
		return fmt.Sprintf("membership update; %s, each for the images that wait for it", refresh(to))
	case plan.WaitCopy:
		return fmt.Sprintf("%s, %s, downloaded by %s from %d", n, wording.Size(w.bytes(g)), count(to, "server"), from)
	case plan.VerifyCopy:
		return fmt.Sprintf("%s on %s, %s%s", n, count(to, "server"), wording.Size(w.bytes(g)), w.proof())
	case plan.TakeOwnership:
		return fmt.Sprintf("%s: from %s to %d", n, count(from, "server"), to)
	case plan.VerifyOwnership:
		return fmt.Sprintf("%s: %s locally managed", n, count(to, "server"))
	}
	return n + ", " + count(to, "server")
}

func refresh(servers int) string {
	if servers == 1 {
		return "1 server refreshes"
	}
	return fmt.Sprintf("%d servers refresh", servers)
}

// one tells one step.
func (w *stepWriter) one(s *plan.Step) string {
	server, from, label := printable(s.Server), printable(s.From), printable(labelOf(s))
	of := "" // the image, where the line would not tell which
	if w.many && !s.Image.IsZero() {
		of = label + ": "
	}
	switch s.Op {
	case plan.Assign:
		return label + " to " + assigned(s)
	case plan.Unassign:
		return label + " from " + names(s.Servers, 4)
	case plan.Sync:
		return of + w.sync(s)
	case plan.ClearCopy:
		return of + server + " is cleared of wrong files; a good copy stands on " + from
	case plan.WaitCopy:
		return of + server + " downloads " + wording.Size(s.Bytes) + " from " + from
	case plan.WaitRoom:
		return of + wording.Size(s.Bytes) + " free on " + server
	case plan.VerifyCopy:
		return of + server + holds(server, from, printable(s.Snapshot)) + count(int(s.Files), "file") + ", " + wording.Size(s.Bytes) + w.proof()
	case plan.TakeOwnership:
		return label + ": " + from + " -> " + server
	case plan.VerifyOwnership:
		if s.Address.Type() == "package_server" {
			return server + " owns nothing any more"
		}
		return of + w.icons(s)
	}
	return rarer(s, label, server)
}

// rarer tells the steps that few plans have.
func rarer(s *plan.Step, label, server string) string {
	switch s.Op {
	case plan.CopyFiles:
		return label + ": files to " + printable(deref(s.After.Location))
	case plan.SetLocation:
		return label + ": location becomes " + printable(deref(s.After.Location))
	case plan.Convert:
		text := label + " to the managed format"
		if server != "" {
			text += ", folder on " + server
		}
		return text
	case plan.ChangeProfile:
		return printable(s.Name) + ": " + printable(deref(s.Before.ConnectsTo)) + " -> " + printable(deref(s.After.ConnectsTo))
	case plan.RebuildPreboot:
		return printable(s.Name)
	case plan.VerifyDrained:
		return "nothing needs " + server + " any more"
	case plan.RetireServer:
		return "the package service role of " + server + " is removed"
	}
	return label
}

// sync tells who refreshes. Where nothing was changed before, it is the refresh
// that matters and not the membership update that comes with it.
func (w *stepWriter) sync(s *plan.Step) string {
	text := names(s.Servers, 4) + " refresh"
	if len(s.Servers) == 1 {
		text += "es"
	}
	if len(s.Servers) == 0 {
		text = "no server refreshes"
	}
	changed := slices.ContainsFunc(s.Needs, func(no plan.StepNo) bool { return !w.steps[no].Waits() })
	if changed || len(s.Servers) == 0 {
		text = "membership update; " + text
	}
	if len(s.Skipped) > 0 {
		text += "; " + names(s.Skipped, 4) + " cannot be reached"
	}
	return text
}

// icons tells what the windows of both servers show. Of an old owner that no
// refresh reaches nothing is expected.
func (w *stepWriter) icons(s *plan.Step) string {
	server, from := printable(s.Server), printable(s.From)
	for _, no := range s.Needs {
		if need := &w.steps[no]; need.Op == plan.Sync && slices.Contains(need.Skipped, s.From) {
			return server + " locally managed; " + from + " cannot be reached"
		}
	}
	return server + " locally managed, " + from + " externally managed"
}

// assigned tells who gains a package.
func assigned(s *plan.Step) string {
	if a := s.After.Assignment; a != nil {
		switch a.Mode {
		case estate.AssignAll:
			return "all package servers"
		case estate.AssignSites, estate.AssignAutomatic:
			switch {
			case len(s.Servers) == 1:
			case len(a.Sites) == 1:
				return "the site " + printable(a.Sites[0])
			case len(a.Sites) > 1:
				return "the sites " + names(a.Sites, 4)
			}
		}
	}
	if len(s.Servers) == 0 && s.After.Assignment != nil {
		return names(s.After.Assignment.Servers, 4)
	}
	return names(s.Servers, 4)
}

// holds names the content that a copy is held against: another server's, the
// recorded one, or what was read of it before.
func holds(server, from, snapshot string) string {
	switch {
	case snapshot != "":
		return " equals the snapshot.xml of " + snapshot + ": "
	case from == "":
		return " equals the recorded content: "
	case from == server:
		return " still holds what was read: "
	}
	return " equals " + from + ": "
}

func (w *stepWriter) proof() string {
	if w.bySize {
		return ", by size"
	}
	return ", by hash"
}

func (w *stepWriter) bytes(g group) int64 {
	var sum int64
	for _, no := range g.steps {
		sum += w.steps[no].Bytes
	}
	return sum
}

// servers counts the servers of a group and where they take from.
func (w *stepWriter) servers(g group) (to, from int) {
	targets, sources := map[string]struct{}{}, map[string]struct{}{}
	for _, no := range g.steps {
		s := &w.steps[no]
		if s.Server != "" {
			targets[s.Server] = struct{}{}
		}
		for _, name := range s.Servers {
			targets[name] = struct{}{}
		}
		if s.From != "" {
			sources[s.From] = struct{}{}
		}
	}
	return len(targets), len(sources)
}

// estimate is how long a line's steps take: downloads between two servers share
// their link, other pairs run beside them.
func (w *stepWriter) estimate(g group) time.Duration {
	type pair struct{ from, to string }
	var longest int64
	sums := map[pair]int64{}
	for _, no := range g.steps {
		s := &w.steps[no]
		if s.Seconds == 0 {
			continue
		}
		k := pair{s.From, s.Server}
		sums[k] += s.Seconds
		longest = max(longest, sums[k])
	}
	return time.Duration(longest) * time.Second
}

// remark is the right column: the risk, or else how long it takes.
func (w *stepWriter) remark(g group) string {
	switch w.steps[g.steps[0]].Risk {
	case plan.OriginMoves:
		return originMoves
	case plan.DeletesData:
		return deletesData
	}
	if d := w.estimate(g); d > 0 {
		return "about " + roughly(d)
	}
	return ""
}

const (
	originMoves = "ORIGIN MOVES"
	deletesData = "DELETES DATA"
)

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
