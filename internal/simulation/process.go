package simulation

import (
	"context"
	"errors"
	"fmt"

	"pslan/internal/apply"
)

// journal keeps records, and fails once if it is told to.
type journal struct {
	sim     *simulation
	failAt  int
	appends int
	records []apply.Record
}

var errFull = errors.New("no space left on device")

// Append implements apply.Journal.
func (j *journal) Append(records ...apply.Record) error {
	if j.sim.stage.round.dead {
		return errDead
	}
	j.appends++
	if j.appends == j.failAt {
		j.sim.oracle.count("journal failures")
		j.sim.log.add("the journal fails")
		return errFull
	}
	j.sim.oracle.journal(records)
	j.records = append(j.records, records...)
	return nil
}

// lease is lost before a write, and stays lost.
type lease struct {
	sim   *simulation
	at, n int
}

var errLease = errors.New("another run holds the lock")

func (l *lease) held(ctx context.Context) error {
	l.sim.gate.pass(fmt.Sprintf("lease %06d", apply.Job(ctx)))
	if l.sim.stage.round.dead {
		return errDead
	}
	l.n++
	if l.at > 0 && l.n >= l.at {
		l.sim.oracle.count("leases lost")
		return errLease
	}
	return nil
}
