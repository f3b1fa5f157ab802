package lab

import (
	"context"
	"fmt"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
	"pslan/internal/platform"
)

// Lab is a platform.
var _ platform.Platform = (*Lab)(nil)

// ReadEstate implements platform.Reader.
func (l *Lab) ReadEstate(ctx context.Context, scope platform.Scope) (e *estate.Estate, err error) {
	err = l.held(ctx, "read the estate", "", func(w *world.World) error {
		e = w.Estate(scope.Images)
		return nil
	})
	return e, err
}

// ReadSync implements platform.Reader.
func (l *Lab) ReadSync(ctx context.Context) (s *platform.SyncState, err error) {
	err = l.held(ctx, "read how far updates and refreshes are", "", func(w *world.World) error {
		s = w.Sync()
		return nil
	})
	return s, err
}

// request asks the simulated SMP or a server for something.
func (l *Lab) request(ctx context.Context, op, object string, fill func(w *world.World, c *world.Command) error) error {
	return l.held(ctx, op, object, func(w *world.World) error {
		c := world.Command{By: world.ByRequest, Server: -1, Image: -1, Preboot: -1}
		if err := fill(w, &c); err != nil {
			return err
		}
		return l.mutate(ctx, c)
	})
}

func notFound(format string, args ...any) error {
	return &world.Refusal{Kind: platform.KindNotFound, Text: fmt.Sprintf(format, args...)}
}

func setImage(w *world.World, c *world.Command, ref platform.ImageRef) error {
	if c.Image = w.ImageNumber(ref.Image); c.Image < 0 {
		c.Image = w.ImageNumber(ref.Package)
	}
	if c.Image < 0 {
		return notFound("there is no image with the GUID %s", ref.Image)
	}
	return nil
}

func setServer(w *world.World, c *world.Command, name string) error {
	if c.Server = w.ServerNumber(name); c.Server < 0 {
		return notFound("there is no package server %s", name)
	}
	return nil
}

// SetAssignment implements platform.Writer.
func (l *Lab) SetAssignment(ctx context.Context, image platform.ImageRef, to estate.AssignmentNames) error {
	return l.request(ctx, "set assignment", image.Name, func(w *world.World, c *world.Command) error {
		c.Verb = world.Assign
		a, missing := w.ServerAssignment(&to)
		if len(missing) > 0 {
			return notFound("the assignment names what is not there: %s", strings.Join(missing, ", "))
		}
		c.Assignment = &a
		return setImage(w, c, image)
	})
}

// UpdateMembership implements platform.Writer.
func (l *Lab) UpdateMembership(ctx context.Context) error {
	return l.request(ctx, "update membership", "", func(_ *world.World, c *world.Command) error {
		c.Verb = world.UpdateMembers
		return nil
	})
}

// RefreshServer implements platform.Writer.
func (l *Lab) RefreshServer(ctx context.Context, server string) error {
	return l.request(ctx, "refresh", server, func(w *world.World, c *world.Command) error {
		c.Verb = world.Refresh
		return setServer(w, c, server)
	})
}

// TakeOwnership implements platform.Writer.
func (l *Lab) TakeOwnership(ctx context.Context, image platform.ImageRef, server string) error {
	return l.request(ctx, "take ownership", image.Name, func(w *world.World, c *world.Command) error {
		if l.options.Ownership == "operator" {
			return &world.Refusal{Kind: platform.KindUnsupported, Text: "ownership is taken by an operator here",
				Hint: fmt.Sprintf("Play the operator: pslan lab do take-ownership %s %q.", server, image.Name)}
		}
		c.Verb = world.Take
		if err := setServer(w, c, server); err != nil {
			return err
		}
		return setImage(w, c, image)
	})
}

// SetLocation implements platform.Writer.
func (l *Lab) SetLocation(ctx context.Context, image platform.ImageRef, to string) error {
	return l.request(ctx, "set location", image.Name, func(w *world.World, c *world.Command) error {
		c.Verb, c.Text = world.SetLocation, to
		return setImage(w, c, image)
	})
}

// RebuildPreboot implements platform.Writer.
func (l *Lab) RebuildPreboot(ctx context.Context, preboot estate.GUID) error {
	return l.request(ctx, "rebuild preboot configuration", preboot.String(), func(w *world.World, c *world.Command) error {
		c.Verb = world.Rebuild
		if c.Preboot = w.PrebootNumber(preboot); c.Preboot < 0 {
			return notFound("there is no preboot configuration with the GUID %s", preboot)
		}
		return nil
	})
}

// AskOperator implements platform.Writer. The simulated operator does the task
// after a while; an absent one never (Describe tells so beforehand).
func (l *Lab) AskOperator(ctx context.Context, task platform.OperatorTask) error {
	if l.options.Operator == "absent" {
		return ctx.Err()
	}
	return l.request(ctx, "ask the operator", string(task.Op), func(_ *world.World, c *world.Command) error {
		c.Verb, c.Task = world.AskOperator, &task
		return nil
	})
}
