package estate

import "slices"

// Class is what a copy is worth, decided by its content and never by its status.
type Class uint8

// The classes. Unknown: not looked at, could not be seen, or nothing to compare with.
const (
	ClassUnknown Class = iota
	Missing            // no folder
	Empty              // a folder without files
	Partial            // fewer files or fewer bytes than the reference
	Different          // other files, or the right size with other bytes
	Stale              // equals an older recorded content
	Good               // equals the reference content
)

var classWords = [...]string{"unknown", "missing", "empty", "partial", "different", "stale", "good"}

// String returns the class as one lower-case word.
func (c Class) String() string { return classWords[c] }

// HasFiles reports whether the class means that files were seen.
func (c Class) HasFiles() bool { return c >= Partial }

// IsBare reports whether the copy was looked at and holds no file.
func (c Class) IsBare() bool { return c == Missing || c == Empty }

// Origin says where a reference content comes from.
type Origin uint8

// The origins, in order of precedence: a person's word, the owner's files as read
// now, what was recorded of the owner, the newest snapshot.xml seen on any server, which
// knows paths and sizes and no hashes. NoReference: there is nothing to compare with.
const (
	NoReference Origin = iota
	FromWord
	FromOwner
	FromRecord
	FromSnapshot
)

var originWords = [...]string{"none", "word", "owner", "record", "snapshot"}

// String returns the origin as one lower-case word.
func (o Origin) String() string { return originWords[o] }

// Reference is the content that a good copy of an image must hold.
type Reference struct {
	Content
	Origin Origin
	Server ServerID // whose files they are; NoServer for FromRecord and FromSnapshot
}

// Unhashed reports whether no copy can be proved by hash against the reference, now
// or later: it is not made of files that could be hashed, and came without hashes.
func (r *Reference) Unhashed() bool {
	return (r.Origin == FromRecord || r.Origin == FromSnapshot) && r.Digest.IsZero()
}

// Judgement is what can be said of one image by looking.
type Judgement struct {
	Reference  Reference
	OwnerClass Class // Good, or why the owner's own copy is not good
	// Contested: a person's word names another content than the one recorded of the
	// owner. The platform goes by the owner's, so a refresh may take the right one away
	// even while the owner is off.
	Contested bool
	image     *Image
	classes   []Class // parallel to image.Copies
}

// Class returns the class of the copy on a server; ClassUnknown where nothing is known of one.
func (j *Judgement) Class(id ServerID) Class {
	for i := range j.image.Copies {
		if j.image.Copies[i].Server == id {
			return j.classes[i]
		}
	}
	return ClassUnknown
}

// Classes returns the classes of all copies, parallel to Image.Copies.
func (j *Judgement) Classes() []Class { return j.classes }

// Lost reports whether no good copy was seen anywhere.
func (j *Judgement) Lost() bool { return !slices.Contains(j.classes, Good) }

// GoodCopies calls yield for every copy that is good, in server order.
func (j *Judgement) GoodCopies(yield func(*Copy) bool) {
	for i := range j.image.Copies {
		if j.classes[i] == Good && !yield(&j.image.Copies[i]) {
			return
		}
	}
}

// Judge decides the reference content of an image and the class of every copy.
// word is the server named by `reference` in the files, NoServer where none is.
// Content of a server that is off was not read now and counts for nothing.
func (e *Estate) Judge(img *Image, word ServerID) Judgement {
	return e.JudgeInto(img, word, nil)
}

// JudgeInto is Judge with room for the classes given by the caller; it saves an
// allocation for each of many images.
func (e *Estate) JudgeInto(img *Image, word ServerID, room []Class) Judgement {
	j := Judgement{image: img, classes: room[:0]}
	j.Reference = e.reference(img, word)
	j.Contested = j.Reference.Origin == FromWord && img.Content != nil && j.Reference.Server != img.Owner && j.Reference.differs(img.Content)
	for i := range img.Copies {
		c := &img.Copies[i]
		class := ClassUnknown
		if e.Reachable(c.Server) {
			class = c.Evidence.Against(&j.Reference.Content)
			switch {
			case class == Good && c.Server == img.Owner && j.Reference.Origin != FromWord && c.ShortOfSnapshot() != nil:
				class = Partial // it equals an old record, and its own agent knows of more
			case class != Good && class.HasFiles() && (olderRecord(c, img.Content, &j.Reference) || olderSnapshot(c, &j.Reference)):
				class = Stale
			}
		}
		j.classes = append(j.classes, class)
		if c.Server == img.Owner {
			j.OwnerClass = class
		}
	}
	return j
}

