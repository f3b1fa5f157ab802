package lab_test

import (
	"path/filepath"
	"testing"

	"pslan/internal/estate"
	"pslan/internal/lab"
	"pslan/internal/platform"
)

// TestAgentFilesAreRead: what the lab's servers write beside copies is what its eyes
// read of it, on both kinds of disk.
func TestAgentFilesAreRead(t *testing.T) {
	memory, err := lab.Open(lab.Options{Disk: lab.NewMemory(), Seed: smallEstate(t), Random: 7})
	if err != nil {
		t.Fatal(err)
	}
	defer memory.Close()
	for name, l := range map[string]*lab.Lab{"folders": openIn(t, filepath.Join(t.TempDir(), "lab")), "memory": memory} {
		t.Run(name, func(t *testing.T) {
			if err := l.Break([]string{"assignment", "B", "PS008"}); err != nil {
				t.Fatal(err)
			}
			for _, words := range [][]string{{"update-membership"}, {"refresh", "PS009"}} {
				if err := l.Do(words); err != nil {
					t.Fatal(err)
				}
			}
			b := refTo(smallEstate(t), "B")
			seen, err := l.Eyes().See(t.Context(), []platform.Look{{Server: "PS008", Image: b}, {Server: "PS009", Image: b}, {Server: "PS010", Image: b}})
			if err != nil {
				t.Fatal(err)
			}
			good, marked, none := seen[0].Evidence, seen[1].Evidence, seen[2].Evidence
			s := good.Agent
			if s == nil || s.Error != "" || s.NotUnderstood != 0 || !s.Deleted.IsZero() {
				t.Fatalf("PS008: %+v", s)
			}
			if s.Snapshot.Files != good.Files || s.Snapshot.Bytes != good.Bytes || s.Snapshot.Listing != good.Listing || s.Snapshot.Version <= 0 {
				t.Errorf("PS008 lists %+v, and has %+v", s.Snapshot, good)
			}
			if m := marked.Agent; m == nil || m.Error != "" || m.Deleted < day0 || m.Deleted > estate.TimeOf(l.Now()) {
				t.Errorf("PS009: %+v", m)
			}
			if none.Agent != nil {
				t.Errorf("PS010: %+v", none.Agent)
			}
		})
	}
}
