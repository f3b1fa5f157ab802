package apply

import (
	"slices"
	"sync"
)

// MemoryJournal keeps the records of a run in memory. Its zero value is ready for
// use, also from several goroutines.
type MemoryJournal struct {
	mu      sync.Mutex
	records []Record
}

// Append keeps a record; it never fails.
func (j *MemoryJournal) Append(r Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.records = append(j.records, r)
	return nil
}

// Records returns a copy of what was recorded, in order.
func (j *MemoryJournal) Records() []Record {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.records)
}
