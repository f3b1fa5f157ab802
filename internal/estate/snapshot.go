package estate

// snapshot returns what the snapshot.xml beside a copy lists, nil where there is none
// that could serve as reference: nothing empty ever does.
func (ev *Evidence) snapshot() *Content {
	if ev.Agent == nil || ev.Agent.Snapshot == nil {
		return nil
	}
	if s := ev.Agent.Snapshot; s.Files > 0 && !s.Listing.IsZero() {
		return s
	}
	return nil
}

// named is what a snapshot.xml lists as a reference content: whose it is, and without
// hashes, which it never has.
func (c *Content) named(from string, at Time) Content {
	named := *c
	named.Digest, named.From = Digest{}, from
	if named.TakenAt.IsZero() {
		named.TakenAt = at
	}
	return named
}

// version of the package on a server: the platform's word, else that of the
// snapshot.xml there; 0 where neither tells.
func (c *Copy) version() int64 {
	if c.Version == 0 && c.Evidence.Agent != nil && c.Evidence.Agent.Snapshot != nil {
		return c.Evidence.Agent.Snapshot.Version
	}
	return c.Version
}

// ShortOfSnapshot returns what the copy's own snapshot.xml lists where less than that
// lies there; nil where the copy has no files, is complete, or nothing tells. A
// snapshot.xml of another version than the platform names says nothing about the copy.
func (c *Copy) ShortOfSnapshot() *Content {
	s := c.Evidence.snapshot()
	if s == nil || c.Version != 0 && s.Version != 0 && c.Version != s.Version || c.Evidence.Against(s) != Partial {
		return nil
	}
	return s
}

// newestSnapshot returns the copy whose snapshot.xml has the highest version of all
// that were seen of an image. Where several have it and list different files, the
// owner's counts; without the owner's none does, because one of them is wrong.
func (e *Estate) newestSnapshot(img *Image) *Copy {
	var best *Copy
	var contested bool
	for i := range img.Copies {
		c := &img.Copies[i]
		s := c.Evidence.snapshot()
		if s == nil || !e.Reachable(c.Server) {
			continue
		}
		switch owner := c.Server == img.Owner; {
		case best == nil || s.Version > best.Evidence.snapshot().Version:
			best, contested = c, false
		case s.Version < best.Evidence.snapshot().Version:
		case owner:
			best, contested = c, false
		case best.Server != img.Owner && s.Listing != best.Evidence.snapshot().Listing:
			contested = true
		}
	}
	if contested {
		return nil
	}
	return best
}

// SnapshotsDisagree returns the copies with a snapshot.xml of the highest version seen,
// where these list different files and none is the owner's; nil otherwise. It is why
// there is no reference then.
func (e *Estate) SnapshotsDisagree(img *Image) []ServerID {
	var newest int64
	for i := range img.Copies {
		if s := img.Copies[i].Evidence.snapshot(); s != nil && e.Reachable(img.Copies[i].Server) {
			newest = max(newest, s.Version)
		}
	}
	var ids []ServerID
	for i := range img.Copies {
		c := &img.Copies[i]
		if s := c.Evidence.snapshot(); s != nil && s.Version == newest && e.Reachable(c.Server) {
			ids = append(ids, c.Server)
		}
	}
	if len(ids) < 2 || e.newestSnapshot(img) != nil {
		return nil
	}
	return ids
}

// olderSnapshot reports whether a copy that is not good is complete by its own
// snapshot.xml, and that is of an older version than the reference. A copy that lists
// as the reference does is no older version but has wrong bytes.
func olderSnapshot(c *Copy, ref *Reference) bool {
	s := c.Evidence.snapshot()
	return s != nil && s.Version != 0 && s.Version < ref.Version && c.Evidence.Listing == s.Listing && s.Listing != ref.Listing
}
