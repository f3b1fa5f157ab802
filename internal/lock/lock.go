// Package lock says who may write. Two runs that change the same platform from the
// same data would undo each other's work, so a run takes the lock before it does
// anything, renews it while it lives (its heartbeat), and looks whether it still
// holds it before each write.
//
// The lock is never taken from somebody in silence: a heartbeat that has stopped
// means a dead process, a sleeping laptop or a clock that jumped, and only a person
// knows which. The error says who holds the lock, since when, and how to remove it.
//
// Locker is the interface; File is its one implementation, a file in the data
// folder. A database can be another.
package lock

import (
	"context"
	"fmt"
	"time"
)

// Info is who holds a lock.
type Info struct {
	ID        string    `json:"id"` // of this taking of the lock; what unlock asks for
	User      string    `json:"user"`
	Host      string    `json:"host"`
	PID       int       `json:"pid"`
	Run       string    `json:"run"`       // the run it was taken for; may be empty
	Operation string    `json:"operation"` // apply
	Started   time.Time `json:"started"`
	Heartbeat time.Time `json:"heartbeat"`
	// Processes names the machine's start and the container in which PID means this
	// process, where that can be seen. Whoever takes the lock need not fill it in.
	Processes string `json:"processes,omitempty"`
}

// Waiting says how long to wait for a lock that another holds.
type Waiting struct {
	Timeout time.Duration // 0: not at all
	// OnWait is called once when the waiting has taken a moment (400 ms), with the holder.
	OnWait func(Info)
}

// Locker gives the lock to one holder at a time.
type Locker interface {
	// Acquire takes the lock, filling in Info's ID, times and what else it knows. It fails with *HeldError
	// when another holds it to the end of the waiting.
	Acquire(context.Context, Info, Waiting) (Lease, error)
	// Holder returns who holds the lock, nil if nobody does.
	Holder(context.Context) (*Info, error)
	// Unlock removes the lock with this ID, whoever holds it. It fails if another or no
	// lock is there.
	Unlock(ctx context.Context, id string) error
}

// Lease is the lock while it is held.
type Lease interface {
	Info() Info
	// Runs says in the lock for which run it is held, where that was not known when it was
	// taken. It fails as Check does, or where the file cannot be written.
	Runs(ctx context.Context, run string) error
	// Check reports, as *LostError, that the lock is no longer this holder's: somebody
	// removed it, or the heartbeat could not be renewed in time. Ask before each write.
	Check(context.Context) error
	// Release gives the lock back, and ends the renewing. A lock that somebody else holds
	// by now is left as it is.
	Release() error
}

// HeldError says that another holds the lock.
type HeldError struct {
	Holder Info
	Age    time.Duration // of the last heartbeat
	// Silent: the heartbeat is older than a living holder's can be.
	Silent bool
	// Dead: it was taken on this machine by a process that is not there any more.
	Dead bool
}

// Error says who holds the lock, since when, and what to do.
func (e *HeldError) Error() string {
	h := &e.Holder
	who := fmt.Sprintf("%s@%s (process %d) runs %s since %s; its last sign of life is %s old",
		h.User, h.Host, h.PID, h.Operation, h.Started.UTC().Format("2006-01-02 15:04:05Z"), e.Age.Round(time.Second))
	switch {
	case e.Dead:
		return who + ". That process is not there any more: pslan unlock " + h.ID
	case e.Silent:
		return who + ". It looks dead; if you are sure that it is: pslan unlock " + h.ID
	}
	return who + ". Wait for it (-lock-timeout=10m), or, if that process is dead: pslan unlock " + h.ID
}

// LostError says that a lease is no longer good.
type LostError struct{ Why string }

// Error says why.
func (e *LostError) Error() string { return "the lock was lost: " + e.Why }

// GarbageError says that the lock file cannot be read. It is never overwritten.
type GarbageError struct {
	Path string
	Err  error
}

// Error says what to do with the file.
func (e *GarbageError) Error() string {
	return fmt.Sprintf("the lock file %s cannot be read (%v). If no pslan runs here, delete it", e.Path, e.Err)
}

// Unwrap returns the cause.
func (e *GarbageError) Unwrap() error { return e.Err }
