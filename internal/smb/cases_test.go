//go:build peers

package smb

import (
	"io"
	"io/fs"
	"path/filepath"
	"testing"

	"pslan/internal/content"
	"pslan/internal/content/contenttest"
	"pslan/internal/peertest"
	"pslan/internal/platform"
)

// notOnShares are the cases that a Samba does not show as they are: by the protocol a
// name has neither backslash nor line break, and links of the server's own are its own
// matter (TestLinksOfSamba).
var notOnShares = map[string]string{
	"a backslash in a name":       "Samba shows another name",
	"a line break in a name":      "Samba shows another name",
	"a name that is not UTF-8":    "Samba hides it",
	"a link to a file outside":    "Samba hides it",
	"a link to a folder inside":   "Samba hides it",
	"a link that goes in circles": "Samba hides it",
	"a link that leads nowhere":   "Samba hides it",
	"a link for the folder":       "Samba hides it",
}

// TestCases looks at copies on a share that are damaged in every way there is.
func TestCases(t *testing.T) {
	base := t.TempDir()
	s := peertest.Samba{Shares: map[string]string{"packages": base}, Lines: map[string][]string{"packages": {"follow symlinks = no"}}}.Start(t)
	if s == nil {
		return
	}
	p := pool(t, s, nil)
	contenttest.RunBut(t, base, notOnShares, func(t *testing.T, _ *contenttest.Case, root string) platform.Eyes {
		below, err := filepath.Rel(base, root)
		if err != nil {
			t.Fatal(err)
		}
		return content.NewPath(content.PathOptions{
			Root: func(string, string) (string, error) { return "//127.0.0.1/packages/" + filepath.ToSlash(below), nil },
			Open: func(dir string) (fs.FS, io.Closer, error) { return p.Open(dir) },
		})
	})
}
