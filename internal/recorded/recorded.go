// Package recorded is a platform that is an estate file: `plan -state=FILE` and
// `connection "snapshot"`. A reviewer's machine plans with it where the platform
// itself cannot be reached.
//
// It promises to be what was recorded and nothing else: every request to write is
// refused (platform.KindReadOnly), and nothing is looked at afresh. Because there
// are no disks to look at, ReadEstate gives the copies with the evidence that was
// recorded with them, unlike a platform that can be reached: its age is in the
// evidence and in Estate.TakenAt, and judging that age is the rules' work.
package recorded

import (
	"context"
	"errors"
	"slices"
	"time"

	"pslan/internal/estate"
	"pslan/internal/estatefile"
	"pslan/internal/platform"
)

// Recorded is the platform of one estate file.
type Recorded struct {
	path   string
	estate *estate.Estate
	now    func() time.Time
}

var _ platform.Platform = (*Recorded)(nil)

// Options of Open.
type Options struct {
	// Now is the clock; nil: the wall clock. The age of what was recorded is counted
	// against it.
	Now func() time.Time
}

// Open reads an estate file. The error is a *platform.Error whose Diagnostics say
// where the file is wrong.
func Open(path string, options ...Options) (*Recorded, error) {
	e, diags := estatefile.ReadFile(path)
	if e == nil {
		return nil, &platform.Error{
			Op: "read the estate file", Object: path, Kind: platform.KindBadInput,
			Err: errors.New("it cannot be used"), Diagnostics: diags,
		}
	}
	return Of(path, e, options...), nil
}

// Of is the platform of an estate that was read already. It is not copied, and
// nobody may change it any more.
func Of(path string, e *estate.Estate, options ...Options) *Recorded {
	r := &Recorded{path: path, estate: e, now: time.Now}
	for _, o := range options {
		if o.Now != nil {
			r.now = o.Now
		}
	}
	return r
}

// Describe implements platform.Platform.
func (r *Recorded) Describe() platform.Description {
	return platform.Description{Type: "snapshot", Source: r.estate.Source, ReadOnly: true}
}

// ReadEstate gives the recorded estate, or those images of it that are asked for,
// evidence included. All readings share what they hold: it is not to be changed.
func (r *Recorded) ReadEstate(ctx context.Context, scope platform.Scope) (*estate.Estate, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e := *r.estate
	if scope.Images == nil {
		return &e, nil
	}
	wanted := make(map[estate.GUID]struct{}, len(scope.Images))
	for _, g := range scope.Images {
		wanted[g] = struct{}{}
	}
	e.Images = nil
	for i := range r.estate.Images {
		if _, ok := wanted[r.estate.Images[i].GUID]; ok {
			e.Images = append(e.Images, r.estate.Images[i])
		}
	}
	e.Images = slices.Clip(e.Images)
	return &e, nil
}

// ReadSync tells nothing: a file does not know how far membership updates are.
func (r *Recorded) ReadSync(ctx context.Context) (*platform.SyncState, error) {
	return &platform.SyncState{Now: r.now()}, ctx.Err()
}

// Now implements platform.Clock.
func (r *Recorded) Now() time.Time { return r.now() }

// Pause waits for tick, and not beyond until: nothing happens to what was recorded.
func (r *Recorded) Pause(ctx context.Context, tick time.Duration, until time.Time) error {
	return platform.Wait(ctx, r, tick, until)
}

// Close implements platform.Platform.
func (r *Recorded) Close() error { return nil }

func (r *Recorded) refuse(op, object string) error {
	return &platform.Error{
		Op: op, Object: object, Kind: platform.KindReadOnly,
		Err:  errors.New("a recorded estate cannot be changed"),
		Hint: "Apply with the connection to the platform that " + r.path + " was recorded from.",
	}
}

// SetAssignment is refused.
func (r *Recorded) SetAssignment(_ context.Context, image platform.ImageRef, _ estate.AssignmentNames) error {
	return r.refuse("set the assignment of", image.Name)
}

// UpdateMembership is refused.
func (r *Recorded) UpdateMembership(context.Context) error {
	return r.refuse("start a membership update", "")
}

// RefreshServer is refused.
func (r *Recorded) RefreshServer(_ context.Context, server string) error {
	return r.refuse("refresh", server)
}

// TakeOwnership is refused.
func (r *Recorded) TakeOwnership(_ context.Context, image platform.ImageRef, _ string) error {
	return r.refuse("take ownership of", image.Name)
}

// SetLocation is refused.
func (r *Recorded) SetLocation(_ context.Context, image platform.ImageRef, _ string) error {
	return r.refuse("set the location of", image.Name)
}

// RebuildPreboot is refused.
func (r *Recorded) RebuildPreboot(_ context.Context, preboot estate.GUID) error {
	return r.refuse("rebuild the preboot configuration", preboot.String())
}

// AskOperator is refused.
func (r *Recorded) AskOperator(_ context.Context, task platform.OperatorTask) error {
	return r.refuse("ask an operator to "+string(task.Op), task.Image.Name)
}
