package view

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"pslan/internal/apply"
	"pslan/internal/plan"
	"pslan/internal/platform"
	"pslan/internal/wording"
)

// quietAbove is the number of images from which on the beginning of a step is not
// told: each step then has one line, when it is finished.
const quietAbove = 20

// Event shows one event of an apply in a line, an operator's step with all that he
// needs, and a failure as an error.
func (h *human) Event(e apply.Event) {
	p := h.outPage()
	switch e := e.(type) {
	case apply.Started:
		if h.images <= quietAbove {
			p.step(e.Step, wordsOf(e.Step).begins+"...")
		}
	case apply.Progress:
		p.step(e.Step, progress(&e))
	case apply.Asked:
		p.asked(&e, h.byHand)
	case apply.Done:
		text := wordsOf(e.Step).noun + " complete after " + lasts(e.Elapsed)
		if e.Note != "" {
			text += " [" + printable(e.Note) + "]"
		}
		p.step(e.Step, text)
	case apply.Skipped:
		p.step(e.Step, wordsOf(e.Step).noun+" not needed: "+printable(e.Why))
	case apply.Failed:
		p.step(e.Step, wordsOf(e.Step).noun+" failed")
		p.Flush()
		h.failed(e.Step, "A step failed", e.Err)
	case apply.Unknown:
		p.step(e.Step, wordsOf(e.Step).noun+" may or may not be done")
		p.Flush()
		h.failed(e.Step, "It is not known whether a step was done", e.Err)
	}
	p.Flush()
}

// step writes a line about a step: ADDRESS: text.
func (p *page) step(s *plan.Step, text string) {
	p.text(p.bold(stepSubject(s)+":"), " ", text, "\n")
}

// stepSubject is the address of a step; a refresh for many images has none.
func stepSubject(s *plan.Step) string {
	if s.Address == "" {
		return s.Op.String()
	}
	return printable(string(s.Address))
}

func progress(e *apply.Progress) string {
	text := "Still " + wordsOf(e.Step).still + "... ["
	if e.Total > 0 {
		if e.Step.Server != "" {
			text += printable(e.Step.Server) + " "
		}
		text += wording.Share(e.Done, e.Total) + ", "
	}
	text += lasts(e.Elapsed) + " elapsed"
	if e.Left > 0 {
		text += ", about " + roughly(e.Left) + " left"
	}
	text += "]"
	if e.Stuck != "" {
		text += " " + printable(e.Stuck)
	}
	return text
}

// asked tells an operator what to do.
func (p *page) asked(e *apply.Asked, byHand bool) {
	in := InstructionsFor(e.Task, byHand)
	p.step(e.Step, "An operator is needed"+until(e.Until)+":")
	p.text("\n")
	p.prose("    ", printableLines(in.Title))
	p.text("\n")
	for i, step := range in.Steps {
		number := fmt.Sprintf("  %3d. ", i+1)
		lines := wrap(printableLines(step), min(p.width, widestProse)-len(number))
		p.text(number, strings.Join(lines, "\n"+strings.Repeat(" ", len(number))), "\n")
	}
	p.text("\n")
	p.prose("    ", "How to see that it is done: "+printableLines(in.Check))
	if e.Check != "" {
		p.prose("    ", "Right before, look: "+printableLines(e.Check)+".")
	}
	if !e.ValidUntil.IsZero() {
		p.prose("    ", "What was verified holds until "+e.ValidUntil.UTC().Format("2006-01-02 15:04")+" UTC. After that do nothing: it is verified and asked for again.")
	}
	p.text("\n")
}

func until(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", until " + t.UTC().Format("2006-01-02 15:04") + " UTC"
}

// failed tells on Err why a step failed and what to do.
func (h *human) failed(s *plan.Step, title string, err error) {
	text := errorText(err)
	body := []string{stepSubject(s) + ", " + s.Op.String() + ": " + text}
	if hint := hintOf(err); !strings.Contains(text, wording.Clause(hint)) { // the engine's reasons have it
		body = append(body, hint)
	}
	e := h.errPage()
	e.problem(&problem{level: "Error", title: title, body: body})
	e.Flush()
}

func errorText(err error) string {
	if err == nil {
		return "no reason was given"
	}
	return err.Error()
}

func hintOf(err error) string {
	var pe *platform.Error
	if errors.As(err, &pe) {
		return pe.Hint
	}
	return ""
}
