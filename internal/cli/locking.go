package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"time"

	"github.com/spf13/cobra"

	"pslan/internal/diag"
	"pslan/internal/lock"
	"pslan/internal/view"
)

// lockName is the file of the data folder that says who may write to the platform.
const lockName = "lock.json"

func (a *app) locker() *lock.File { return lock.NewFile(a.dataPath(lockName), lock.Options{}) }

// takeLock takes the lock for a command that writes to the platform. held: another
// holds it, and that was told.
func (a *app) takeLock(ctx context.Context, operation, run string, wait time.Duration) (l lock.Lease, held bool, err error) {
	a.view.Lock(view.LockEvent{Kind: view.LockAcquire})
	locker := a.locker()
	me := lock.Info{User: userName(a.env), Host: hostName(), PID: os.Getpid(), Run: run, Operation: operation}
	waiting := lock.Waiting{OnWait: func(i lock.Info) {
		a.view.Lock(view.LockEvent{Kind: view.LockWait, Holder: holderText(&i)})
	}}
	l, err = locker.Acquire(ctx, me, lock.Waiting{})
	var other *lock.HeldError
	if errors.As(err, &other) && other.Dead {
		if err := a.takeOver(ctx, locker, other); err != nil {
			return nil, false, err
		}
	}
	if other != nil {
		waiting.Timeout = wait
		l, err = locker.Acquire(ctx, me, waiting)
	}
	switch {
	case errors.As(err, &other):
		a.view.Diagnostics(diagnose(problem("Another run holds the lock", "%s", other.Error())))
		return nil, true, nil
	case err != nil && ctx.Err() == nil:
		return nil, false, problem("The lock cannot be taken", "%s", sentence(err.Error(), ""))
	case err != nil:
		return nil, false, err
	}
	return l, false, nil
}

// takeOver removes the lock of a process of this machine that is not there any more:
// nobody is left who could be asked, and it is said. Every other lock, however long
// it has been silent, is removed by a person only.
func (a *app) takeOver(ctx context.Context, locker *lock.File, dead *lock.HeldError) error {
	i := &dead.Holder
	a.view.Diagnostics(diag.Diagnostics(nil).Notef(diag.Range{}, "A lock was left behind",
		"%s held the lock, and process %d is not there any more. Its lock is taken over.", holderText(i), i.PID))
	now, err := locker.Holder(ctx)
	if err == nil && now != nil && now.ID == i.ID {
		err = locker.Unlock(ctx, i.ID)
	}
	if err != nil {
		return problem("The lock cannot be taken", "%s", sentence(err.Error(), ""))
	}
	return nil
}

// holdFor says in the lock which run it is held for: by that others see that the run is
// worked on. Planning may have taken long since the lock was taken.
func (r *applying) holdFor(ctx context.Context, run string) error {
	if err := r.lease.Runs(ctx, run); err != nil {
		return problem("The lock cannot be kept", "%s", sentence(err.Error(), "Nothing was done."))
	}
	return nil
}

func (a *app) releaseLock(l lock.Lease) {
	a.view.Lock(view.LockEvent{Kind: view.LockRelease})
	if err := l.Release(); err != nil {
		a.view.Diagnostics(diag.Diagnostics(nil).Warnf(diag.Range{}, "The lock could not be let go of",
			"%s\n\nTo remove it: pslan unlock %s", sentence(err.Error(), ""), l.Info().ID))
	}
}

// holderText says who holds the lock: user@host (apply, since TIME).
func holderText(i *lock.Info) string {
	return fmt.Sprintf("%s@%s (%s, since %s UTC)", i.User, i.Host, i.Operation, i.Started.UTC().Format("2006-01-02 15:04:05"))
}

func userName(env environ) string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	for _, name := range []string{"USER", "USERNAME"} {
		if v := env.get(name); v != "" {
			return v
		}
	}
	return "unknown"
}

func hostName() string {
	if h, err := os.Hostname(); err == nil {
		return h
	}
	return "unknown"
}

func (a *app) unlockCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "unlock ID",
		Short: "Removes the lock that a dead run has left",
		Long: `Removes the lock with this ID. A run that still lives and loses its lock ends before
its next write to the platform; what it has asked for goes on. Nothing else changes:
the next apply finds the run that was interrupted and goes on with it.`,
		Args: takes(1, 1, "the lock's ID, which the error about the lock names"),
		RunE: a.does(func(ctx context.Context, args []string) (outcome, error) { return a.unlock(ctx, args[0], force) }),
	}
	c.Flags().BoolVar(&force, "force", false, "do not ask")
	return c
}

func (a *app) unlock(ctx context.Context, id string, force bool) (outcome, error) {
	l := a.locker()
	holder, err := l.Holder(ctx)
	switch {
	case err != nil:
		return outcome{}, problem("The lock cannot be read", "%s", sentence(err.Error(), ""))
	case holder == nil:
		return outcome{}, problem("Nothing is locked", "There is no lock in %s.", a.shown(a.dataPath(lockName)))
	case holder.ID != id:
		return outcome{}, problem("This is not the lock's ID", "The lock is held by %s, and its ID is %s.", holderText(holder), holder.ID)
	}
	if !force {
		if !a.streams.Terminal.In || !a.env.mayAsk() {
			a.view.Diagnostics(diagnose(problem("Approval is needed", "Nobody can be asked here. The lock is held by %s. If that run is dead: pslan unlock -force %s", holderText(holder), id)))
			return outcome{notApproved: true}, nil
		}
		fmt.Fprintf(a.stdout, "The lock is held by %s.\nIts last sign of life was at %s UTC.\n\nDo you want to remove it?\n"+
			"  If that run still lives, it ends before its next write to the platform.\n  Only 'yes' will be accepted.\n\n  Enter a value: ",
			holderText(holder), holder.Heartbeat.UTC().Format("2006-01-02 15:04:05"))
		said := a.answer(ctx)
		fmt.Fprintln(a.stdout)
		if said != "yes" {
			a.view.Info("Nothing was removed.")
			return outcome{notApproved: true}, nil
		}
	}
	if err := l.Unlock(ctx, id); err != nil {
		return outcome{}, problem("The lock was not removed", "%s", sentence(err.Error(), ""))
	}
	a.view.Info("The lock was removed.")
	return outcome{}, nil
}
