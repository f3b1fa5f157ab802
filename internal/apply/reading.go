package apply

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
	"pslan/internal/wording"
)

// place is where a copy was looked at.
type place struct {
	image            estate.GUID
	server, location string
}

func placeOf(image estate.GUID, server, location string) place {
	return place{image: image, server: estate.Fold(server), location: location}
}

// view is one reading, as the machine judges it. now is the platform's time when
// the reading was there.
type view struct {
	*Observation
	now  time.Time
	seen map[place]*platform.Seen
	// drained are the servers held against law 15 in this reading, by folded name.
	drained map[string]drainage
	// words are those of a person for this reading; nil: those of the plan.
	words map[estate.GUID]string
}

func newView(o *Observation, wants []Want, now time.Time) *view {
	v := &view{Observation: o, now: now, seen: make(map[place]*platform.Seen, len(wants))}
	for i, w := range wants {
		if i < len(o.Seen) {
			v.seen[placeOf(w.Image, w.Server, w.Location)] = &o.Seen[i]
		}
	}
	return v
}

func (v *view) server(name string) estate.ServerID {
	if sameName(name, "smp") {
		return estate.SMP
	}
	return v.Index.Server(name)
}

func (v *view) listing(image estate.GUID, server string) []platform.File {
	if s := v.seen[placeOf(image, server, "")]; s != nil {
		return s.Listing
	}
	return nil
}

// image finds the image of a step in the reading.
func (v *view) image(s *plan.Step) (*estate.Image, error) {
	if img := v.Index.ImageByGUID(s.Image); img != nil {
		return img, nil
	}
	return nil, fmt.Errorf("the platform no longer lists the image %s (%s); plan again", s.Name, s.Image)
}

// ref names an image for a request: its package as the platform shows it now,
// because an image that is converted gets its package while the plan runs.
func ref(img *estate.Image) platform.ImageRef {
	return platform.ImageRef{Image: img.GUID, Package: img.Package, Name: img.Name}
}

// moved says which of the facts that a step relies on is not what it was.
// Assignments are compared by the steps that change them.
func (v *view) moved(s *plan.Step, img *estate.Image) error {
	b := &s.Before
	if b.Owner != nil {
		if is := v.Estate.ServerName(img.Owner); !sameName(is, *b.Owner) {
			return changed("the owner", *b.Owner, is)
		}
	}
	if b.Location != nil && !sameName(img.Location, *b.Location) {
		return changed("the package location", *b.Location, img.Location)
	}
	if b.Format != nil && img.Format != *b.Format {
		return changed("the format", b.Format.String(), img.Format.String())
	}
	return nil
}

func changed(what, was, is string) error {
	if was == "" {
		was = "not known"
	}
	if is == "" {
		is = "not known"
	}
	return fmt.Errorf("somebody changed %s: it was %s, and is now %s; plan again", what, was, is)
}

// evidence is what a reading says of the copies of one image.
type evidence struct {
	view      *view
	img       *estate.Image
	judgement estate.Judgement
	// reference is what a good copy must hold; nil where there is nothing to compare with.
	reference *estate.Content
	from      string // whose content it is, for people
}

// weigh judges the copies of an image, by a person's word where the plan took one.
// Where the reading has no reference, the content that was verified earlier in this
// run is one: it was the reference then.
func (m *machine) weigh(v *view, img *estate.Image) evidence {
	word := estate.NoServer
	words := m.words
	if v.words != nil {
		words = v.words
	}
	if name := words[img.GUID]; name != "" {
		if word = v.server(name); word == estate.NoServer {
			word = estate.ServerID(len(v.Estate.Servers)) // it is gone, and its copy with it: the word stands
		}
	}
	e := evidence{view: v, img: img, judgement: v.Estate.Judge(img, word)}
	if r := &e.judgement.Reference; r.Origin == estate.FromSnapshot && !m.goesBySnapshot(img.GUID, r) {
		e.judgement = estate.Judgement{}
	}
	switch r := &e.judgement.Reference; {
	case r.Origin != estate.NoReference:
		e.reference, e.from = &r.Content, r.From
	default:
		if c, ok := m.proofs[img.GUID]; ok {
			e.reference, e.from = &c, c.From
		}
	}
	return e
}

// referenceFor is whose content the plan compares a server's copy with: that of
// the verify_copy step of the same image and server.
func (m *machine) referenceFor(image estate.GUID, server string) string {
	for _, no := range m.images.of(image) {
		if s := m.step(no); s.Op == plan.VerifyCopy && sameName(s.Server, server) {
			return s.From
		}
	}
	return ""
}

// seen returns what was seen of a copy; Sight is NotLooked where nothing was.
func (e *evidence) seen(id estate.ServerID) estate.Evidence {
	if c := e.img.Copy(id); c != nil && c.Evidence.Sight != estate.NotLooked {
		return c.Evidence
	}
	if s := e.view.seen[placeOf(e.img.GUID, e.view.Estate.ServerName(id), "")]; s != nil {
		return s.Evidence
	}
	return estate.Evidence{}
}

func (e *evidence) class(id estate.ServerID) estate.Class {
	if !e.view.Estate.Reachable(id) {
		return estate.ClassUnknown
	}
	if e.judgement.Reference.Origin != estate.NoReference && e.img.Copy(id) != nil {
		return e.judgement.Class(id)
	}
	ev := e.seen(id)
	var want estate.Content
	if e.reference != nil {
		want = *e.reference
	}
	return ev.Against(&want)
}

