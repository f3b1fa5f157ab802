package simulation

import (
	"slices"
	"time"

	"pslan/internal/estate"
)

// place is the number of the copy on a server, -1 where there is none: what has no
// package, or is kept on the SMP, lies at the image's location.
func (o *oracle) place(name string, t *truth) int {
	switch {
	case name == "":
		return -1
	case name == "smp" || !t.managed:
		if name != t.owner {
			return -1
		}
		return len(t.copies) - 1
	}
	return int(o.scenario.number(name))
}

// owner returns the copy of the owner, nil where there is none.
func (o *oracle) owner(t *truth) *held {
	if k := o.place(t.owner, t); k >= 0 {
		return &t.copies[k]
	}
	return nil
}

// up reports whether a server could be reached.
func (o *oracle) up(t *truth, name string) bool {
	if name == "smp" {
		return true
	}
	k := o.scenario.number(name)
	return k.IsServer() && t.servers.listed[k] && t.servers.up[k]
}

// reference returns what a good copy holds by the contract, judged on the truth: a
// person's word; the owner's files, unless they are none, less than its own snapshot
// lists, or not what was recorded for this version; what was recorded; the newest
// snapshot, which knows no hashes. ok is false where there is none.
func (o *oracle) reference(i int, t *truth) (h held, ok bool) {
	if word := o.scenario.Images[i].Reference; word != "" && o.scenario.Images[i].Declared {
		k := o.place(word, t)
		if k < 0 {
			return h, false
		}
		return t.copies[k], t.copies[k].files > 0 && o.up(t, word)
	}
	own := o.owner(t)
	rec := t.record
	if own != nil && own.files > 0 && o.up(t, t.owner) && !own.short() && (rec == nil || own.digest == rec.Digest || own.age() > rec.Version) {
		return *own, true
	}
	if rec != nil {
		return held{digest: rec.Digest, listing: rec.Listing, files: int(rec.Files)}, true
	}
	return o.newestSnapshot(t)
}

// short reports whether less lies there than the server's own snapshot lists, if that
// is of the version that the platform names.
func (h *held) short() bool {
	l := &h.lists
	if l.files == 0 || h.version != 0 && l.version != 0 && h.version != l.version || h.listing == l.listing {
		return false
	}
	return h.files < l.files || h.files == l.files && h.bytes < l.bytes
}

// age is the version of a copy: the platform's word, else its snapshot's.
func (h *held) age() int64 {
	if h.version == 0 {
		return h.lists.version
	}
	return h.version
}

// newestSnapshot is what the snapshot of the highest version lists, of all servers that
// are up. Where several list different files, the owner's counts; without it none does.
func (o *oracle) newestSnapshot(t *truth) (h held, ok bool) {
	newest := int64(-1)
	for k := range o.scenario.Servers {
		l := &t.copies[k].lists
		if l.files == 0 || !o.up(t, o.scenario.Servers[k].Name) || l.version < newest {
			continue
		}
		is := held{files: l.files, bytes: l.bytes, listing: l.listing}
		switch {
		case l.version > newest:
			h, ok, newest = is, true, l.version
		case o.scenario.Servers[k].Name == t.owner:
			h, ok = is, true
		case t.owner == "" || !o.ownerLists(t, newest):
			ok = ok && l.listing == h.listing
		}
	}
	return h, ok
}

// ownerLists reports whether the owner is up and has a snapshot of a version.
func (o *oracle) ownerLists(t *truth, version int64) bool {
	k := int(o.scenario.number(t.owner))
	return k >= 0 && o.up(t, t.owner) && t.copies[k].lists.files > 0 && t.copies[k].lists.version == version
}

// references notes what counts as good now.
func (o *oracle) references() {
	for i, t := range o.now {
		if h, ok := o.reference(i, t); ok {
			o.content[i], o.listing[i] = h.digest, h.listing
			o.allow(i, &h)
			o.remembered(i, t)
		} else if o.content[i].IsZero() { // paths and sizes that nobody vouches for any more
			o.listing[i] = estate.Digest{}
		}
	}
}

