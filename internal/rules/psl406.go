package rules

import (
	"fmt"
	"slices"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl406() *Rule {
	return &Rule{
		Code:    "PSL406",
		Title:   "A server is not in its declared sites",
		Default: finding.Warning,
		Floor:   finding.Note,
		Scope:   OfServer,
		Fix:     "correct the sites in the console, or in the files.",
		Doc: Doc{
			Means: `The |sites| in a |package_server| block are not those that the platform lists for the
server. pslan shows the difference and never changes it.`,
			Why: `Assignments by site, and who downloads from where, follow the platform's sites. If the
files describe another world, the plan is right for a world that does not exist.`,
			Example: `    PS010 is in HQ by the files, and in HQ and BERLIN by the platform.`,
			Quiet:   `Not where |sites| is left out. Order and case do not matter.`,
			Do: `Decide which of the two is right: change the site's package servers in the console, or
the |sites| in the block.`,
		},
		check: func(r *run) {
			for i := range r.Resolved.Servers {
				b := r.Resolved.Servers[i].Block
				if b == nil || !b.SitesSet || sameFolded(b.Sites, r.e.Servers[i].Sites) {
					continue
				}
				name := r.e.Servers[i].Name
				r.reportServer(estate.ServerID(i), finding.Finding{
					Range:  b.SitesRange,
					Detail: fmt.Sprintf("%s is in %s by the files, and in %s by the platform.", name, sitesOrNone(b.Sites), sitesOrNone(r.e.Servers[i].Sites)),
					Fix:    fmt.Sprintf("change the sites of %s in the console, or in its block; pslan does not change them.", name),
				}, finding.Unset)
			}
		},
	}
}

// sameFolded reports whether two lists hold the same names, order and case aside.
func sameFolded(a, b []string) bool {
	return slices.Equal(folded(a), folded(b))
}

func folded(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = estate.Fold(n)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func sitesOrNone(sites []string) string {
	if len(sites) == 0 {
		return "no site"
	}
	sites = slices.Clone(sites)
	slices.Sort(sites)
	return list(sites)
}
