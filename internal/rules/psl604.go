package rules

import (
	"fmt"

	"pslan/internal/declared"
	"pslan/internal/finding"
)

func psl604() *Rule {
	return &Rule{
		Code:    "PSL604",
		Title:   "The configuration declares nothing",
		Default: finding.Error,
		Floor:   finding.Note,
		Scope:   OfRun,
		Fix:     "run pslan in the folder that holds the files, or start with pslan init.",
		Doc: Doc{
			Means: `The files were read, and they declare no image, no group of images, no PCT package, no
server that is draining or retired, and no preboot configuration.`,
			Why: `pslan would say that everything is as declared, which is true of nothing. Mostly it was
run in the wrong folder, or a variable emptied a |for_each|.`,
			Example: `    The files in . declare 2 package servers and nothing that they should hold.`,
			Quiet:   `Not where at least one of these is declared, even if nothing has to change.`,
			Do:      `Look at the folder and the variables. A new folder begins with |pslan init|.`,
		},
		check: func(r *run) {
			d := r.Declared
			if len(d.Images)+len(d.Groups)+len(d.Preboots) > 0 {
				return
			}
			for i := range d.Servers {
				if d.Servers[i].Lifecycle != declared.Active {
					return
				}
			}
			folder := d.Folder
			if folder == "" {
				folder = "."
			}
			detail := fmt.Sprintf("The files in %s declare no image, no package server that leaves, and no preboot configuration.", folder)
			if n := len(d.Servers); n > 0 {
				detail = fmt.Sprintf("The files in %s declare %s and nothing that %s should hold.", folder, count(n, "package server"), pick(n, "it", "they"))
			}
			r.report(finding.Finding{Detail: detail})
		},
	}
}
