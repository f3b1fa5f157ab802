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

// Append keeps records; it never fails.
func (j *MemoryJournal) Append(records ...Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.records = append(j.records, records...)
	return nil
}

// Records returns a copy of what was recorded, in order.
func (j *MemoryJournal) Records() []Record {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.records)
}
