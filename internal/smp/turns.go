package smp

import (
	"errors"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// turns are calls that are made at once, a few at a time, and begun in order. When one
// has failed no further one is begun, and those under way come to their end: the error
// is that of the first in the order, whichever was the quickest, so that the same
// trouble is told in the same words every time.
type turns struct {
	g      errgroup.Group
	room   chan struct{}
	failed atomic.Bool
	errs   []*error
}

// inTurn makes room for so many calls at a time.
func inTurn(limit int) *turns { return &turns{room: make(chan struct{}, limit)} }

// Go begins a call as soon as there is room. It is called by one goroutine.
func (t *turns) Go(call func() error) {
	t.room <- struct{}{}
	if t.failed.Load() { // looked at here and not by the call: what stands before it has begun
		<-t.room
		return
	}
	err := new(error)
	t.errs = append(t.errs, err)
	t.g.Go(func() error {
		defer func() { <-t.room }()
		if *err = call(); *err != nil {
			t.failed.Store(true)
		}
		return nil
	})
}

// Wait returns when all have ended. That images have to be asked for otherwise is told
// only where nothing worse happened.
func (t *turns) Wait() error {
	_ = t.g.Wait() // the calls' errors are kept in order
	var again error
	for _, err := range t.errs {
		switch {
		case *err == nil:
		case errors.Is(*err, errAskForAll):
			again = *err
		default:
			return *err
		}
	}
	return again
}
