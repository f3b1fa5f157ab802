package rules

import (
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/wording"
)

func psl403() *Rule {
	return &Rule{
		Code:    "PSL403",
		Title:   "Removing the role deletes the server's package folders",
		Default: finding.Warning,
		Floor:   finding.Note,
		Scope:   OfServer,
		Fix:     "copy aside what you want to keep before the role is removed.",
		Doc: Doc{
			Means: `A server is retired and holds files. When its package service role is removed, all of
them are deleted, those of images too that no block names.`,
			Why: `Removing the role deletes the |Package Delivery| folder with everything in it
(law 13, KB 180585). That is why it is the last step of a retirement and never the
first, and why it is an operator's step that pslan asks for only when law 15 holds.`,
			Example: `    Files of 14 images lie on PS008 (171.3 GiB): they go with the role. No block
    names 2 of them.`,
			Quiet: `Not while something holds the retirement back: then the role stays. Not where no files
are known on the server.`,
			Do: `Nothing, if every image has what it needs elsewhere: pslan verifies that before it
asks for the removal. Copy aside anything on the server that is not a package, and
backup images (PSL506).`,
		},
		check: func(r *run) {
			for _, id := range r.retired {
				images := r.Plan.Servers[id].LosesAll
				if len(images) == 0 || r.heldBack(id) {
					continue
				}
				r.reportRoleGoes(id, images)
			}
		},
	}
}

// heldBack reports whether anything blocks the removal of a server's role.
func (r *run) heldBack(id estate.ServerID) bool {
	for i := range r.Plan.Blocks {
		if b := &r.Plan.Blocks[i]; b.Image < 0 && b.Address == r.Resolved.Servers[id].Address {
			return true
		}
	}
	return false
}

func (r *run) reportRoleGoes(id estate.ServerID, images []int32) {
	named := map[int32]bool{}
	for i := range r.Resolved.Desired {
		if r.Resolved.Desired[i].Declared {
			named[r.Resolved.Desired[i].Image] = true
		}
	}
	bytes, undeclared, unseen := int64(0), 0, 0
	for _, n := range images {
		if !named[n] {
			undeclared++
		}
		switch c := r.e.Images[n].Copy(id); {
		case c == nil || c.Evidence.Sight != estate.Seen:
			unseen++
		default:
			bytes += c.Evidence.Bytes
		}
	}
	name := r.e.ServerName(id)
	detail := fmt.Sprintf("Files of %s lie on %s (%s): they go with the role.", count(len(images), "image"), name, wording.Size(bytes))
	switch {
	case unseen == len(images):
		detail = fmt.Sprintf("%s may lie on %s, which could not be looked at: they go with the role.", count(len(images), "image"), name)
	case unseen > 0:
		detail += fmt.Sprintf(" %d of them could not be looked at and %s not in the sum.", unseen, is(unseen))
	}
	if undeclared > 0 {
		detail += fmt.Sprintf(" No block names %d of them.", undeclared)
	}
	r.reportServer(id, finding.Finding{
		Detail: detail,
		Fix:    fmt.Sprintf("copy aside anything on %s that you want to keep, before the last step.", name),
	}, finding.Unset)
}