func (e *Estate) reference(img *Image, word ServerID) Reference {
	none := Reference{Server: NoServer}
	if word != NoServer {
		// A person's word holds even where the copy cannot be seen now: then there
		// is no reference rather than another one.
		if c := img.Copy(word); c != nil && e.Reachable(word) && c.Evidence.hasFiles() {
			return Reference{Content: c.Evidence.content(e.ServerName(word), c.version()), Origin: FromWord, Server: word}
		}
		return none
	}
	record := img.Content
	if record != nil && record.Files <= 0 {
		record = nil
	}
	owner := img.Copy(img.Owner)
	if owner != nil && e.Reachable(img.Owner) && owner.Evidence.hasFiles() &&
		owner.ShortOfSnapshot() == nil && !contradicts(owner, record) {
		ref := Reference{Content: owner.Evidence.content(e.ServerName(img.Owner), owner.version()), Origin: FromOwner, Server: img.Owner}
		// The owner's listing equals the record: the record's hash, where taken, is the stricter one.
		if record != nil && ref.Digest.IsZero() && ref.Listing == record.Listing && !ref.Listing.IsZero() {
			ref.Digest = record.Digest
		}
		return ref
	}
	if record != nil {
		return Reference{Content: *record, Origin: FromRecord, Server: NoServer}
	}
	if c := e.newestSnapshot(img); c != nil {
		return Reference{Content: c.Evidence.snapshot().named(e.ServerName(c.Server), c.Evidence.CheckedAt), Origin: FromSnapshot, Server: NoServer}
	}
	return none
}

// contradicts reports whether the owner's copy differs from what was recorded for
// the same version, or is of an older version than the record.
func contradicts(owner *Copy, record *Content) bool {
	if record == nil {
		return false
	}
	if v := owner.version(); v != 0 && record.Version != 0 && v > record.Version {
		return false
	}
	switch owner.Evidence.Against(record) {
	case Good, ClassUnknown:
		return false
	}
	return true
}

// olderRecord reports whether a copy that is not good equals the record of an
// older version than the reference.
func olderRecord(c *Copy, record *Content, ref *Reference) bool {
	return record != nil && ref.Origin != FromRecord && record.Version < ref.Version && c.Evidence.Against(record) == Good
}

// differs reports whether two contents are known to be different ones.
func (c *Content) differs(d *Content) bool {
	switch {
	case !c.Digest.IsZero() && !d.Digest.IsZero():
		return c.Digest != d.Digest
	case !c.Listing.IsZero() && !d.Listing.IsZero():
		return c.Listing != d.Listing
	}
	return c.Files != d.Files || c.Bytes != d.Bytes
}

func (ev *Evidence) hasFiles() bool { return ev.Sight == Seen && ev.Files > 0 }

func (ev *Evidence) content(from string, version int64) Content {
	return Content{Files: ev.Files, Bytes: ev.Bytes, Digest: ev.Digest, Listing: ev.Listing, Version: version, From: from, TakenAt: ev.CheckedAt}
}

// Against compares what was seen with a content: by hash where both have one,
// else by listing. Counts alone never make a copy good.
func (ev *Evidence) Against(want *Content) Class {
	switch {
	case ev.Sight != Seen:
		return ClassUnknown
	case !ev.Folder && ev.Files == 0:
		return Missing
	case ev.Files == 0:
		return Empty
	case want.Files <= 0:
		return ClassUnknown
	}
	hashed := !ev.Digest.IsZero() && !want.Digest.IsZero()
	listed := !ev.Listing.IsZero() && !want.Listing.IsZero()
	switch {
	case hashed && ev.Digest == want.Digest:
		return Good
	case !hashed && listed && ev.Listing == want.Listing:
		return Good
	case ev.Files < want.Files || ev.Files == want.Files && ev.Bytes < want.Bytes:
		return Partial
	case hashed || listed || ev.Files != want.Files || ev.Bytes != want.Bytes:
		return Different
	}
	return ClassUnknown
}

// SameSizes reports whether two contents list the same paths and sizes: a copy
// that is Different and has the same sizes would never be mended by the platform
// (TECH140644: name, size and time are all that a package server checks).
func (ev *Evidence) SameSizes(want *Content) bool {
	return !ev.Listing.IsZero() && ev.Listing == want.Listing
}
