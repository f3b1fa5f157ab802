package sample

import (
	"time"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/proposal"
)

// Made is the plan of One as pslan makes it: PS010 shall own win11. It is assigned
// and says Ready, and its package folder is empty. KIOSK is blocked: nobody holds it.
func Made() (*proposal.Proposal, diag.Diagnostics) {
	policy := declared.DefaultPolicy()
	policy.Bandwidth = 100e6
	owner := func(line int32) *declared.ServerRef {
		return &declared.ServerRef{Host: "PS010", Range: At("images.hcl", line)}
	}
	return proposal.Make(proposal.Input{
		Estate: observed(),
		Declared: &declared.Declared{
			Policy: policy,
			Images: []declared.Image{
				{Address: "image.kiosk", Name: "KIOSK", In: `image "kiosk"`, Range: At("images.hcl", 38), SelectRange: At("images.hcl", 39),
					Attrs: declared.Attrs{Owner: owner(40)}},
				{Address: "image.win11", Name: "WIN11-23H2", In: `image "win11"`, Range: At("images.hcl", 10), SelectRange: At("images.hcl", 11),
					Attrs: declared.Attrs{Owner: owner(12)}},
			},
		},
		Now: Meta().MadeAt, Version: Version, Variables: Variables(),
	})
}

func observed() *estate.Estate {
	now := estate.TimeOf(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	digest := estate.Digest{1}
	good := estate.Evidence{
		Sight: estate.Seen, Folder: true, Files: 3, Bytes: Gigabytes, Digest: digest, Listing: estate.Digest{2},
		CheckedAt: now, HashedAt: now, By: "path",
	}
	empty := estate.Evidence{Sight: estate.Seen, Folder: true, CheckedAt: now, By: "path"}
	server := func(n int, name string) estate.PackageServer {
		return estate.PackageServer{
			Name: name, Host: name + ".contoso.com", GUID: GUID(n), Sites: []string{"HQ"}, State: estate.Online, LastSeen: now,
			FreeBytes: 400 << 30, TotalBytes: 900 << 30,
		}
	}
	all := estate.Assignment{Mode: estate.AssignAll}
	return &estate.Estate{
		TakenAt: now, Source: "lab", SMP: estate.Server{Name: "smp01.contoso.com", GUID: GUID(900)}, Sites: []string{"HQ"},
		Servers: []estate.PackageServer{server(800, "PS008"), server(801, "PS010")},
		Images: []estate.Image{
			{Name: "KIOSK", GUID: GUID(1003), Package: GUID(3), Owner: 0, Assignment: all, Location: `\\PS008\PkgSvrHost$\KIOSK`,
				Copies: []estate.Copy{{Server: 0, Managed: estate.ManagedLocal, Evidence: empty}, {Server: 1, Managed: estate.ManagedExternal, Evidence: empty}}},
			{Name: "WIN11-23H2", GUID: GUID(1001), Package: GUID(1), Owner: 0, Assignment: all, Location: `\\PS008\PkgSvrHost$\WIN11-23H2`, Version: 1,
				Copies: []estate.Copy{
					{Server: 0, Managed: estate.ManagedLocal, Status: "Ready", Version: 1, Evidence: good},
					{Server: 1, Managed: estate.ManagedExternal, Status: "Ready", Version: 1, Evidence: empty},
				}},
		},
	}
}
