package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// listing reads "SIZE PATH" or "SIZE PATH HASH" for each file.
func listing(text string) (files []platform.File) {
	for line := range strings.Lines(text) {
		var f platform.File
		var hash byte
		if n, _ := fmt.Sscan(line, &f.Bytes, &f.Path, &hash); n > 2 {
			f.SHA256 = estate.Digest{hash}
		}
		files = append(files, f)
	}
	return files
}

func TestDifferingFiles(t *testing.T) {
	for _, c := range []struct{ name, want, have, text string }{
		{"one is missing", "5 a.gho\n7 b.ghs\n", "5 a.gho\n", "- 7  b.ghs"},
		{"one is half", "5 a.gho\n7 b.ghs\n", "5 a.gho\n3 b.ghs\n", "- 7  b.ghs\n+ 3  b.ghs"},
		{"one too many", "5 a.gho\n", "5 a.gho\n9 notes.txt\n", "+ 9  notes.txt"},
		{"other bytes", "5 a.gho 1\n7 b.ghs 2\n", "5 a.gho 1\n7 b.ghs 3\n", "- 7  b.ghs  sha256:020000000000…\n+ 7  b.ghs  sha256:030000000000…"},
		{"hashed on one side only", "5 a.gho 1\n7 b.ghs\n", "5 a.gho\n6 b.ghs 3\n", "- 7  b.ghs\n+ 6  b.ghs"},
		{"nothing to be seen", "5 a.gho\n", "5 a.gho\n", "names and sizes are the same; which file has other bytes is not remembered: plan with -verify=hash"},
	} {
		if d := cmp.Diff(c.text, strings.Join(differingFiles(listing(c.want), listing(c.have)), "\n")); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
	var many strings.Builder
	for i := range 15 {
		fmt.Fprintf(&many, "1 f%02d\n", i)
	}
	if got := differingFiles(listing(many.String()), nil); len(got) != filesTold+1 || got[filesTold] != "and 3 more lines" {
		t.Errorf("many: %q", got)
	}
	if got := differingFiles(make([]platform.File, listingsMost), listing("1 a")); got[0] != "10000 and 1 files are too many to be compared by name" {
		t.Errorf("too many: %q", got)
	}
}