// remembered allows what would be the reference if the copies it may be taken from
// still held what they did when they were hashed, where they list as they did: bytes
// that changed under the same names, sizes and times are seen when the hash is too old,
// not before (law 6).
func (o *oracle) remembered(i int, t *truth) {
	then := *t
	then.copies = slices.Clone(t.copies)
	same := true
	for _, k := range []int{o.place(o.scenario.Images[i].Reference, t), o.place(t.owner, t)} {
		if k < 0 {
			continue
		}
		if p, ok := o.hashed[[2]int{i, k}]; ok && p.files > 0 && o.fresh(&p, &t.copies[k], o.when(i)) && p.digest != t.copies[k].digest {
			then.copies[k].digest, same = p.digest, false
		}
	}
	if same {
		return
	}
	if h, ok := o.reference(i, &then); ok {
		o.allow(i, &h)
	}
}

func (o *oracle) allow(i int, h *held) {
	if !h.digest.IsZero() {
		o.allowed[i][h.digest] = true
	}
	if o.scenario.SizeOnly {
		o.allowed[i][h.listing] = true
	}
}

// abandons reports whether a person gave up an image once it is lost.
func (o *oracle) abandons() bool {
	return slices.ContainsFunc(o.scenario.Images, func(m Image) bool { return m.Declared && m.Abandon })
}

// hidesWrong reports whether a copy lists as a good one does and has other bytes: a
// plan that was made by listings does not know it.
func (o *oracle) hidesWrong() bool {
	for i, t := range o.now {
		for k := range t.copies {
			if h := &t.copies[k]; h.files > 0 && h.listing == o.listing[i] && h.digest != o.content[i] {
				return true
			}
		}
	}
	return false
}

// reportedLate reports whether the platform still names another version of a copy than
// the server has: what is judged by versions may change when it is told.
func (o *oracle) reportedLate() bool {
	return slices.ContainsFunc(o.now, func(t *truth) bool {
		return slices.ContainsFunc(t.copies, func(h held) bool {
			return h.version != 0 && h.lists.version != 0 && h.version != h.lists.version
		})
	})
}

// good reports whether a copy holds what counts as good now.
func (o *oracle) good(i int, h *held) bool {
	if h.files == 0 {
		return false
	}
	return h.digest == o.content[i] || (o.scenario.SizeOnly || o.content[i].IsZero()) && h.listing == o.listing[i]
}

// right reports whether a copy holds what counts as good now, or did when it was
// hashed, not too long ago, and lists as it did then.
func (o *oracle) right(i, k int, h *held) bool {
	if o.good(i, h) {
		return true
	}
	p, ok := o.hashed[[2]int{i, k}]
	return ok && h.files > 0 && p.digest == o.content[i] && o.fresh(&p, h, o.when(i))
}

// when is the time by which proofs of an image are old: that of pslan's last look at it, where it took one
// in this moment, as the clock may jump between the look and the request.
func (o *oracle) when(i int) time.Time {
	if !o.lookedAt[i].IsZero() {
		return o.lookedAt[i]
	}
	return o.reader.lab.Now()
}

// fresh reports whether a proof still counts: the copy lists as it did when it was
// hashed, and that was not too long ago at a time.
func (o *oracle) fresh(p *proof, h *held, when time.Time) bool {
	return p.stamp == h.stamp && when.Sub(p.at) <= o.scenario.Policy.HashMaxAge
}

// proved reports whether a copy is one that pslan may rely on: it holds a content
// that was the reference in this round, or it held one when it was hashed, not too
// long ago, and lists as it did then.
func (o *oracle) proved(i, k int, h *held) bool { return o.provedAt(i, k, h, o.when(i)) }

func (o *oracle) provedAt(i, k int, h *held, when time.Time) bool {
	if h.files == 0 {
		return false
	}
	if o.allowed[i][h.digest] || o.scenario.SizeOnly && o.allowed[i][h.listing] {
		return true
	}
	p, ok := o.hashed[[2]int{i, k}]
	return ok && o.allowed[i][p.digest] && o.fresh(&p, h, when)
}
