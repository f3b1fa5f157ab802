package rules

import (
	"fmt"

	"pslan/internal/finding"
)

func psl404() *Rule {
	return &Rule{
		Code:      "PSL404",
		Title:     "A site would be left without a package server",
		Default:   finding.Error,
		Floor:     finding.Note,
		FloorWhen: "warning for a retired server",
		Scope:     OfServer,
		Fix:       "make another package server serve the site, in the console.",
		Doc: Doc{
			Means: `A site has no package server but servers that are retired.`,
			Why: `Clients ask the package servers of their own site. Without one they go to the SMP or
to no server at all, and a deployment that took minutes takes a night (law 15).`,
			Example: `    The site BERLIN has no package server that stays when PS021 is retired. Its
    clients would have to fetch every package from another site.`,
			Quiet: `Not where another package server of the site stays, be it draining. Not for sites
that have no package server today.`,
			Do: `Assign another package server to the site in the console. If the site is closed or its
clients are served otherwise, acknowledge it in the server's block, with the reason:
that satisfies the check before the role is removed.`,
		},
		check: func(r *run) {
			for _, id := range r.retired {
				var bare []string
				for _, site := range r.e.Servers[id].Sites {
					if r.siteServed(site) == 0 {
						bare = append(bare, site)
					}
				}
				if len(bare) == 0 {
					continue
				}
				name := r.e.ServerName(id)
				detail := "Its clients would have to fetch every package from another site."
				if !r.serverBlocked(id) {
					detail = fmt.Sprintf("The %s %s no package server that stays when %s is retired. %s", pick(len(bare), "site", "sites"),
						list(bare)+pick(len(bare), " has", " have"), name, detail)
				}
				r.reportServer(id, finding.Finding{
					Detail: detail,
					Fix:    fmt.Sprintf("make another package server serve %s in the console, or acknowledge it in the block of %s with the reason.", list(bare), name),
				}, finding.Warning)
			}
		},
	}
}
