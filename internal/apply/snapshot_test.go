package apply

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/plan"
)

// snapshotOf is a snapshot.xml that lists a content: "A", or "A:1" for its first file.
func snapshotOf(i *fakeImage, lists string, version int64) *estate.AgentFiles {
	label, first, _ := strings.Cut(lists, ":")
	files := filesOf(label, len(i.content), i.content[0].Bytes)
	if n, err := strconv.Atoi(first); err == nil {
		files = files[:n]
	}
	var lines strings.Builder
	for k := range files {
		fmt.Fprintf(&lines, "%d  %s\n", files[k].Bytes, files[k].Path)
	}
	return &estate.AgentFiles{Snapshot: &estate.Content{
		Files: int64(len(files)), Bytes: bytesOf(files), Listing: sha256.Sum256([]byte(lines.String())), Version: version,
	}}
}

// goBySnapshot makes what a snapshot.xml lists the reference that the plan goes by.
func (s *script) goBySnapshot(w words) {
	i := s.world.image(guidOf(w.at(1)))
	s.plan.Facts = append(s.plan.Facts, plan.Fact{
		Kind: "reference", Object: i.guid.String(), Value: snapshotOf(i, w.at(2), 1).Snapshot.Listing.String(),
	})
}
