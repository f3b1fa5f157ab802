package simulation

import (
	"flag"
	"testing"
	"testing/synctest"
)

var (
	oneSeed = flag.Uint64("seed", 0, "simulate this seed alone and print its history")
	runs    = flag.Int("runs", 0, "simulate that many seeds")
	first   = flag.Uint64("first", 1_000_000, "the first of these seeds")
)

// simulate runs a scenario in a bubble of its own.
func simulate(t *testing.T, s *Scenario, o Options) (res *Result) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		o.Settle = synctest.Wait
		res = Run(s, o)
	})
	return res
}

func TestSeed(t *testing.T) {
	if *oneSeed == 0 {
		*oneSeed = 1
	}
	s := Generate(*oneSeed)
	res := simulate(t, s, Options{Keep: true})
	t.Log("\n" + s.String())
	for _, l := range res.Lines {
		t.Log(l)
	}
	for _, v := range res.Broken {
		t.Error(v)
	}
}
