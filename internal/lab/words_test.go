package lab_test

import (
	"strings"
	"testing"

	"pslan/internal/lab"
)

// FuzzCommands: no line of words breaks the lab.
func FuzzCommands(f *testing.F) {
	for _, line := range []string{"PS009 off", "in 2h PS009 empty A", "jump -3h", "random 3 1h", "assignment A site:HQ", "owner A PS010",
		"hang-update", "fail-next any", "assign B all", "convert C", `copy-files D \\smp02\x`, "retire PS008", "PS009 \x00 A"} {
		f.Add(line)
	}
	e := smallEstate(f)
	f.Fuzz(func(t *testing.T, line string) {
		l, err := lab.Open(lab.Options{Seed: e, Disk: lab.NewMemory()})
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Fields(line)
		for _, act := range []func([]string) error{l.Break, l.Do} {
			if err := act(words); err != nil && err.Error() == "" {
				t.Error("an error without words")
			}
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}
