package simulation

import (
	"context"
	"slices"
	"time"
)

// late is a request that was accepted and is carried out much later.
type late struct {
	due time.Time
	do  func() error
	req *request
}

// pass lets time pass from event to event, so that each can be judged.
func (st *stage) pass(d time.Duration) {
	until := st.lab.Now().Add(d)
	for st.lab.Now().Before(until) {
		to := until
		for i := range st.late {
			if due := st.late[i].due; due.Before(to) {
				to = due
			}
		}
		if err := st.lab.Pause(context.Background(), 0, to); err != nil {
			panic(err)
		}
		st.oracle.timePassed()
		st.lateRequests()
	}
}

// lateRequests carries out what was delayed and is due.
func (st *stage) lateRequests() {
	now := st.lab.Now()
	for i := 0; i < len(st.late); {
		l := st.late[i]
		if l.due.After(now) {
			i++
			continue
		}
		st.late = slices.Delete(st.late, i, i+1)
		st.oracle.beforeOutside()
		st.log.add("late: %s: %v", l.req, l.do())
		st.oracle.arrivedLate(l.req)
		st.oracle.afterOutside()
	}
}
