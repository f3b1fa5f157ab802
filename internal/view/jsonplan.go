package view

import (
	"fmt"
	"strconv"

	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/proposal"
)

func itoa(n int) string { return strconv.Itoa(n) }

// resource names the object of a line, as Terraform's lines do.
type resource struct {
	Addr     string `json:"addr"`
	Module   string `json:"module"`
	Resource string `json:"resource"`
	Provider string `json:"implied_provider"`
	Type     string `json:"resource_type"`
	Name     string `json:"resource_name"`
	// Key is the last key of the address; null where it has none.
	Key *string `json:"resource_key"`
}

func resourceOf(a estate.Address) resource {
	words := a.Words()
	r := resource{Addr: string(a), Resource: string(a), Provider: "pslan", Type: words[0]}
	if len(words) > 1 {
		r.Name = words[1]
	}
	if len(words) > 2 {
		r.Key = &words[len(words)-1]
	}
	return r
}

type changeLine struct {
	head
	Change plannedChange `json:"change"`
	Type   string        `json:"type"`
}

type plannedChange struct {
	Resource  resource       `json:"resource"`
	Action    string         `json:"action"`
	Wanted    string         `json:"wanted,omitempty"` // of a blocked change, whose action is noop
	BlockedBy []finding.Code `json:"blocked_by,omitempty"`
}

type stepLineJSON struct {
	head
	Step plannedStep `json:"step"`
	Type string      `json:"type"`
}

// plannedStep is a step in short: plan -json-into has all of it.
type plannedStep struct {
	N        int      `json:"n"`
	ID       string   `json:"id"`
	Op       string   `json:"op"`
	Resource resource `json:"resource"`
	By       string   `json:"by"`
	Risk     string   `json:"risk"`
	Server   string   `json:"server,omitempty"`
	From     string   `json:"from,omitempty"`
	Servers  []string `json:"servers,omitempty"`
	Bytes    int64    `json:"bytes,omitempty"`
	Seconds  int64    `json:"seconds,omitempty"`
}

type countsLine struct {
	head
	Changes changeCounts `json:"changes"`
	Type    string       `json:"type"`
}

type changeCounts struct {
	Add        int            `json:"add"`
	Change     int            `json:"change"`
	Import     int            `json:"import"`
	Remove     int            `json:"remove"`
	Operation  string         `json:"operation"`
	Blocked    int            `json:"blocked"`
	Undeclared int            `json:"undeclared_images"`
	PlanID     string         `json:"plan_id,omitempty"`
	Partial    bool           `json:"partial,omitempty"`
	SavedTo    string         `json:"saved_to,omitempty"`
	Verdict    string         `json:"verdict,omitempty"` // of an apply
	Steps      *stepTally     `json:"steps,omitempty"`
	Planned    *plannedTotals `json:"planned,omitempty"`
}

type stepTally struct {
	Done    int `json:"done"`
	Failed  int `json:"failed"`
	NotRun  int `json:"not_run"`
	Unknown int `json:"unknown"`
}

type plannedTotals struct {
	Steps         int   `json:"steps"`
	Downloads     int   `json:"downloads"`
	DownloadBytes int64 `json:"download_bytes"`
	OriginMoves   int   `json:"origin_moves"`
	Deletions     int   `json:"deletions"`
}

// Plan shows a proposal: its changes, its steps, its findings, and their number.
func (v *jsonView) Plan(p *proposal.Proposal, o PlanOptions) {
	v.byHand = SyncByOperator(p.Plan.Steps)
	for _, c := range p.Plan.Changes {
		v.line(v.changeLine(c.Head()))
	}
	l := listOf(p.Plan.Steps, o.Done)
	w := newStepWriter(l.steps, p.Meta.Verify)
	for i := range l.steps {
		v.line(v.stepLine(w, i, l.numbers[i]))
	}
	for _, d := range p.Notes {
		v.line(v.diagnosticLine(diagnosticOf(d)))
	}
	for i := range p.Findings {
		f := &p.Findings[i]
		source := ""
		if v.Source != nil && !f.Range.IsZero() {
			source, _ = v.Source(f.Range.Filename, int(f.Range.Start.Line))
		}
		v.line(v.diagnosticLine(findingDiagnostic(f, source)))
	}
	v.line(v.planCounts(p, l, o))
	v.w.Flush()
}

func (v *jsonView) changeLine(h *diff.Header) *changeLine {
	change := plannedChange{Resource: resourceOf(h.Address), Action: h.Action.String()}
	verb := "Plan to "
	if len(h.Blocked) > 0 {
		verb = "Blocked: cannot "
		change.Wanted, change.Action, change.BlockedBy = change.Action, "noop", h.Blocked
	}
	return &changeLine{head: v.info(string(h.Address) + ": " + verb + h.Action.String()), Change: change, Type: "planned_change"}
}

func (v *jsonView) stepLine(w *stepWriter, i, number int) *stepLineJSON {
	s := &w.steps[i]
	text := w.text(group{steps: []plan.StepNo{plan.StepNo(i)}})
	return &stepLineJSON{
		head: v.info(fmt.Sprintf("Step %d: %s: %s", number, s.Op, text)),
		Step: plannedStep{
			N: number, ID: s.ID, Op: s.Op.String(), Resource: resourceOf(s.Address), By: s.By.String(), Risk: s.Risk.String(),
			Server: s.Server, From: s.From, Servers: s.Servers, Bytes: s.Bytes, Seconds: s.Seconds,
		},
		Type: "planned_step",
	}
}

func (v *jsonView) planCounts(p *proposal.Proposal, l listed, o PlanOptions) *countsLine {
	c := p.Counts()
	message := fmt.Sprintf("Plan: %d to add, %d to change, %d to destroy.", c.Add, c.Change, c.Destroy)
	if p.Empty() {
		message = "No changes. Your infrastructure matches the configuration."
	}
	t := totalsOf(p, l)
	return &countsLine{head: v.info(message), Type: "change_summary", Changes: changeCounts{
		Add: c.Add, Change: c.Change, Remove: c.Destroy, Operation: "plan", Blocked: c.Blocked,
		Undeclared: p.Undeclared, PlanID: p.Plan.ID, Partial: p.Plan.Partial, SavedTo: o.SavedTo,
		Planned: &plannedTotals{
			Steps: len(l.steps), Downloads: t.downloads, DownloadBytes: t.bytes, OriginMoves: t.moves, Deletions: t.deletions,
		},
	}}
}
