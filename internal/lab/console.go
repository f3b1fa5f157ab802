package lab

import (
	"context"

	"pslan/internal/lab/world"
)

// Inspect shows the world as it is now to whoever plays the SMP's services. f must
// neither change it nor keep anything of it.
func (l *Lab) Inspect(ctx context.Context, what string, f func(w *world.World) error) error {
	return l.held(ctx, "read", what, f)
}

// Request asks the simulated SMP for something by a command of the world, as
// SetAssignment and the others do: faults that are set for requests meet it.
func (l *Lab) Request(ctx context.Context, op, object string, fill func(w *world.World, c *world.Command) error) error {
	return l.request(ctx, op, object, fill)
}

// Dir is the folder that the lab lies in, as it was named.
func (l *Lab) Dir() string { return l.options.Dir }
