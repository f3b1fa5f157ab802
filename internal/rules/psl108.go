package rules

import (
	"fmt"
	"slices"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl108() *Rule {
	return &Rule{
		Code:    "PSL108",
		Title:   "The owner's own copy is not good",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfImage,
		Fix:     "declare an owner whose copy is good, or mend the owner's copy by hand.",
		Doc: Doc{
			Means: `The server that owns the image holds no files, or fewer than its own snapshot.xml
lists, or others than were recorded for the same version; or it cannot be reached at
all. Nothing may be downloaded from it.`,
			Why: `All other servers download from the owner and from nobody else (law 1), and they
follow it: when the owner's package is empty, good copies elsewhere are emptied at
their next refresh (law 4). A download from this owner would not make a copy good,
it would make good copies bad.`,
			Example: `Somebody took ownership of an empty folder on PS010:

    The copy on the owner PS010 is empty. It holds 0 of 3 files (0 B of 12.4 GiB),
    compared with the content recorded of PS008 on 2026-11-20 10:00 UTC. A good copy
    stands on PS009.`,
			Quiet: `Not where the owner's files were not looked at: then nothing is known. Not where
the plan goes another way, through a server with a good copy, and downloads nothing
from the bad owner. Not where no good copy stands anywhere: that is PSL202.`,
			Do: `Declare a server with a good copy as the owner; the plan then makes it take
ownership before anything is refreshed. Or put the right files into the owner's
package folder by hand, refresh its policy and look whether the snapshot lists them.
Until then do not refresh servers that still hold good copies, and copy those files
aside. If the owner's files are right, because the image was captured anew and the
platform tells no newer version, take its line out of the record (|content.record|).`,
		},
		image: func(s *subject) {
			b := s.block()
			if b == nil && !s.ownerSpoils() {
				return
			}
			at, detail := s.img.Owner, ""
			if b != nil {
				at = b.Server
			} else {
				_, class := s.copyOn(s.img.Owner)
				detail = fmt.Sprintf("The copy on the owner %s is %s. ", s.e.ServerName(s.img.Owner), class)
			}
			fix := "put the right files into the owner's package folder by hand, refresh its policy, and look whether the snapshot lists them."
			detail += s.ownerHolds()
			if good := s.goodCopies(); len(good) > 0 {
				detail += fmt.Sprintf(" %s on %s.", pick(len(good), "A good copy stands", "Good copies stand"), s.servers(good))
				fix = fmt.Sprintf("copy the files on %s aside, then declare that server as the owner, or put its files into the owner's package folder by hand.", s.e.ServerName(good[0]))
			}
			if c, class := s.copyOn(s.img.Owner); s.j.Reference.Origin == estate.FromRecord && class.HasFiles() && class != estate.Good && c.ShortOfSnapshot() == nil {
				fix += " If the image was captured anew, take it out of the record."
			}
			s.report(at, s.d.Range, finding.Finding{Detail: detail, Fix: fix})
		},
	}
}

// ownerSpoils reports whether the owner stays, was seen to hold something else than
// the image, and good copies on other servers would follow it (law 4).
func (s *subject) ownerSpoils() bool {
	if s.taker != estate.NoServer || s.m != nil && s.m.OwnerMoves() || !s.img.Owner.IsServer() {
		return false
	}
	_, class := s.copyOn(s.img.Owner)
	return class != estate.Good && class != estate.ClassUnknown && slices.Contains(s.classes, estate.Good)
}

// ownerHolds says what is on the owner's disk.
func (s *subject) ownerHolds() string {
	c, class := s.copyOn(s.img.Owner)
	switch short := s.ownerIsShort(); {
	case short != "":
		return short + "."
	case s.img.Owner.IsServer() && !s.e.Reachable(s.img.Owner):
		return fmt.Sprintf("%s is %s.", s.e.ServerName(s.img.Owner), s.unseen(s.img.Owner))
	case c == nil || c.Evidence.Sight != estate.Seen || class == estate.Good:
		return ""
	case s.j.Reference.Origin == estate.NoReference:
		return fmt.Sprintf("It holds %s.", held(&c.Evidence, &s.j.Reference))
	default:
		return fmt.Sprintf("It holds %s, compared with %s.", held(&c.Evidence, &s.j.Reference), s.origin(&s.j.Reference))
	}
}

// goodCopies are the servers with a good copy.
func (s *subject) goodCopies() []estate.ServerID {
	var ids []estate.ServerID
	for i, class := range s.classes {
		if class == estate.Good {
			ids = append(ids, s.img.Copies[i].Server)
		}
	}
	return ids
}
