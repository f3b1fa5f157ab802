package plan

import (
	"fmt"
	"slices"

	"pslan/internal/diff"
	"pslan/internal/estate"
)

// roomNeed is a wait_room step and the moves whose deletions make the room.
type roomNeed struct {
	step  StepNo
	freed []int32 // indices in builder.moves
}

// room is what is left on one server while moves are given their place.
type room struct {
	free  int64
	later []freed // what will be deleted there, in image order
}

type freed struct {
	move  int32 // -1: marked already
	bytes int64
}

// missing is what a server still has to download of an image.
func (b *builder) missing(d *diff.Delta, id estate.ServerID) int64 {
	size := d.Judged.Reference.Bytes
	if c := d.Image.Copy(id); c != nil && c.Evidence.Sight == estate.Seen && d.Judged.Class(id) == estate.Partial {
		return max(0, size-c.Evidence.Bytes)
	}
	return size
}

// rooms gives every download its place on the target's disk. What does not fit
// waits for room that the plan frees there; where nothing frees enough, PSL405.
// Copies that are to be deleted still take room until they are gone.
func (b *builder) rooms() {
	left := b.roomEverywhere()
	for i := range b.moves {
		m := &b.moves[i]
		for _, id := range m.Creates {
			if m.whole || m.Judged.Class(id) == estate.Good {
				continue
			}
			b.place(m, id, left[id])
		}
	}
}

// roomEverywhere finds the free room of each server and what will be deleted
// there: by the plan, and what is marked already.
func (b *builder) roomEverywhere() []*room {
	left := make([]*room, len(b.e.Servers))
	for i := range left {
		left[i] = &room{free: b.e.Servers[i].FreeBytes}
	}
	for i := range b.moves {
		m := &b.moves[i]
		for _, id := range m.Loses {
			if c := m.delta.Image.Copy(id); c != nil && !m.whole && b.frees(m) {
				left[id].later = append(left[id].later, freed{int32(i), c.Evidence.Bytes})
			}
		}
	}
	for n := range b.e.Images {
		copies := b.e.Images[n].Copies
		for i := range copies {
			if c := &copies[i]; c.DeleteAfter != 0 && c.Evidence.Bytes > 0 && c.Server.IsServer() {
				left[c.Server].later = append(left[c.Server].later, freed{-1, c.Evidence.Bytes})
			}
		}
	}
	return left
}

// frees reports whether a move surely deletes what it takes away, without waiting
// for other images (as the retirement of a server would).
func (b *builder) frees(m *moving) bool {
	return m.stop == "" && !slices.ContainsFunc(m.Loses, b.Resolved.Retired)
}

func (b *builder) place(m *moving, id estate.ServerID, r *room) {
	need := b.missing(m.delta, id)
	if r.free == estate.Unknown || need <= r.free {
		if r.free != estate.Unknown {
			r.free -= need
		}
		return
	}
	had, soon := r.free, r.free
	var from []int32
	used := 0
	for _, f := range r.later {
		if soon >= need {
			break
		}
		if f.move >= 0 && &b.moves[f.move] == m {
			continue
		}
		soon += f.bytes
		used++
		if f.move >= 0 {
			from = append(from, f.move)
		}
	}
	if soon < need || len(m.Saves) > 0 {
		why := "nothing that this plan deletes there makes room for it"
		if soon > had {
			why = "what this plan deletes there does not make enough"
		}
		b.block(m, codeNoRoom, id, true, fmt.Sprintf("By then other images have taken the room on %s, and %s.", b.e.ServerName(id), why))
		return
	}
	r.free, r.later = soon-need, r.later[used:]
	if m.roomFor == nil {
		m.roomFor = map[estate.ServerID][]int32{}
	}
	m.roomFor[id] = from
}

// seconds estimates how long bytes take between two servers; 0 without a bandwidth.
func (b *builder) seconds(bytes int64) int64 {
	if b.Policy.Bandwidth <= 0 || bytes <= 0 {
		return 0
	}
	return max(1, int64(float64(bytes)*8/float64(b.Policy.Bandwidth)))
}
