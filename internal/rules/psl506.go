package rules

import (
	"fmt"
	"slices"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
)

func psl506() *Rule {
	return &Rule{
		Code:        "PSL506",
		Title:       "A backup image would be left behind",
		Default:     finding.Error,
		DefaultWhen: "note for a server that is draining",
		Floor:       finding.Note,
		FloorWhen:   "warning for a retired server",
		Scope:       OfServer,
		Fix:         "copy the files of the backup images to another place by hand.",
		Doc: Doc{
			Means: `Backup images of single machines lie on a server that is retired or draining.`,
			Why: `A backup image has no package and is never replicated (KB 179677): it exists on this
server and nowhere else, and nothing can move it. When the role is removed, it goes
with the folders (law 13).`,
			Example: `    BACKUP-LAPTOP-17 and BACKUP-LAPTOP-22 exist on PS008 alone; nothing replicates a
    backup image.`,
			Quiet: `Not for images with a package, and not for servers that stay.`,
			Do: `Copy the files to a safe place by hand, if anybody may want that machine back. Then
delete the backup images in the console, or acknowledge the finding in the server's
block: that satisfies the check before the role is removed.`,
		},
		check: func(r *run) {
			leaving := map[estate.ServerID][]int32{}
			for n := range r.e.Images {
				img := &r.e.Images[n]
				if img.Kind != estate.KindBackup {
					continue
				}
				for i := range r.Resolved.Servers {
					id := estate.ServerID(i)
					if r.Resolved.Leaving(id) && (img.Owner == id || slices.Contains(r.Index.HostMatches(plan.UNCHost(img.Location)), id)) {
						leaving[id] = append(leaving[id], int32(n))
					}
				}
			}
			for i := range r.Resolved.Servers {
				if images := leaving[estate.ServerID(i)]; len(images) > 0 {
					r.reportBackups(estate.ServerID(i), images)
				}
			}
		},
	}
}

func (r *run) reportBackups(id estate.ServerID, images []int32) {
	name := r.e.ServerName(id)
	f := finding.Finding{
		Detail: "A backup image exists on one server alone; nothing replicates it.",
		Fix:    fmt.Sprintf("copy the files of %s to a safe place by hand, then delete the backup images in the console or acknowledge this in the block of %s.", list(r.imageNames(images)), name),
	}
	if !r.serverBlocked(id) {
		f.Detail = fmt.Sprintf("%s %s on %s alone; nothing replicates a backup image.", list(r.imageNames(images)), pick(len(images), "exists", "exist"), name)
	}
	floor := finding.Warning
	if r.Resolved.Servers[id].Lifecycle != declared.Retired {
		f.Severity, floor = finding.Note, finding.Unset
	}
	r.reportServer(id, f, floor)
}
