package rules

import (
	"fmt"
	"slices"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl305() *Rule {
	return &Rule{
		Code:    "PSL305",
		Title:   "A site would be left without a copy",
		Default: finding.Warning,
		Floor:   finding.Note,
		Scope:   OfImage,
		Fix:     "keep one server of the site assigned.",
		Doc: Doc{
			Means: `After the plan no package server of a site holds the image any more, and one holds it
now. For a retired server one finding counts all its images.`,
			Why: `Clients of that site would then fetch the image over the wide area network, many
gigabytes for each machine, or not at all where their network does not allow it.`,
			Example: `    The site BERLIN has copies on PS021 now, and none after the plan.`,
			Quiet: `Not for sites that lose their last package server: that is PSL404, once and for all.
Not where another server of the site keeps or gets a copy, or may hold one that could
not be looked at. Not for a retired server while something holds it back.`,
			Do: `Keep one server of the site in the assignment, or acknowledge it where the site does
not deploy this image.`,
		},
		image: func(s *subject) {
			if s.m == nil || len(s.m.Loses) == 0 {
				return
			}
			var sites []string
			var from []estate.ServerID
			for _, id := range s.m.Loses {
				if _, class := s.copyOn(id); !class.HasFiles() || s.Resolved.Retired(id) {
					continue
				}
				for _, site := range s.e.Servers[id].Sites {
					if s.siteKeeps(s.m.Image, site) {
						continue
					}
					from = append(from, id)
					if !slices.Contains(sites, site) {
						sites = append(sites, site)
					}
				}
			}
			if len(sites) == 0 {
				return
			}
			slices.Sort(from)
			s.report(estate.NoServer, s.d.AssignmentRange, finding.Finding{
				Detail: fmt.Sprintf("The %s %s %s copies on %s now, and none after the plan.",
					pick(len(sites), "site", "sites"), list(sites), pick(len(sites), "has", "have"), s.servers(slices.Compact(from))),
				Fix: fmt.Sprintf("keep one server %s %s assigned, or acknowledge it where the image is not deployed there.", pick(len(sites), "of", "in each of"), list(sites)),
			})
		},
		check: func(r *run) {
			for _, id := range r.retired {
				r.sitesWithout(id)
			}
		},
	}
}

// siteKeeps reports whether a server of a site holds an image, or may, after the plan.
func (r *run) siteKeeps(image int32, site string) bool {
	img, m := &r.e.Images[image], r.move(image)
	members := r.Index.SiteServers(site)
	stays := func(id estate.ServerID) bool {
		_, member := slices.BinarySearch(members, id)
		if !member || r.Resolved.Retired(id) {
			return false
		}
		if m == nil {
			return true
		}
		_, lost := slices.BinarySearch(m.Loses, id)
		return !lost
	}
	for i := range img.Copies {
		c := &img.Copies[i]
		bare := c.Evidence.Sight == estate.Seen && c.Evidence.Files == 0 && r.e.Reachable(c.Server)
		if c.DeleteAfter == 0 && !bare && stays(c.Server) {
			return true
		}
	}
	return m != nil && (slices.ContainsFunc(m.Creates, stays) || slices.ContainsFunc(m.Path[1:], stays))
}

// sitesWithout counts the images that a site loses with a retired server.
func (r *run) sitesWithout(id estate.ServerID) {
	for _, site := range r.e.Servers[id].Sites {
		if r.siteServed(site) == 0 {
			continue // PSL404
		}
		var bare []int32
		for _, n := range r.Plan.Servers[id].LosesAll {
			img := &r.e.Images[n]
			if c := img.Copy(id); c == nil || c.DeleteAfter != 0 || c.Evidence.Files == 0 || img.Kind == estate.KindBackup {
				continue
			}
			if !r.siteKeeps(n, site) {
				bare = append(bare, n)
			}
		}
		if len(bare) > 0 {
			r.reportServer(id, finding.Finding{
				Detail: fmt.Sprintf("When the role of %s is removed, the site %s has no copy of %s any more: %s.",
					r.e.ServerName(id), site, count(len(bare), "image"), list(r.imageNames(bare))),
				Fix: fmt.Sprintf("assign these images to another server of %s first, or acknowledge it where they are not deployed there.", site),
			}, finding.Unset)
		}
	}
}

// siteServed counts the package servers of a site that stay.
func (r *run) siteServed(site string) int {
	n := 0
	for _, id := range r.Index.SiteServers(site) {
		if !r.Resolved.Retired(id) {
			n++
		}
	}
	return n
}
