package cli

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/planfile"
	"pslan/internal/proposal"
)

// expectation is the plan that -expect-plan names: an ID, with the plan itself
// where it is at hand.
type expectation struct {
	id   string
	plan *proposal.Proposal // nil: only its ID is known
}

const planIDPrefix = "sha256:"

// expected reads -expect-plan: a plan's ID, or a saved plan. Of an ID the plan is
// looked for among those of earlier runs.
func (a *app) expected(written string) (*expectation, error) {
	if written == "" {
		return nil, nil
	}
	if !strings.HasPrefix(written, planIDPrefix) {
		p, err := planfile.Load(a.path(written), Version)
		if err != nil {
			return nil, fileProblem(written, err)
		}
		return &expectation{id: p.Plan.ID, plan: p}, nil
	}
	if hex := strings.TrimPrefix(written, planIDPrefix); len(hex) != 64 || strings.Trim(hex, "0123456789abcdef") != "" {
		return nil, problem("Invalid value for a flag", "-expect-plan is the ID that pslan plan prints, sha256: and 64 hexadecimal digits, "+
			"or the name of a saved plan. %q is neither.", written)
	}
	return &expectation{id: written, plan: a.planOfRuns(written)}, nil
}

// fits reports whether a plan is the expected one; everything fits no expectation.
func (x *expectation) fits(p *proposal.Proposal) bool { return x == nil || x.id == p.Plan.ID }

// problem says that a plan is another one than was expected, and in what.
func (x *expectation) problem(p *proposal.Proposal) error {
	text := fmt.Sprintf("Expected: %s\nIt is:    %s\n\n", x.id, p.Plan.ID)
	if x.plan == nil {
		text += "What was expected is known by its ID alone, so the difference cannot be shown. Give the saved plan instead, -expect-plan=FILE, to see it."
	} else {
		text += differenceOf(x.plan, p)
	}
	return problem("This is not the expected plan", "%s\n\nNothing was done. Look at the plan above; if it is right, expect its ID.", text)
}

// maxDifferences is how many entries of each kind a difference lists.
const maxDifferences = 20

// differenceOf says what two plans do not share: changes, steps and facts.
func differenceOf(before, after *proposal.Proposal) string {
	var b strings.Builder
	list := func(title string, old, now map[string]string) {
		lines := differingLines(old, now)
		if len(lines) == 0 {
			return
		}
		fmt.Fprintf(&b, "%s:\n", title)
		for i, l := range lines {
			if i == maxDifferences {
				fmt.Fprintf(&b, "  and %d more\n", len(lines)-i)
				break
			}
			fmt.Fprintf(&b, "  %s\n", l)
		}
	}
	list("Changes that differ", changeTexts(before.Plan.Changes), changeTexts(after.Plan.Changes))
	list("Steps that differ", stepTexts(before.Plan.Steps), stepTexts(after.Plan.Steps))
	list("Facts that differ", factTexts(before.Plan.Facts), factTexts(after.Plan.Facts))
	if before.Plan.Partial != after.Plan.Partial {
		b.WriteString("One of the two is partial (-target or -exclude), the other is not.\n")
	}
	if b.Len() == 0 {
		return "They have the same changes, steps and facts, in another order of needs."
	}
	return strings.TrimRight(b.String(), "\n")
}

// differingLines holds two sets of entries against each other, by key.
func differingLines(old, now map[string]string) []string {
	keys := make([]string, 0, len(old))
	for k := range old {
		keys = append(keys, k)
	}
	for k := range now {
		if _, both := old[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	var lines []string
	for _, k := range keys {
		was, had := old[k]
		is, has := now[k]
		switch {
		case !has:
			lines = append(lines, "- "+k+was)
		case !had:
			lines = append(lines, "+ "+k+is)
		case was != is:
			lines = append(lines, "~ "+k+was+" -> "+strings.TrimPrefix(is, ": "))
		}
	}
	return lines
}

func changeTexts(changes []diff.Change) map[string]string {
	texts := make(map[string]string, len(changes))
	for _, c := range changes {
		h := c.Head()
		text := ": " + h.Action.String()
		if len(h.Blocked) > 0 {
			text += ", blocked"
		}
		switch c := c.(type) {
		case *diff.ImageChange:
			if c.OwnerBefore != c.OwnerAfter {
				text += fmt.Sprintf(", owner %s to %s", orNone(c.OwnerBefore), orNone(c.OwnerAfter))
			}
			if !c.AssignmentBefore.Equal(&c.AssignmentAfter) {
				text += fmt.Sprintf(", assignment %s to %s", assignmentWords(&c.AssignmentBefore), assignmentWords(&c.AssignmentAfter))
			}
		case *diff.CopyChange:
			if c.From != "" {
				text += ", from " + c.From
			}
		}
		texts[string(h.Address)] = text
	}
	return texts
}

func assignmentWords(a *estate.AssignmentNames) string {
	if names := slices.Concat(a.Servers, a.Sites); len(names) > 0 {
		return a.Mode.String() + " " + strings.Join(names, ", ")
	}
	return a.Mode.String()
}

func stepTexts(steps []plan.Step) map[string]string {
	texts := make(map[string]string, len(steps))
	for i := range steps {
		s := &steps[i]
		text := ": by " + s.By.String()
		if s.From != "" {
			text += ", from " + s.From
		}
		if len(s.Servers) > 0 {
			text += ", " + strings.Join(s.Servers, ", ")
		}
		if len(s.Skipped) > 0 {
			text += ", without " + strings.Join(s.Skipped, ", ")
		}
		texts[s.ID] = text
	}
	return texts
}

func factTexts(facts []plan.Fact) map[string]string {
	texts := make(map[string]string, len(facts))
	for i := range facts {
		f := &facts[i]
		name := f.Name
		if name == "" {
			name = f.Object
		}
		texts[f.Kind+" of "+name] = ": " + orNone(f.Value)
	}
	return texts
}
