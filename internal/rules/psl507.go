package rules

import (
	"fmt"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
)

func psl507() *Rule {
	return &Rule{
		Code:    "PSL507",
		Title:   "A location still names a retired server",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfServer,
		Fix:     "move the image, or change its location, before the server goes.",
		Doc: Doc{
			Means: `After the plan Image Management would still list a package location with the name of a
server that is retired.`,
			Why: `The host in a location names where the platform looks for the files (law 15). When
that server is gone, the image cannot be opened, although its owner may be right.`,
			Example: `    After the plan 1 location in Image Management would still name PS008: WIN7-GOLD.`,
			Quiet: `Not for images that the plan moves to another owner: their location follows the
owner. Not for images that the retired server would still own (PSL402), for backup
images (PSL506), and for images that are lost and were given up.`,
			Do: `For an image stored on the SMP, declare |location|. For others, run a membership update
and look again: the location follows the owner. If it still names the old server,
that is a case for the vendor's support.`,
		},
		check: func(r *run) {
			for _, id := range r.retired {
				var images []int32
				srv := &r.e.Servers[id]
				label, _, _ := strings.Cut(srv.Host, ".")
				for n := range r.e.Images {
					img := &r.e.Images[n]
					host := plan.UNCHost(r.locationAfter(int32(n)))
					if host == "" || img.Kind == estate.KindBackup || img.Owner == id {
						continue
					}
					named := strings.EqualFold(host, srv.Name) || strings.EqualFold(host, srv.Host) || strings.EqualFold(host, label)
					if named && !r.followsOwner(int32(n)) && !r.abandoned(int32(n)) {
						images = append(images, int32(n))
					}
				}
				if len(images) > 0 || r.serverBlocked(id) {
					r.reportLocations(id, images)
				}
			}
		},
	}
}

// locationAfter is the location of an image after the plan.
func (r *run) locationAfter(n int32) string {
	if m := r.move(n); m != nil && m.Desired.Location != "" && len(m.Blocks) == 0 {
		return m.Desired.Location
	}
	return r.e.Images[n].Location
}

// followsOwner reports whether the plan moves the image, and its location with it.
func (r *run) followsOwner(n int32) bool {
	m := r.move(n)
	return m != nil && m.OwnerMoves() && len(m.Blocks) == 0
}

// abandoned reports whether an image is lost and was given up.
func (r *run) abandoned(n int32) bool {
	d := r.desired(n)
	if d == nil || !d.Abandon {
		return false
	}
	j := r.e.Judge(&r.e.Images[n], d.Reference)
	return j.Lost()
}

func (r *run) reportLocations(id estate.ServerID, images []int32) {
	name := r.e.ServerName(id)
	f := finding.Finding{Fix: fmt.Sprintf("declare the location of images that are kept on the SMP; for others, run a membership update and look whether Image Management still names %s.", name)}
	if !r.serverBlocked(id) {
		f.Detail = fmt.Sprintf("After the plan %s in Image Management would still name %s: %s.", count(len(images), "location"), name, list(r.imageNames(images)))
	}
	r.reportServer(id, f, finding.Unset)
}
