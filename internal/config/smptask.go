package config

import (
	"pslan/internal/declared"
)

// listTask reads the task that prints the rows on each package server. Its script knows
// one kind of rows.
func (d *decoder) listTask(a *attribute, r *declared.SMPRows) bool {
	var ok bool
	if r.Task, ok = d.guid(a); ok && r.Kind != declared.RowsCopies {
		d.report(a.place(), "No such carrier", "task of %s: a task prints what package servers have, which are rows %q. Bring %s by report, csv, table or query.", d.what(), declared.RowsCopies, r.Kind)
	}
	return ok
}

// rowsAge reads how old rows may be, and how long is waited for them.
func (d *decoder) rowsAge(c *content, r *declared.SMPRows) {
	task := c.attr("task") != nil
	if a := c.attr("max_age"); a != nil {
		age, ok := d.duration(a)
		switch {
		case r.CSV == "" && !task:
			d.report(a.place(), "Argument without a meaning", "max_age of %s goes with csv and task only: the other carriers are read live.", d.what())
		case ok && task && age > maxTaskAge:
			d.errorf(a.expr.Range(), "Number out of range", "max_age of %s must be at most 1d: what a package server printed longer ago says nothing of what it has.", d.what())
		}
		r.MaxAge = age
	}
	a := c.attr("wait")
	if a == nil {
		return
	}
	wait, ok := d.duration(a)
	switch {
	case !task:
		d.report(a.place(), "Argument without a meaning", "wait of %s goes with task only: it is how long a run of it is waited for.", d.what())
	case ok && (wait < leastTaskWait || wait > maxTaskWait):
		d.errorf(a.expr.Range(), "Number out of range", "wait of %s must be from 1s to 6h.", d.what())
	}
	r.Wait = wait
}
