package view_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"pslan/internal/apply"
	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/plan"
	"pslan/internal/platform"
	"pslan/internal/proposal"
	"pslan/internal/view"
	"pslan/internal/view/sample"
)

// hostile makes every text of a proposal the given one.
func hostile(text string) *proposal.Proposal {
	p := sample.Everything()
	p.Plan.ID = text
	for _, c := range p.Plan.Changes {
		c.Head().In = text
		switch c := c.(type) {
		case *diff.ImageChange:
			c.Name, c.OwnerBefore, c.OwnerAfter, c.LocationAfter = text, text, text+"x", text
			c.AssignmentAfter.Servers = []string{text}
		case *diff.CopyChange:
			c.Server, c.From = text, text
		case *diff.ServerChange:
			c.Server, c.Host, c.Sites = text, text, []string{text}
		case *diff.PrebootChange:
			c.Name, c.ConnectsToAfter = text, text
		}
	}
	for i := range p.Plan.Steps {
		s := &p.Plan.Steps[i]
		s.Name, s.Label, s.Server, s.From, s.Servers, s.Skipped = text, text, text, text, []string{text}, []string{text}
		s.Address = sample.Everything().Plan.Steps[i].Address.Member(text)
		if s.After.Location != nil {
			s.After.Location = &text
		}
	}
	for i := range p.Findings {
		f := &p.Findings[i]
		f.Title, f.Detail, f.Fix, f.In, f.Server = text, text, text, text, text
		f.Range.Filename = text
		if f.Acked != nil {
			f.Acked.Reason, f.Acked.Ticket, f.Acked.Day = text, text, text
		}
	}
	p.Plan.Blocks[0].Detail = text
	for i := range p.Plan.Forecast.Servers {
		p.Plan.Forecast.Servers[i].Name = text
	}
	return p
}

// A name in the estate is somebody else's text. A terminal must show it, never obey it.
func TestNoTextReachesTheTerminalRaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.SampledFrom([]string{"\x1b[2J\x1b[31mowned", "a\rb", "\x07", "\u202eevil", "\u2066x", "\x9b31m", "bad\xff\xfe", "tab\tbed", "\u2028", "a\x00b", "\x7f"}),
			rapid.String(),
		).Draw(t, "text")
		var s streams
		o := s.options()
		o.OutTerminal, o.ErrTerminal = true, true
		o.Source = func(string, int) (string, bool) { return text, true }
		v := view.NewHuman(o)
		p := hostile(text)
		v.Plan(p, view.PlanOptions{SavedTo: text})
		v.Plan(p, view.PlanOptions{Verbose: true})
		step := &p.Plan.Steps[0]
		v.Event(apply.Asked{Step: step, Task: platform.OperatorTask{Op: platform.OpClearCopy, Server: text, Files: []string{text}}, Until: time.Unix(0, 0)})
		v.Event(apply.Progress{Step: step, Stuck: text, Done: 1, Total: 2})
		v.Event(apply.Done{Step: step, Note: text})
		v.Event(apply.Skipped{Step: step, Why: text})
		v.Event(apply.Failed{Step: step, Err: &platform.Error{Op: text, Object: text, Hint: text}})
		v.Info(text)
		v.Diagnostics(diag.Diagnostics{{Summary: text, Detail: text, In: text, Source: text, Subject: diag.Range{Filename: text, Start: diag.Pos{Line: 1}}}})
		r := report(p, func(*plan.Step) apply.StepOutcome {
			return apply.StepOutcome{Outcome: apply.OutcomeFailed, Reason: text}
		})
		v.ApplyEnd(view.ApplyEnd{Proposal: p, Report: r, Verdict: view.Incomplete})
		view.Drained(&s.out, o, view.RetireReport{Server: text, Points: []view.RetirePoint{{Title: text, Holds: []string{text}}}})
		for _, out := range [][]byte{s.out.Bytes(), s.err.Bytes()} {
			if !utf8.Valid(out) {
				t.Fatalf("not UTF-8: %q", out)
			}
			if i := bytes.IndexFunc(out, func(r rune) bool { return r != '\n' && r != ' ' && !unicode.IsPrint(r) }); i >= 0 {
				t.Fatalf("raw: %q", out[i:min(i+20, len(out))])
			}
		}
	})
}

// Whatever stands in a proposal, a JSON line is one line.
func TestJSONLinesStayLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		var s streams
		v := view.NewJSON(s.options())
		v.Plan(hostile(text), view.PlanOptions{SavedTo: text})
		v.Info(text)
		v.Close(0)
		for line := range strings.SplitSeq(strings.TrimSuffix(s.out.String(), "\n"), "\n") {
			if !strings.HasPrefix(line, `{"@level":`) || !strings.HasSuffix(line, "}") {
				t.Fatalf("not a whole line: %s", line)
			}
		}
	})
}
