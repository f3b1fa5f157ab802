package rules

import (
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl202() *Rule {
	return &Rule{
		Code:        "PSL202",
		Title:       "No good copy is left anywhere",
		Default:     finding.Error,
		DefaultWhen: "warning where the plan changes neither owner nor assignment of the image",
		Floor:       finding.Note,
		FloorWhen:   "error when it blocks",
		Scope:       OfImage,
		Fix:         "put the files into the owner's package folder by hand, from wherever they still exist.",
		Doc: Doc{
			Means: `pslan found no server with a good copy of the image: the owner is off or holds no
files, and what other servers hold, if anything, is not the reference content.`,
			Why: `An image that nobody can be downloaded from is lost as far as the platform goes.
Moving its owner would only move the emptiness (law 4), and make it look as if all
were well.`,
			Example: `PS008 is off, and nobody else ever held CAD-WORKSTATION:

    No server was seen with a good copy (PS008: off; PS010: missing). PS008 is
    offline, last seen 2026-11-18 06:12 UTC.`,
			Quiet: `Not where a copy could not be looked at although its server is up: then it is not
known whether the image is lost. Not for backup images of one machine, which are
never replicated (PSL506).`,
			Do: `In this order: bring the old owner up again, be it for an hour. Look for the files
elsewhere (backup, the disk of the old server, an old export) and put them into the
package folder of the server that shall own the image, refresh its policy, and look
whether the snapshot lists them: the GUID stays the same, and pslan compares them and
goes on (law 11). Only where that cannot be done, import the image by hand: it gets a
new GUID (PSL504). If nobody needs it, write |on_lost = "abandon"| into its block:
then nothing is written to it any more, and it holds nothing up.`,
		},
		image: func(s *subject) {
			b := s.block()
			if b == nil && (!s.lost() || s.blockedBy("PSL502")) {
				return
			}
			f := finding.Finding{Severity: finding.Warning, Detail: s.whereLost(b == nil)}
			if b != nil || s.asks() && !s.d.Abandon {
				f.Severity = finding.Error
			}
			switch {
			case s.d.Abandon:
				f.Detail += ` It is given up (on_lost = "abandon"): pslan writes nothing to it, and it holds nothing up.`
				f.Fix = "delete the image in the console when nobody asks for it any more, and remove its block."
			case s.img.Owner.IsServer() && !s.e.Reachable(s.img.Owner):
				f.Fix = fmt.Sprintf("bring %s up again, or put the files into the new owner's package folder by hand from wherever they still exist; the GUID stays the same.", s.e.ServerName(s.img.Owner))
			}
			at := s.img.Owner
			if b != nil {
				at = b.Server
			}
			s.report(at, s.ownerRange(), f)
		},
	}
}

// lost reports whether the image has no good copy, and every copy that is known is
// either seen not to be good or on a server that is off.
func (s *subject) lost() bool {
	if s.img.Kind == estate.KindBackup || !s.img.Owner.IsServer() {
		return false
	}
	ownerKnown := !s.e.Reachable(s.img.Owner)
	for i, class := range s.classes {
		switch {
		case class == estate.Good:
			return false
		case class == estate.ClassUnknown && s.e.Reachable(s.img.Copies[i].Server):
			return false // it may well be good
		}
		ownerKnown = ownerKnown || s.img.Copies[i].Server == s.img.Owner
	}
	return ownerKnown
}

// whereLost says what is known of the copies; the block, where there is one, has
// listed them already.
func (s *subject) whereLost(listCopies bool) string {
	owner := s.img.Owner
	if !owner.IsServer() {
		return ""
	}
	name := s.e.ServerName(owner)
	detail := ""
	if !s.e.Reachable(owner) {
		detail = fmt.Sprintf("The owner %s is %s.", name, s.unseen(owner))
	} else if c, class := s.copyOn(owner); c != nil && class != estate.Good && c.Evidence.Sight == estate.Seen {
		detail = fmt.Sprintf("The owner %s holds %s.", name, held(&c.Evidence, &s.j.Reference))
	}
	if !listCopies {
		return detail
	}
	var others []string
	for i := range s.img.Copies {
		if id := s.img.Copies[i].Server; id != owner {
			others = append(others, fmt.Sprintf("%s (%s)", s.e.ServerName(id), s.copyState(i)))
		}
	}
	if len(others) == 0 {
		return detail + " No copy is known on any other server."
	}
	return detail + " None of the other copies is good: " + list(others) + "."
}

// copyState says in a word or two what a copy is.
func (s *subject) copyState(i int) string {
	if c := s.classes[i]; c != estate.ClassUnknown {
		return c.String()
	}
	return s.unseen(s.img.Copies[i].Server)
}
