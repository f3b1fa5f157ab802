package world

import (
	"slices"

	"pslan/internal/estate"
)

// Happening is one thing that happened, for people and for tests.
type Happening struct {
	At     estate.Time
	What   string
	Server int32 // -1 where it concerns none
	Image  int32 // -1 where it concerns none
	// Asked: a request brought it about, and not a schedule.
	Asked bool
	Note  string
}

// The words for what happened that tests decide by.
const (
	OnSchedule   = "on schedule"   // the note of what happens every few hours anyway
	FilesRemoved = "files removed" // a server removed files that are gone from snapshot or policy
	FolderMoved  = "folder on package servers changed"
)

const latelyKept = 40

// Trace has every happening told to a function; nil ends it. It is not kept.
func (w *World) Trace(f func(Happening)) { w.trace = f }

func (w *World) happen(what string, s, i int32, note string) {
	h := Happening{At: w.Now, What: what, Server: s, Image: i, Asked: w.asked, Note: note}
	x := mix(w.History ^ uint64(h.At))
	for _, text := range [...]string{what, note} {
		for j := 0; j < len(text); j++ {
			x = (x ^ uint64(text[j])) * 1099511628211
		}
	}
	w.History = mix(x ^ uint64(uint32(s))<<32 ^ uint64(uint32(i)))
	if len(w.Lately) == latelyKept {
		copy(w.Lately, w.Lately[1:])
		w.Lately = w.Lately[:latelyKept-1]
	}
	w.Lately = append(w.Lately, h)
	if w.trace != nil {
		w.trace(h)
	}
}

func sortEvents(q []Event) {
	slices.SortFunc(q, func(a, b Event) int {
		if a.before(&b) {
			return -1
		}
		return 1
	})
}
