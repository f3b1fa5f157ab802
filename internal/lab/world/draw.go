package world

import (
	"hash/fnv"
	"time"

	"pslan/internal/estate"
)

// draw gives a number for a purpose, from the seed, the moment and the things
// concerned. Asked again at the same moment it gives the same number.
func (w *World) draw(purpose string, a, b int32) uint64 {
	return w.drawAt(w.Now, purpose, a, b)
}

func (w *World) drawAt(at estate.Time, purpose string, a, b int32) uint64 {
	h := w.Seed
	for i := 0; i < len(purpose); i++ {
		h = mix(h ^ uint64(purpose[i]))
	}
	h = mix(h ^ uint64(at))
	return mix(h ^ uint64(uint32(a))<<32 ^ uint64(uint32(b)))
}

// mix is the finalizer of splitmix64: every bit of the input moves every bit.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// between gives a length of time from lo to hi, in whole milliseconds.
func between(r uint64, lo, hi time.Duration) time.Duration {
	if hi <= lo {
		return lo
	}
	return lo + time.Duration(r%uint64((hi-lo)/time.Millisecond+1))*time.Millisecond
}

// SeedOf derives a seed from what an estate says.
func SeedOf(e *estate.Estate) uint64 {
	h := fnv.New64a()
	put := func(texts ...string) {
		for _, t := range texts {
			h.Write([]byte(t))
			h.Write([]byte{0})
		}
	}
	put(e.SMP.Name, e.TakenAt.String())
	for i := range e.Servers {
		put(e.Servers[i].Name, e.Servers[i].Host, e.Servers[i].State.String())
	}
	for i := range e.Images {
		img := &e.Images[i]
		put(img.Name, e.ServerName(img.Owner), img.Assignment.Mode.String())
		h.Write(img.GUID[:])
		for j := range img.Copies {
			h.Write(img.Copies[j].Evidence.Digest[:])
		}
	}
	return mix(h.Sum64())
}