// prove reports what proves that a copy is good (P2): by hash, no older than the
// policy allows, unless sizes are the plan's choice. The error says what is wrong.
func (m *machine) prove(e *evidence, id estate.ServerID) (string, error) {
	name := e.view.Estate.ServerName(id)
	ev := e.seen(id)
	switch {
	case !e.view.Estate.Reachable(id):
		return "", fmt.Errorf("%s cannot be reached, so its copy cannot be proved", name)
	case ev.By == estate.ByManifests:
		if err := m.awaits(e, id); err != nil {
			return "", err
		}
	}
	switch {
	case ev.Sight == estate.NotSeen:
		return "", fmt.Errorf("the copy on %s cannot be seen: %s", name, ev.Error)
	case ev.Sight == estate.NotLooked:
		return "", fmt.Errorf("the copy on %s was not looked at", name)
	case ev.Files == 0:
		return "", fmt.Errorf("the copy on %s holds no file", name)
	case e.reference == nil:
		return "", fmt.Errorf("there is no reference content to compare the copy on %s with", name)
	}
	if class := e.class(id); class != estate.Good {
		return "", e.fault(id, class)
	}
	if err := m.tooOld(name, ev.CheckedAt, e.view.now); err != nil {
		return "", err
	}
	how := "by size"
	if e.judgement.Reference.Origin == estate.FromSnapshot {
		how = "by path and size, as the snapshot.xml of " + e.from + " lists it"
	}
	if m.settings.verify == declared.VerifyHash {
		if ev.Digest.IsZero() || e.reference.Digest.IsZero() {
			return "", fmt.Errorf("the copy on %s was compared by size and not by hash, because %s was not hashed", name, unhashed(&ev, name, e.from))
		}
		if age := e.view.now.Sub(ev.HashedAt.Time()); !ev.HashedAt.IsZero() && m.settings.policy.HashMaxAge > 0 && age > m.settings.policy.HashMaxAge && !m.settings.weaken.Evidence {
			return "", fmt.Errorf("the hash of the copy on %s is %s old, more than hash_max_age allows (%s)", name, brief(age), brief(m.settings.policy.HashMaxAge))
		}
		how = "by hash"
	}
	return fmt.Sprintf("%s, %s, %s", count(ev.Files, "file"), wording.Size(ev.Bytes), how), nil
}

func unhashed(ev *estate.Evidence, name, from string) string {
	if ev.Digest.IsZero() || from == "" {
		return name
	}
	return "the reference content of " + from
}

// fault says what is wrong with a copy that is not good, naming up to five files.
func (e *evidence) fault(id estate.ServerID, class estate.Class) error {
	name, ev := e.view.Estate.ServerName(id), e.seen(id)
	switch class {
	case estate.Partial:
		return fmt.Errorf("the copy on %s is incomplete: %d of %s, %s of %s", name, ev.Files, count(e.reference.Files, "file"), wording.Size(ev.Bytes), wording.Size(e.reference.Bytes))
	case estate.Different, estate.Stale:
		have := e.view.listing(e.img.GUID, name)
		wrong := wrongFiles(have, e.view.listing(e.img.GUID, e.from))
		text := fmt.Sprintf("the copy on %s differs from the content of %s", name, e.from)
		if class == estate.Stale {
			text = fmt.Sprintf("the copy on %s is an older version than the content of %s", name, e.from)
		}
		if len(wrong) > 0 {
			text += " in " + someFiles(wrong)
		}
		if ev.SameSizes(e.reference) {
			text += "; the sizes are right, so the server would keep the wrong bytes for ever: they must be cleared; plan again with -verify=hash"
		}
		return fmt.Errorf("%s", text)
	}
	return fmt.Errorf("the copy on %s is %s", name, class)
}

// wrongFiles are the files of a listing that are not in the other one as they are
// there, and those that it lacks. Both are sorted by path. Without the other
// listing nothing is known to be wrong.
func wrongFiles(have, want []platform.File) []platform.File {
	if want == nil {
		return nil
	}
	var wrong []platform.File
	for len(have) > 0 || len(want) > 0 {
		switch {
		case len(want) == 0 || len(have) > 0 && have[0].Path < want[0].Path:
			wrong, have = append(wrong, have[0]), have[1:]
		case len(have) == 0 || want[0].Path < have[0].Path:
			wrong, want = append(wrong, platform.File{Path: want[0].Path, Bytes: estate.Unknown}), want[1:]
		default:
			if !sameFile(&have[0], &want[0]) {
				wrong = append(wrong, have[0])
			}
			have, want = have[1:], want[1:]
		}
	}
	return wrong
}

func sameFile(a, b *platform.File) bool {
	return a.Path == b.Path && a.Bytes == b.Bytes && (a.SHA256.IsZero() || b.SHA256.IsZero() || a.SHA256 == b.SHA256)
}

// someFiles names up to five files.
func someFiles(files []platform.File) string {
	const shown = 5
	names := make([]string, 0, shown)
	for i := range files[:min(shown, len(files))] {
		name := files[i].Path
		if files[i].Bytes == estate.Unknown {
			name += " (missing)"
		}
		names = append(names, name)
	}
	text := count(int64(len(files)), "file") + ": " + strings.Join(names, ", ")
	if len(files) > shown {
		text += fmt.Sprintf(" and %d more", len(files)-shown)
	}
	return text
}

func paths(files []platform.File) []string {
	out := make([]string, len(files))
	for i := range files {
		out[i] = files[i].Path
	}
	slices.Sort(out)
	return out
}
