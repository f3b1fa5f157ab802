package cli

import (
	"context"
	"fmt"
	"strings"
)

// canAsk reports whether somebody is there to be asked.
func (a *app) canAsk(f *applyFlags) bool {
	return a.streams.Terminal.In && !f.json && a.env.mayAsk()
}

// approved asks for approval. Only the whole word counts; an end of input or an
// interrupt is a no.
func (a *app) approved(ctx context.Context) bool {
	fmt.Fprint(a.stdout, "\nDo you want to perform these actions?\n"+
		"  pslan will carry out the steps described above.\n"+
		"  Only 'yes' will be accepted to approve.\n\n  Enter a value: ")
	answer := make(chan string, 1)
	go func() {
		line, _ := a.stdin.ReadString('\n') // an error leaves what was typed, and that is no "yes"
		answer <- strings.TrimRight(line, "\r\n")
	}()
	said := ""
	select {
	case said = <-answer:
	case <-ctx.Done():
	}
	fmt.Fprintln(a.stdout)
	if said != "yes" {
		a.view.Info("Apply cancelled.")
		return false
	}
	return true
}
