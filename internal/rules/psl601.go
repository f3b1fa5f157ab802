package rules

import (
	"fmt"
	"strings"

	"pslan/internal/finding"
)

func psl601() *Rule {
	return &Rule{
		Code:    "PSL601",
		Title:   "The estate changed since the plan was made",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfRun,
		Fix:     "plan again, and look at what is different.",
		Doc: Doc{
			Means: `A saved plan is to be applied, and facts that it relies on are not what they were: an
owner, an assignment, the worth of a copy, whether a server can be reached. Nothing was
written.`,
			Why: `Somebody approved a plan for an estate that is not there any more. A step that was
safe then may take the last copy now. Every fact is read again before the first write,
and before each later one.`,
			Example: `    2 facts are not what they were. The owner of WIN11-23H2 was PS008 and is PS009. The
    copy of WIN11-23H2 on PS010 was good and is missing.`,
			Quiet: `Not where a fact stands where one of the plan's own steps leaves it, or where a copy
got better: a saved plan can be applied again and again until it is done. Sizes,
times and source lines are no facts.`,
			Do: `Run |pslan plan| again and have the new plan approved. The exit code is 11.`,
		},
	}
}

// Stale makes the finding that a saved plan does not fit the estate any more. Each
// of moved is a sentence without its stop: "The owner of WIN11 was PS008 and is PS009".
func Stale(moved []string) finding.Finding {
	shown := moved[:min(len(moved), namesShown)]
	detail := fmt.Sprintf("%s not what %s. %s.", count(len(moved), "fact")+pick(len(moved), " is", " are"), pick(len(moved), "it was", "they were"), strings.Join(shown, ". "))
	if n := len(moved) - len(shown); n > 0 {
		detail += fmt.Sprintf(" And %d more.", n)
	}
	return New("PSL601", finding.Finding{Detail: detail})
}
