package rules

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl110() *Rule {
	return &Rule{
		Code:    "PSL110",
		Title:   "Who owns the image is in doubt",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfImage,
		Fix:     "find out on the package servers which of them shows the image as locally managed.",
		Doc: Doc{
			Means: `The platform names no owner for the image, or its sources contradict each other. On a
real platform no single field tells the owner, so at least two sources have to name
the same server, and none another one. The finding says which source names whom.`,
			Why: `Everything else hangs on the owner: who is downloaded from, whose content is right,
which copy must not be deleted. Doing anything to an image whose owner is a guess
may take the files from the server that really owns it.`,
			Example: `    The sources disagree: location names PS008; copies and packages name PS010. At least
    two have to name the same server, and none another one.`,
			Quiet: `Not where the platform names one owner, even if that server is off. Not while a take
of ownership that a run has asked for is under way, as far as the sources name the
old owner or the new one.`,
			Do: `Open the package server window on each server that may own it: the blue icon
(locally managed) marks the owner. Then mend the source that is wrong.

The sources of |connection "smp"| are |location| (the host in the package location),
|packages|, |owners| and |images| (a column |owner| in these rows; in |owners| each word
in the column |source| counts as one more), and |copies| (the one server whose row
says that it manages the image locally). Others are asked only where
|owner { sources }| names them; docs/smp.md has them all.

If one source alone tells the owner, bring a second one by rows. If one of them is
stale, an export or a status, renew it; if it can never be right, leave it out with
|owner { sources = [...] }|. If somebody takes ownership right now, run a delta
membership update, refresh both servers, and plan again. If the database and the
icons still disagree, that is a case for the vendor's support.`,
		},
		image: func(s *subject) {
			b := s.block()
			if b == nil {
				return
			}
			detail, fix := s.doubt()
			s.report(b.Server, s.d.Range, finding.Finding{Detail: detail, Fix: fix})
		},
	}
}

// doubt says why the owner of an image is in doubt, and what helps.
func (s *subject) doubt() (detail, fix string) {
	const look = "look in the package server window of each server for the blue icon (locally managed), and bring the platform to show one owner: membership update, then policy refresh on both servers."
	switch claims := s.img.Claims; {
	case s.img.Package.IsZero() && s.img.Format == estate.Managed && s.img.Kind != estate.KindBackup:
		return "Its package is not known, and so nobody can be asked who owns that.",
			"bring the package by rows \"packages\" with the columns package and image; an empty package there says that the image has none."
	case len(claims) > 0:
		return s.contradiction(claims)
	case s.e.Source == sourceSMP:
		return "No source names an owner, and at least two have to name the same server.",
			"bring two sources: a column owner in rows \"packages\" or \"owners\", a column managed in rows \"copies\", or the host in the package location."
	}
	var local []estate.ServerID
	for i := range s.img.Copies {
		if s.img.Copies[i].Managed == estate.ManagedLocal {
			local = append(local, s.img.Copies[i].Server)
		}
	}
	switch len(local) {
	case 0:
		detail = "No server says that it manages it locally"
	case 1:
		detail = fmt.Sprintf("%s says that it manages it locally", s.servers(local))
	default:
		detail = fmt.Sprintf("%s say that they manage it locally", s.servers(local))
	}
	if s.img.Location != "" {
		detail += "; its location is " + s.img.Location
	}
	return detail + ".", look
}

// sourceSMP is Estate.Source of the real platform, which has several sources for owners.
const sourceSMP = "smp"

// contradiction says which sources name whom. claims are not empty.
func (s *subject) contradiction(claims []estate.OwnerClaim) (detail, fix string) {
	var owners []string
	by := map[string][]string{}
	for _, c := range claims {
		if by[c.Owner] == nil {
			owners = append(owners, c.Owner)
		}
		if !slices.Contains(by[c.Owner], c.Source) {
			by[c.Owner] = append(by[c.Owner], c.Source)
		}
	}
	slices.SortFunc(owners, estate.CompareFold)
	parts, unlisted := make([]string, len(owners)), false
	for i, owner := range owners {
		parts[i] = fmt.Sprintf("%s %s %s", list(by[owner]), pick(len(by[owner]), "names", "name"), owner)
		if owner != s.e.ServerName(estate.SMP) && s.Index.Server(owner) == estate.NoServer {
			parts[i] += ", which is not listed as a package server"
			unlisted = true
		}
	}
	said := strings.Join(parts, "; ")
	switch {
	case unlisted:
		return fmt.Sprintf("Its sources say: %s. At least two have to name the same listed server, and none another one.", said),
			"find out what that name stands for: a package server that is gone, one that the rows \"package_servers\" miss, or another name of the SMP (also_called)."
	case len(owners) == 1:
		return fmt.Sprintf("Only %s. A second source has to name the same server.", said),
			"bring a second source: a column owner in rows \"packages\" or \"owners\", or a column managed in rows \"copies\"; and make sure that \"owner { sources }\" does not leave it out."
	}
	return fmt.Sprintf("The sources disagree: %s. At least two have to name the same server, and none another one.", said),
		fmt.Sprintf("look in the package server windows of %s for the blue icon (locally managed), and mend the source that is wrong: renew an export, or run a membership update and refresh both servers.", list(owners))
}
