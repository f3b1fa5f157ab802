package rules

import (
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/wording"
)

func psl501() *Rule {
	return &Rule{
		Code:    "PSL501",
		Title:   "A legacy image must be converted first",
		Default: finding.Warning,
		Floor:   finding.Note,
		Scope:   OfImage,
		Fix:     "convert the image to the managed format in the console.",
		Doc: Doc{
			Means: `The image is in the legacy format: it has a folder and no package. Before its owner or
assignment can change, it is converted to the managed format, by an operator.`,
			Why: `A legacy image does not show in a package server's window and cannot change its owner
(law 12). The conversion makes a package of what lies in its folder, and assigns it to
all package servers, which then download it.`,
			Example: `    WIN7-OLD is a legacy image in \\PS008\Images\WIN7-OLD: 2 files (8.1 GiB). Step 1
    has it converted.`,
			Quiet: `Not where nothing about the image has to change. Where its folder is empty or missing
it is PSL502.`,
			Do: `Have the step done in the console while the server that holds the folder is up, and
expect downloads on all package servers afterwards.`,
		},
		image: func(s *subject) {
			if s.img.Format != estate.Legacy || s.img.Kind == estate.KindBackup || s.m == nil || s.blockedBy("PSL502") || !s.asks() && !s.blocked() {
				return
			}
			detail := fmt.Sprintf("%s is a legacy image", s.img.Name)
			if s.img.Location != "" {
				detail += " in " + s.img.Location
			}
			if c, _ := s.copyOn(s.img.Owner); c != nil && c.Evidence.Sight == estate.Seen {
				detail += fmt.Sprintf(": %s (%s)", files(c.Evidence.Files), wording.Size(c.Evidence.Bytes))
			}
			detail += "."
			if n := s.step(plan.Convert, s.img.Owner); n > 0 {
				detail += fmt.Sprintf(" Step %d has it converted; it is then assigned to all package servers.", n)
			}
			s.report(s.img.Owner, s.d.Range, finding.Finding{
				Detail: detail,
				Fix:    "have it converted to the managed format in the console, while the server that holds its folder is up.",
			})
		},
	}
}
