package serve

import (
	"hash/fnv"
	"math/rand/v2"
)

// draws are the random choices of one call. They follow from the seed, the method
// and how often it was called, so other calls in between change nothing.
type draws struct{ r *rand.Rand }

func newDraws(seed uint64, what string, count uint64) *draws {
	h := fnv.New64a()
	_, _ = h.Write([]byte(what)) // a hash takes everything
	return &draws{rand.New(rand.NewPCG(seed^h.Sum64(), count))}
}

func (d *draws) chance() float64   { return d.r.Float64() }
func (d *draws) coin() bool        { return d.r.Uint64()&1 == 0 }
func (d *draws) order(n int) []int { return d.r.Perm(n) }
