package smp

import (
	"errors"
	"testing"
)

// TestTurns: of several calls that fail the first in the order is told, however long it
// takes, and none is begun after a failure was seen.
func TestTurns(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	for range 100 {
		late := make(chan struct{})
		turns := inTurn(2)
		turns.Go(func() error { <-late; return first })
		turns.Go(func() error { close(late); return second })
		begun := false
		turns.Go(func() error { begun = true; return nil })
		if err := turns.Wait(); err != first {
			t.Fatalf("%v, want the first", err)
		}
		if begun {
			t.Fatal("a call was begun after a failure")
		}
	}
	turns := inTurn(1)
	turns.Go(func() error { return errAskForAll })
	if err := turns.Wait(); err != errAskForAll {
		t.Errorf("%v", err)
	}
	turns = inTurn(4)
	ready := make(chan struct{})
	turns.Go(func() error { <-ready; return errAskForAll })
	turns.Go(func() error { close(ready); return second })
	if err := turns.Wait(); err != second {
		t.Errorf("%v, want what is worse", err)
	}
}
