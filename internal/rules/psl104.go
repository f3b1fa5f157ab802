package rules

import (
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/wording"
)

func psl104() *Rule {
	return &Rule{
		Code:    "PSL104",
		Title:   "The new owner's copy is an older version",
		Default: finding.Warning,
		Floor:   finding.Note,
		Scope:   OfImage,
		Fix:     "refresh the policy on the new owner so that it downloads the present version.",
		Doc: Doc{
			Means: `The server that shall become owner holds a complete copy, but of an older version:
its files equal the content that was recorded before the present one, or are all that its
own snapshot.xml of an older version lists.`,
			Why: `Taken now, the image would go back to that version, everywhere. Nobody would notice
until a machine is deployed and lacks what was added since.`,
			Example: `WIN11-23H2 was captured again last week; PS010 missed it:

    PS010 holds 3 files (12.1 GiB) that equal the content recorded of PS008 on
    2026-10-05 08:00 UTC. The present content has 3 files (12.4 GiB).`,
			Quiet: `Not where the copy differs and equals no record: then it is incomplete (PSL102) or
wrong (PSL103). Not for servers that do not become owner.`,
			Do: `Nothing, if the plan is right: the new owner downloads the present version, which
is compared, and only then takes ownership. If the older version is the one you
want, say so in the image's block: |reference = package_server.NAME|.`,
		},
		image: func(s *subject) {
			if s.taker == estate.NoServer {
				return
			}
			c, class := s.copyOn(s.taker)
			if class != estate.Stale {
				return
			}
			name, detail := s.e.ServerName(s.taker), ""
			record := s.img.Content
			if record == nil || c.Evidence.Against(record) != estate.Good { // told by its own snapshot.xml
				detail = fmt.Sprintf("%s holds %s (%s) of an older version.", name, files(c.Evidence.Files), wording.Size(c.Evidence.Bytes))
				if a := c.Evidence.Agent; a != nil && a.Snapshot != nil {
					detail = fmt.Sprintf("%s holds %s (%s), all that its own snapshot.xml of version %d lists; the present version is %d.",
						name, files(c.Evidence.Files), wording.Size(c.Evidence.Bytes), a.Snapshot.Version, s.j.Reference.Version)
				}
			} else {
				detail = fmt.Sprintf("%s holds %s (%s) that equal the content recorded of %s on %s.",
					name, files(c.Evidence.Files), wording.Size(c.Evidence.Bytes), record.From, moment(record.TakenAt))
			}
			detail += fmt.Sprintf(" The present content has %s (%s).", files(s.j.Reference.Files), wording.Size(s.j.Reference.Bytes))
			s.report(s.taker, s.ownerRange(), finding.Finding{
				Detail: detail + " " + s.guard(),
				Fix:    s.refreshFix(fmt.Sprintf("refresh the policy on %s so that it downloads the present version.", name), s.taker),
			})
		},
	}
}
