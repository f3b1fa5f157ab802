package apply

import (
	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/plan"
)

// goesBySnapshot reports whether a reading may judge copies by a snapshot.xml: where
// sizes are the plan's choice, and it lists what the plan goes by. A reading looks at a
// few copies, and the newest snapshot.xml of those may be an old one.
func (m *machine) goesBySnapshot(image estate.GUID, r *estate.Reference) bool {
	return m.settings.verify == declared.VerifySize && m.listings[image] == r.Listing.String()
}

// snapshotFor is the server whose snapshot.xml the plan compares the copies of an image
// with, "" where it compares them with something better.
func (m *machine) snapshotFor(image estate.GUID) string {
	for _, no := range m.images.of(image) {
		if s := m.step(no); s.Op == plan.VerifyCopy && s.Snapshot != "" {
			return s.Snapshot
		}
	}
	return ""
}
