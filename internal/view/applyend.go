package view

import (
	"fmt"
	"strings"

	"pslan/internal/apply"
	"pslan/internal/plan"
	"pslan/internal/proposal"
)

// ApplyEnd shows how a run ended: what was not done, by image and with reasons,
// then the fixed lines.
func (h *human) ApplyEnd(end ApplyEnd) {
	p := h.outPage()
	p.text("\n")
	p.remains(end)
	if r := end.Remaining; r != nil && end.Verdict == Incomplete {
		if c := r.Counts(); c.Add+c.Change+c.Destroy > 0 {
			p.prose("", fmt.Sprintf("A fresh reading still shows %d to add, %d to change, %d to destroy.", c.Add, c.Change, c.Destroy))
			p.text("\n")
		}
	}
	p.verdict(end)
	p.Flush()
}

// fate is what became of the steps of one address.
type fate struct {
	subject string
	outcome apply.Outcome
	step    *plan.Step // the one that decides
	number  int
	reason  string
	others  int // steps with the same outcome beside it
}

// fates sums up the outcomes by address, in the order of their first steps. What
// failed says more than what is not known, and that more than what was not run.
func fates(steps []plan.Step, outcomes []apply.StepOutcome) []*fate {
	weight := map[apply.Outcome]int{
		apply.OutcomeFailed: 5, apply.OutcomeUnknown: 4, apply.OutcomeAsked: 3, apply.OutcomeNotRun: 2, apply.OutcomeDone: 1, apply.OutcomeSkipped: 1,
	}
	var out []*fate
	byAddress := make(map[string]*fate)
	for i := range steps {
		if i >= len(outcomes) {
			break
		}
		s, o := &steps[i], &outcomes[i]
		f := byAddress[string(s.Address)]
		switch {
		case f == nil:
			f = &fate{subject: stepSubject(s), outcome: o.Outcome, step: s, number: i + 1, reason: o.Reason}
			byAddress[string(s.Address)] = f
			out = append(out, f)
		case weight[o.Outcome] > weight[f.outcome]:
			f.outcome, f.step, f.number, f.reason, f.others = o.Outcome, s, i+1, o.Reason, 0
		case o.Outcome == f.outcome:
			f.others++
		}
	}
	return out
}

// foldFates is how many addresses of one outcome are listed with their reasons.
const foldFates = 40

// remains lists what is not done. Where all is done there is nothing to list.
func (p *page) remains(end ApplyEnd) {
	if end.Report == nil || end.Proposal == nil {
		return
	}
	all := fates(end.Proposal.Plan.Steps, end.Report.Outcomes)
	of := func(outcomes ...apply.Outcome) (list []*fate) {
		for _, f := range all {
			for _, o := range outcomes {
				if f.outcome == o {
					list = append(list, f)
				}
			}
		}
		return list
	}
	failed, unknown, notRun := of(apply.OutcomeFailed), of(apply.OutcomeUnknown), of(apply.OutcomeNotRun)
	asked := of(apply.OutcomeAsked)
	blocked := blockedSubjects(end)
	if len(failed)+len(unknown)+len(asked)+len(notRun)+len(blocked) == 0 && end.Report.Err == nil {
		return
	}
	if done := of(apply.OutcomeDone, apply.OutcomeSkipped); len(done) > 0 {
		subjects := make([]string, len(done))
		for i, f := range done {
			subjects[i] = f.subject
		}
		p.prose("", fmt.Sprintf("Done (%d): %s", len(done), names(subjects, 6)))
	}
	p.fates("Failed", failed)
	p.fates("Not known whether done", unknown)
	p.fates("Asked for, not yet seen", asked)
	p.fates("Not run", notRun)
	if len(blocked) > 0 {
		p.printf("Blocked (%d):\n", len(blocked))
		for _, line := range blocked {
			p.prose("  ", line)
		}
	}
	if err := end.Report.Err; err != nil {
		p.prose("", "The run ended early: "+printableLines(err.Error()))
	}
	p.text("\n")
}

func (p *page) fates(title string, list []*fate) {
	if len(list) == 0 {
		return
	}
	p.printf("%s (%d):\n", title, len(list))
	for i, f := range list {
		if i == foldFates {
			p.printf("  and %d more\n", len(list)-i)
			return
		}
		text := fmt.Sprintf("%s: step %d, %s", f.subject, f.number, f.step.Op)
		if f.others > 0 {
			text += fmt.Sprintf(" and %d more", f.others)
		}
		if f.reason != "" {
			text += ": " + printableLines(f.reason)
		}
		p.hanging("  ", text)
	}
}

// hanging writes prose behind a first indentation, its further lines set in by two
// columns more.
func (p *page) hanging(first, text string) {
	further := strings.Repeat(" ", len(first)+2)
	lines := wrap(text, min(p.width, widestProse)-len(further))
	p.text(first, strings.Join(lines, "\n"+further), "\n")
}

// blockedSubjects lists what still cannot be done: what the newest reading says,
// or the plan where there was none.
func blockedSubjects(end ApplyEnd) []string {
	from := newest(end)
	var out []string
	codes := map[string][]string{}
	for i := range from.Plan.Blocks {
		b := &from.Plan.Blocks[i]
		subject := printable(string(b.Address))
		if codes[subject] == nil {
			out = append(out, subject)
		}
		codes[subject] = append(codes[subject], string(b.Code))
	}
	for i, subject := range out {
		out[i] = subject + ": " + names(codes[subject], 8)
	}
	return out
}

// newest is the proposal after the run, or the one that was carried out where the
// estate could not be read again.
func newest(end ApplyEnd) *proposal.Proposal {
	if end.Remaining != nil {
		return end.Remaining
	}
	return end.Proposal
}

// verdict writes the fixed lines.
func (p *page) verdict(end ApplyEnd) {
	done, failed, notRun, unknown := stepCounts(end.Report)
	resources := fmt.Sprintf("Resources: %d added, %d changed, %d destroyed.", end.Added, end.Changed, end.Destroyed)
	goOn := true
	switch end.Verdict {
	case Complete:
		p.text(p.bold("Apply complete!"), " ", resources, "\n")
		goOn = false
	case Incomplete:
		p.text(p.with(sgrBold+sgrRed, "Apply incomplete!"), " ", resources, "\n")
		p.printf("Steps: %d done, %d failed, %d not run, %d unknown.\n", done, failed, notRun, unknown)
	case Paused:
		p.text(p.with(sgrBold+sgrMagenta, "Apply paused!"))
		p.printf(" Work remains: %d of %d steps.\n", failed+notRun+unknown, done+failed+notRun+unknown)
	}
	if goOn {
		p.text("To go on, run: pslan apply\n")
	}
}

func blockedCount(end ApplyEnd) int {
	if from := newest(end); from != nil {
		return from.Counts().Blocked
	}
	return 0
}

// stepCounts counts outcomes; what was found done is done, and what was asked for and
// not yet seen is unknown.
func stepCounts(r *apply.Report) (done, failed, notRun, unknown int) {
	if r == nil {
		return 0, 0, 0, 0
	}
	return r.Count(apply.OutcomeDone) + r.Count(apply.OutcomeSkipped), r.Count(apply.OutcomeFailed),
		r.Count(apply.OutcomeNotRun), r.Count(apply.OutcomeUnknown) + r.Count(apply.OutcomeAsked)
}
