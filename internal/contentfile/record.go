package contentfile

import (
	"cmp"
	"slices"

	"pslan/internal/estate"
)

// Record is the recorded content of images.
type Record struct {
	path    string
	entries map[estate.GUID]*entry
	changed bool
}

// entry is what is recorded of one image.
type entry struct {
	pack    estate.GUID
	name    string
	content estate.Content
	line    int32 // where it stands in the file, from 1
}

// Contents are what is recorded, by image. They are the caller's to read only.
func (r *Record) Contents() map[estate.GUID]*estate.Content {
	all := make(map[estate.GUID]*estate.Content, len(r.entries))
	for g, e := range r.entries {
		all[g] = &e.content
	}
	return all
}

// Learn records the content of every image whose owner's copy was seen and is good.
// word names the server whose copy counts by a person's word, NoServer where nobody
// named one: an owner that such a word contradicts is not recorded. It returns the
// names of the images of which something new was learned, in the estate's order.
func (r *Record) Learn(e *estate.Estate, word func(image int32) estate.ServerID) (learned []string) {
	var room []estate.Class
	for i := range e.Images {
		img := &e.Images[i]
		if img.GUID.IsZero() {
			continue
		}
		j := e.JudgeInto(img, estate.NoServer, room)
		room = j.Classes()
		if j.Reference.Origin != estate.FromOwner {
			continue
		}
		content := j.Reference.Content
		if w := word(int32(i)); w != estate.NoServer {
			if by := e.Judge(img, w); by.OwnerClass != estate.Good {
				continue
			}
		}
		if r.take(img, &content) {
			learned = append(learned, img.Name)
		}
	}
	r.changed = r.changed || len(learned) > 0
	return learned
}

// take records the content of an image, and reports whether that says something new.
func (r *Record) take(img *estate.Image, seen *estate.Content) bool {
	old := r.entries[img.GUID]
	if old == nil {
		r.entries[img.GUID] = &entry{pack: img.Package, name: img.Name, content: *seen}
		return true
	}
	was := *old
	newer := seen.Version > old.content.Version
	switch {
	case !same(&old.content, seen):
		if old.content.Version == 0 || !newer {
			return false // another content of the same version, or of one that nobody knows
		}
		old.content = *seen
	case old.content.Digest.IsZero() && !seen.Digest.IsZero(): // it was only listed until now
		seen.Version = max(seen.Version, old.content.Version)
		old.content = *seen
	case newer:
		old.content.Version = seen.Version
	}
	old.name, old.pack = img.Name, img.Package
	return *old != was
}

// same reports whether two contents are one, as far as both tell.
func same(a, b *estate.Content) bool {
	if !a.Digest.IsZero() && !b.Digest.IsZero() {
		return a.Digest == b.Digest
	}
	return !a.Listing.IsZero() && a.Listing == b.Listing
}

// sorted are the images in the order of the file: by name without case, then by GUID.
func (r *Record) sorted() []estate.GUID {
	all := make([]estate.GUID, 0, len(r.entries))
	for g := range r.entries {
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b estate.GUID) int {
		return cmp.Or(estate.CompareFold(r.entries[a].name, r.entries[b].name), slices.Compare(a[:], b[:]))
	})
	return all
}
