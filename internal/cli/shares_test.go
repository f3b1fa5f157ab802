//go:build peers

package cli

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"pslan/internal/peertest"
)

// TestShares runs the scripts for which a Samba server stands beside the lab: it
// serves the folders of the lab's servers as the share "servers", to $SMBUSER with
// $SMBPASSWORD, at port $SMBPORT.
func TestShares(t *testing.T) {
	root := t.TempDir()
	server := peertest.Samba{Shares: map[string]string{
		"servers": filepath.Join(root, "script-shares", ".pslan", "lab", "servers"),
	}}.Start(t)
	if server == nil {
		return
	}
	params := scripted("shares")
	params.WorkdirRoot = root
	setup := params.Setup
	params.Setup = func(e *testscript.Env) error {
		e.Setenv("SMBPORT", strconv.Itoa(server.Port))
		e.Setenv("SMBUSER", server.User)
		e.Setenv("SMBPASSWORD", peertest.Password)
		return setup(e)
	}
	testscript.Run(t, params)
}
