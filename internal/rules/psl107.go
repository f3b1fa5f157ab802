package rules

import (
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/wording"
)

func psl107() *Rule {
	return &Rule{
		Code:    "PSL107",
		Title:   "There is no reference content to compare with",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfImage,
		Fix:     "say which copy is right with reference in the image's block.",
		Doc: Doc{
			Means: `pslan cannot tell what a good copy of this image would be. The owner's files cannot
be read or are not good, nothing was recorded of them, and nobody said whose copy
counts.`,
			Why: `Copies exist, perhaps, but any of them may be half or wrong. Making one of them the
owner's would be a guess, and a wrong guess spreads to every server.`,
			Example: `PS008 is off, its content was never recorded, and PS009 holds 3 files:

    Neither the owner's files nor a recorded content can be read, so no copy can be
    proved. PS008 is offline, last seen 2026-11-18 06:12 UTC. Files were seen
    on PS009 (3 files, 12.4 GiB).`,
			Quiet: `Not where the owner can be read, where its content was recorded before
(|content { record = "content.json" }|), or where the image's block names a
|reference|.`,
			Do: `Bring the owner up for long enough that pslan can read its files. If that cannot be
done, look at a copy yourself (mount it, deploy it once), and when you are sure, say
so in the files:

    reference = package_server.ps009

pslan then takes your word for it, and shows in every plan that it is a person's
word.`,
		},
		image: func(s *subject) {
			b := s.block()
			if b == nil {
				return
			}
			owner := "The owner is not known"
			switch {
			case s.d.Reference != estate.NoServer:
				owner = fmt.Sprintf("The files name %s as the reference, and its copy is %s", s.e.ServerName(s.d.Reference), s.unseen(s.d.Reference))
			case s.img.Owner == estate.SMP:
				owner = "The files on the SMP cannot be read"
			case s.img.Owner.IsServer() && s.j.OwnerClass.IsBare():
				owner = fmt.Sprintf("%s holds no file", s.e.ServerName(s.img.Owner))
			case s.img.Owner.IsServer():
				owner = fmt.Sprintf("%s is %s", s.e.ServerName(s.img.Owner), s.unseen(s.img.Owner))
			}
			detail := owner + ". " + s.filesSeen()
			at, fix := s.d.Range, "bring the owner up, or look at a copy yourself and name its server as reference in the image's block."
			if s.d.Reference != estate.NoServer {
				at = s.d.ReferenceRange
				fix = fmt.Sprintf("make the copy on %s readable, or name another server as reference.", s.e.ServerName(s.d.Reference))
			}
			s.report(b.Server, at, finding.Finding{Detail: detail, Fix: fix})
		},
	}
}

// filesSeen says on which servers files of the image were seen, good or not.
func (s *subject) filesSeen() string {
	var seen []string
	for i := range s.img.Copies {
		c := &s.img.Copies[i]
		if c.Evidence.Sight == estate.Seen && c.Evidence.Files > 0 && s.e.Reachable(c.Server) {
			seen = append(seen, fmt.Sprintf("%s (%s, %s)", s.e.ServerName(c.Server), files(c.Evidence.Files), wording.Size(c.Evidence.Bytes)))
		}
	}
	if len(seen) == 0 {
		return "Files were seen on no server."
	}
	return "Files were seen on " + list(seen) + "."
}
