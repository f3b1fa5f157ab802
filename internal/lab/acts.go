package lab

import (
	"context"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

// Break has something go wrong, now or later: see BreakHelp.
func (l *Lab) Break(args []string) error {
	ctx := context.Background()
	return l.held(ctx, "lab break", strings.Join(args, " "), func(w *world.World) error {
		p := parser{w: w, forms: breakForms, name: "lab break"}
		c, err := p.parse(args)
		if err != nil {
			return err
		}
		c.By = world.ByFault
		return l.mutate(ctx, c)
	})
}

// Do plays the operator: see DoHelp. It takes a minute of the lab's time, or as
// long as the refresh or membership update takes that was asked for.
func (l *Lab) Do(args []string) error {
	ctx := context.Background()
	return l.held(ctx, "lab do", strings.Join(args, " "), func(w *world.World) error {
		p := parser{w: w, forms: doForms, name: "lab do"}
		c, err := p.parse(args)
		if err != nil {
			return err
		}
		c.By = world.ByOperator
		if err := l.mutate(ctx, c); err != nil {
			return err
		}
		return l.runTo(ctx, l.effect(&c))
	})
}

// effect is when what an operator asked for has come about.
func (l *Lab) effect(c *world.Command) estate.Time {
	w := l.journal.world
	end := w.Now + estate.Time(time.Minute)
	switch c.Verb {
	case world.Refresh:
		if at, s := w.NextAsked(end); s >= 0 {
			return at
		}
	case world.UpdateMembers:
		// At most 5 s until it begins and 90 s until it ends; one that hangs is not waited for.
		end += estate.Time(time.Minute)
	}
	return end
}
