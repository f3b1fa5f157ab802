package cli

import (
	"context"
	"fmt"
	"strings"

	"pslan/internal/apply"
	"pslan/internal/plan"
)

// canAsk reports whether somebody is there to be asked.
func (a *app) canAsk(f *applyFlags) bool {
	return a.streams.Terminal.In && !f.json && a.env.mayAsk()
}

// asksApproval asks for approval. Only the whole word counts; an end of input or an
// interrupt is a no.
func (a *app) asksApproval(ctx context.Context) bool {
	fmt.Fprint(a.stdout, "\nDo you want to perform these actions?\n"+
		"  pslan will carry out the steps described above.\n"+
		"  Only 'yes' will be accepted to approve.\n\n  Enter a value: ")
	said := a.answer(ctx)
	fmt.Fprintln(a.stdout)
	if said != "yes" {
		a.view.Info("Apply cancelled.")
		return false
	}
	return true
}

// answer reads one line. An end of input or an interrupt is an empty answer.
func (a *app) answer(ctx context.Context) string {
	answer := make(chan string, 1)
	go func() {
		line, _ := a.stdin.ReadString('\n') // an error leaves what was typed
		answer <- strings.TrimRight(line, "\r\n")
	}()
	select {
	case line := <-answer:
		return line
	case <-ctx.Done():
		return ""
	}
}

// askWhatBecame asks what became of a step of an earlier run where looking cannot
// decide. Whoever does not know says so: then the step counts as not known.
func (a *app) askWhatBecame(step *plan.Step, seen string) apply.Answer {
	fmt.Fprintf(a.stdout, "\n%s: %s.\n  Was it done? Look, and answer 'done', 'not done', or anything else if you cannot tell.\n\n  Enter a value: ", step.ID, seen)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { // an interrupt is no answer
		select {
		case <-a.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	said := a.answer(ctx)
	fmt.Fprintln(a.stdout)
	switch said {
	case "done":
		return apply.AnswerDone
	case "not done":
		return apply.AnswerNotDone
	}
	return apply.AnswerUnknown
}
