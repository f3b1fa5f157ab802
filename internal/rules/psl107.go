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
be read or are not good, nothing was recorded of them, no snapshot.xml of the image was
seen on any server, and nobody said whose copy counts. Or copies are proved by hash,
and all that is left to compare with is a list of paths and sizes: a snapshot.xml, or a
record that was made without hashes.`,
			Why: `Copies exist, perhaps, but any of them may be half or wrong. Making one of them the
owner's would be a guess, and a wrong guess spreads to every server.`,
			Example: `PS008 is off, its content was never recorded, and PS009 holds 3 files:

    There is nothing to compare its copies with, so none can be proved. PS008 is
    offline, last seen 2026-11-18 06:12 UTC. Nothing was recorded of it. No
    snapshot.xml was seen on any server. Files were seen on PS009 (3 files, 12.4 GiB).`,
			Quiet: `Not where the owner can be read, where its content was recorded before
(|content { record = "content.json" }|), or where the image's block names a
|reference|.`,
			Do: `Bring the owner up for long enough that pslan can read its files. If that cannot be
done, look at a copy yourself (mount it, deploy it once), and when you are sure, say
so in the files:

    reference = package_server.ps009

pslan then takes your word for it, and shows in every plan that it is a person's
word. Where a snapshot.xml tells at least paths and sizes, |content { verify = "size" }|
is the other way: then sizes are enough, for all images.`,
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
			case s.img.Owner.IsServer() && s.ownerIsShort() != "":
				owner = s.ownerIsShort()
			case s.img.Owner.IsServer():
				owner = fmt.Sprintf("%s is %s", s.e.ServerName(s.img.Owner), s.unseen(s.img.Owner))
			}
			detail := owner + ". " + s.filesSeen()
			if s.d.Reference == estate.NoServer {
				detail = owner + ". " + s.otherSources() + " " + s.filesSeen()
			}
			at, fix := s.d.Range, "bring the owner up, or look at a copy yourself and name its server as reference in the image's block."
			if good := s.goodCopies(); len(good) > 0 {
				fix = fmt.Sprintf("look at the copy on %s yourself, and when it is right, name that server as reference in the image's block.", s.e.ServerName(good[0]))
			}
			if s.d.Reference != estate.NoServer {
				at = s.d.ReferenceRange
				fix = fmt.Sprintf("make the copy on %s readable, or name another server as reference.", s.e.ServerName(s.d.Reference))
			}
			s.report(b.Server, at, finding.Finding{Detail: detail, Fix: fix})
		},
	}
}

// otherSources says what came of the references that stand in for the owner's files.
func (s *subject) otherSources() string {
	ref, record := &s.j.Reference, "Nothing was recorded of it."
	if s.img.Content != nil {
		record = fmt.Sprintf("What was recorded of %s has no hashes.", s.img.Content.From)
	}
	if ref.Origin == estate.FromSnapshot {
		match := "No copy that was seen holds just that."
		if good := s.goodCopies(); len(good) > 0 {
			match = fmt.Sprintf("By path and size that is what %s.", pick(len(good), s.servers(good)+" holds", s.servers(good)+" hold"))
		}
		return fmt.Sprintf("%s %s lists %s (%s). %s", record, sentence(s.origin(ref)), files(ref.Files), wording.Size(ref.Bytes), match)
	}
	if ids := s.e.SnapshotsDisagree(s.img); ids != nil {
		return fmt.Sprintf("%s The snapshot.xml of %s are of one version and list different files.", record, s.servers(ids))
	}
	if s.img.Content != nil {
		return record
	}
	return record + " No snapshot.xml was seen on any server."
}

// ownerIsShort says that the owner holds less than its own snapshot.xml lists, "" where
// it does not.
func (s *subject) ownerIsShort() string {
	c, _ := s.copyOn(s.img.Owner)
	if c == nil || !s.e.Reachable(s.img.Owner) {
		return ""
	}
	lists := c.ShortOfSnapshot()
	if lists == nil {
		return ""
	}
	return fmt.Sprintf("%s holds %s (%s), and its own snapshot.xml lists %s (%s)", s.e.ServerName(s.img.Owner),
		files(c.Evidence.Files), wording.Size(c.Evidence.Bytes), files(lists.Files), wording.Size(lists.Bytes))
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
