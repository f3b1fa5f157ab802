package smp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/smp/rows"
)

// listing is how far the doctor goes to have lists of package servers: a run of a script
// on each of them is started only where it was asked for.
func (d *Diagnosis) listing() listing {
	if d.o.Tasks {
		return listsAnew
	}
	return listsFound
}

// lists looks whether the task is there that has package servers print what they have.
func (d *Diagnosis) lists(ctx context.Context, name string, from *declared.SMPRows) {
	c := Check{Area: "rows", Name: name, Verdict: Works, Found: fmt.Sprintf("the task %s is there", from.Task)}
	if err := d.p.checkTask(ctx, from.Task); err != nil {
		d.failed("rows", name, err)
		return
	}
	if !d.o.Tasks {
		c.Help = "What it prints is tried with pslan doctor -run-tasks, which runs it on every package server."
	}
	d.add(c)
}

// unusable adds a list that cannot be used, with what to do.
func (d *Diagnosis) unusable(area, name string, err error) {
	c := Check{Area: area, Name: name, Verdict: Fails, Found: err.Error()}
	if f := (*rows.Fault)(nil); errors.As(err, &f) {
		c.Found, c.Help = f.Problem, capital(f.Hint)
	}
	d.add(c)
}

// printed says of each package server what came of the task, after a whole reading.
func (d *Diagnosis) printed(ctx context.Context) {
	const area = "lists"
	from := d.p.printsCopies()
	if from == nil || d.read == nil {
		return
	}
	end, err := d.p.lists.take(ctx)
	if err != nil {
		return // the whole diagnosis is given up
	}
	defer end()
	d.p.mu.Lock()
	dir := d.p.last
	d.p.mu.Unlock()
	r := &reading{p: d.p, dir: dir, e: d.read, listing: d.listing()}
	least := d.p.Now().Add(-listAge(from))
	for i := range d.read.Servers {
		s := &d.read.Servers[i]
		if s.State == estate.Offline {
			d.untried(area, s.Name, "the platform says that it is off", "")
			continue
		}
		switch l, err := r.usable(estate.ServerID(i), least); {
		case err != nil:
			d.unusable(area, s.Name, err)
		case l == nil:
			d.untried(area, s.Name, "no run of the task is recent enough", "pslan doctor -run-tasks runs it.")
		default:
			d.works(area, s.Name, "%s printed %d packages; the run began at %s", l.told.host, len(l.told.packages), l.at.UTC().Format(time.DateTime+"Z"))
		}
	}
}
