//go:build peers

package cli

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pslan/internal/peertest"
)

var wiredURL = regexp.MustCompile(`(?m)^  url +=? *"(.*)"`)

// TestApplyThroughASMX: examples give the same plans, and apply comes to the same end,
// with Mono's ASP.NET between pslan and the lab.
func TestApplyThroughASMX(t *testing.T) {
	for _, name := range []string{"retire-ps008", "new-smp"} {
		t.Run(name, func(t *testing.T) {
			w := steeredWire(t, name, nil)
			main := filepath.Join(w.dir, "pslan.hcl")
			text, err := os.ReadFile(main)
			if err != nil {
				t.Fatal(err)
			}
			found := wiredURL.FindStringSubmatch(string(text))
			if found == nil {
				t.Fatal("there is no connection over the wire")
			}
			backend, err := url.Parse(found[1])
			if err != nil {
				t.Fatal(err)
			}
			app := peertest.BuildASMX(t, filepath.Join("..", "smp", "testdata", "asmx"), backend)
			if app == nil {
				return
			}
			w.write("pslan.hcl", strings.Replace(string(text), found[1], app.Start(t).URL.String(), 1))
			w.same(onLab(t, name))
		})
	}
}
