package smp

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/smp/rows"
)

// reading is one reading of the estate under way.
type reading struct {
	p      *Platform
	number int                      // of all that have begun
	wanted map[estate.GUID]struct{} // nil: all
	scope  platform.Scope
	few    []wantedByName // instead of whole lists
	notes  noteBook

	mu     sync.Mutex // of what gather fills
	tables map[declared.RowKind]*rows.Reader
	lists  map[string][]record // by resource.kind
	// instead are the lists, by resource.kind, that the resource model stood in for, and why.
	instead map[string]error

	e       *estate.Estate
	dir     *directory
	found   []candidate
	byGUID  map[estate.GUID]int // image -> place in found
	byPack  map[estate.GUID]int
	claims  map[int][]claim
	members map[estate.GUID][]memberRow // rows "assignments" by package; nil: not read
	told    map[estate.GUID]*told       // by image: assignments that rows alone told
	// recalled are tables, and the preboot configurations, of an earlier reading.
	recalled      []declared.RowKind
	recalledBoots bool
	began         time.Time
	looked        lookedUp             // GUIDs of package servers
	packs         map[estate.GUID]bool // that rows tell of
	listing       listing              // of what package servers print
}

// candidate is an image before everything about it is known.
type candidate struct {
	estate.Image
	pct, backup bool   // as its list or its type says
	owner       string // by rows "images"
	told        bool   // a source says whether it has a package
	formatTold  bool
	where       assignment
	placeless   bool   // it was listed where no location is
	unlinked    string // why its package is not known
	unheard     bool   // a package server has not heard of the take that is under way
}

type wantedByName struct {
	guid estate.GUID
	seen
}

// askByName is up to how many images are asked for one by one rather than by a list of
// all of them.
const askByName = 8

// ReadEstate implements platform.Reader. A reading of all images makes one call for
// each list and table, and one for the assignment of each package that rows may not
// tell; one of a few makes those of the few.
func (p *Platform) ReadEstate(ctx context.Context, scope platform.Scope) (*estate.Estate, error) {
	return p.readEstate(ctx, scope, listsWaited)
}

// readEstate is ReadEstate, with how far it goes to have the lists of package servers.
func (p *Platform) readEstate(ctx context.Context, scope platform.Scope, how listing) (*estate.Estate, error) {
	r := &reading{
		p: p, scope: scope, listing: how, tables: map[declared.RowKind]*rows.Reader{}, lists: map[string][]record{},
		byGUID: map[estate.GUID]int{}, byPack: map[estate.GUID]int{}, claims: map[int][]claim{},
	}
	settleTime := r.begin()
	p.mu.Lock()
	p.readings++
	r.number = p.readings
	p.mu.Unlock()
	if scope.Images != nil {
		r.narrow(scope.Images)
	}
	e, err := r.read(ctx)
	if errors.Is(err, errAskForAll) {
		r.few, r.lists = nil, map[string][]record{}
		e, err = r.read(ctx)
	}
	if err != nil {
		return nil, err
	}
	settleTime()
	p.keep(r)
	return e, nil
}

// narrow limits the reading, and asks by name where they are few and known.
func (r *reading) narrow(images []estate.GUID) {
	r.wanted = make(map[estate.GUID]struct{}, len(images))
	for _, g := range images {
		r.wanted[g] = struct{}{}
	}
	if len(r.wanted) > askByName || r.p.rowsOf(declared.RowsImages) != nil {
		return
	}
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	if r.p.byModel {
		return
	}
	few := make([]wantedByName, 0, len(r.wanted))
	for g := range r.wanted {
		s, known := r.p.images[g]
		if !known {
			return
		}
		few = append(few, wantedByName{g, s})
	}
	slices.SortFunc(few, func(a, b wantedByName) int { return slices.Compare(a.guid[:], b.guid[:]) })
	r.few = few
}

func (r *reading) read(ctx context.Context) (*estate.Estate, error) {
	if err := r.gather(ctx); err != nil {
		return nil, err
	}
	r.e = &estate.Estate{Source: "smp", TakenAt: estate.TimeOf(r.p.Now())}
	if err := r.servers(ctx); err != nil {
		return nil, err
	}
	r.listImages()
	if err := r.link(ctx); err != nil {
		return nil, err
	}
	r.copies()
	for _, next := range r.assignmentsAndLists() {
		if err := next(ctx); err != nil {
			return nil, err
		}
	}
	r.proveLookups()
	if err := r.locate(ctx); err != nil {
		return nil, err
	}
	if err := r.exportOwners(ctx); err != nil {
		return nil, err
	}
	r.owners()
	r.recorded()
	r.preboots()
	r.finish()
	return r.e, nil
}

// kindsRead are the rows that a reading of the estate needs.
var kindsRead = []declared.RowKind{
	declared.RowsSMP, declared.RowsServers, declared.RowsSites, declared.RowsImages, declared.RowsPackages, declared.RowsOwners,
	declared.RowsAssignments, declared.RowsCopies, declared.RowsPreboots, declared.RowsRecorded,
}

// limit is how many calls are made at once.
func (p *Platform) limit() int { return cmp.Or(p.set.Parallel, defaultParallel) }

// gather reads all lists and tables, several at once.
func (r *reading) gather(ctx context.Context) error {
	g := inTurn(r.p.limit())
	var missing []declared.RowKind
	for _, kind := range kindsRead {
		switch {
		case r.p.rowsOf(kind) == nil || r.tables[kind] != nil || r.recall(kind):
		case kind == declared.RowsCopies && r.p.printsCopies() != nil: // printedCopies
		case kind == declared.RowsAssignments && !r.trusting(): // readMembers reads them where they are missed
		default:
			missing = append(missing, kind)
		}
	}
	if r.number == 1 {
		var err error
		if missing, err = r.first(ctx, missing); err != nil {
			return err
		}
	}
	for _, kind := range missing { // from here on r.tables has many writers
		g.Go(func() error {
			t, err := r.p.table(ctx, kind)
			r.mu.Lock()
			defer r.mu.Unlock()
			r.tables[kind] = t
			return err
		})
	}
	list := func(what *resource, name string, guid estate.GUID) {
		g.Go(func() error { return r.list(ctx, what, name, guid) })
	}
	switch {
	case r.p.rowsOf(declared.RowsImages) != nil:
	case r.few != nil:
		for _, w := range r.few {
			what := &images
			if w.pct {
				what = &pcts
			}
			list(what, w.name, w.guid)
		}
	default:
		list(&images, "", estate.GUID{})
		list(&pcts, "", estate.GUID{})
	}
	if r.p.rowsOf(declared.RowsPreboots) == nil && !r.recallPreboots() {
		list(&preboots, "", estate.GUID{})
	}
	return g.Wait()
}

// errAskForAll: an image that was asked for by name is not there, or is another one.
var errAskForAll = errors.New("asked for by name, and not found")

func (r *reading) list(ctx context.Context, what *resource, name string, guid estate.GUID) error {
	found, err := r.p.list(ctx, what, name)
	if name != "" {
		if errors.Is(err, errSoft) || r.p.standsIn(what, err) || err == nil && !slices.ContainsFunc(found, func(rec record) bool { return rec.guid == guid }) {
			return errAskForAll
		}
	}
	if r.p.standsIn(what, err) {
		found, err = r.listByModel(ctx, what, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lists[what.kind] = append(r.lists[what.kind], found...)
	return err
}

// listImages makes the images from what listed them: the rows, or the deployment
// service.
func (r *reading) listImages() {
	if t := r.tables[declared.RowsImages]; t != nil {
		for i := range t.Rows {
			c := candidate{Image: blank(t.Text(i, "name"), t.GUID(i, "guid")), owner: t.Word(i, "owner"), told: t.Has("package")}
			c.Package, c.Location = t.GUID(i, "package"), t.Text(i, "location")
			r.kindOf(&c, t, i)
			r.add(c)
		}
		return
	}
	for _, what := range []*resource{&images, &pcts} {
		for _, rec := range r.lists[what.kind] {
			if rec.wrongGUID != "" {
				r.notes.add(noteRecords, rec.name, "%s %q", rec.wrongGUIDName, rec.wrongGUID)
			}
			c := candidate{Image: blank(rec.name, rec.guid), pct: what == &pcts, backup: isBackup(rec.kind)}
			c.Package, c.Location = rec.pack, rec.location
			c.told, c.placeless = !rec.pack.IsZero(), rec.placeless
			if c.pct {
				c.Kind = estate.KindPCT
			}
			r.add(c)
		}
	}
}

func blank(name string, guid estate.GUID) estate.Image {
	return estate.Image{Name: name, GUID: guid, Owner: estate.NoServer}
}

// isBackup reads ImageType: 1 is a backup where one is created (D, H DSH_CreateImage);
// the word in a list is N. It decides nothing where the image has a package.
func isBackup(word string) bool {
	word = strings.TrimSpace(estate.Fold(word))
	return word == "1" || strings.Contains(word, "backup")
}

// kindOf reads the columns kind and format.
func (r *reading) kindOf(c *candidate, t *rows.Reader, row int) {
	switch word := t.Word(row, "kind"); estate.Fold(word) {
	case "image":
		c.Kind, c.backup = estate.KindImage, false
	case "pct", "pct_package":
		c.Kind, c.pct = estate.KindPCT, true
	case "backup":
		c.backup = true
	case "":
	default:
		t.Lost("kind", word, "it is none of image, pct and backup; map it with words")
	}
	switch word := t.Word(row, "format"); estate.Fold(word) {
	case "managed":
		c.Format, c.formatTold = estate.Managed, true
	case "legacy":
		c.Format, c.formatTold = estate.Legacy, true
	case "":
	default:
		t.Lost("format", word, "it is neither managed nor legacy; map it with words")
	}
}

func (r *reading) add(c candidate) {
	switch {
	case c.GUID.IsZero() || c.Name == "":
		r.notes.add(noteRecords, c.Name, "no GUID or no name")
		return
	case !r.wants(c.GUID):
		return
	}
	if _, twice := r.byGUID[c.GUID]; twice {
		r.notes.add(noteTwice, c.Name, "%s", c.GUID)
		return
	}
	r.byGUID[c.GUID] = len(r.found)
	r.found = append(r.found, c)
}

func (r *reading) wants(image estate.GUID) bool {
	if r.wanted == nil {
		return true
	}
	_, ok := r.wanted[image]
	return ok
}

// preboots takes the preboot configurations. Which SMP they connect to is told by rows
// alone (N), or by a field that the dialect names.
func (r *reading) preboots() {
	if t := r.tables[declared.RowsPreboots]; t != nil {
		for i := range t.Rows {
			if name := t.Text(i, "name"); name != "" {
				r.e.Preboots = append(r.e.Preboots, estate.Preboot{Name: name, GUID: t.GUID(i, "guid"), ConnectsTo: t.Text(i, "connects_to")})
			}
		}
	}
	for _, rec := range r.lists[preboots.kind] {
		r.e.Preboots = append(r.e.Preboots, estate.Preboot{Name: rec.name, GUID: rec.guid, ConnectsTo: rec.connectsTo})
		if rec.connectsTo == "" {
			r.notes.add(noteProfiles, rec.name, "")
		}
	}
	slices.SortStableFunc(r.e.Preboots, func(a, b estate.Preboot) int {
		return cmp.Or(estate.CompareFold(a.Name, b.Name), slices.Compare(a.GUID[:], b.GUID[:]))
	})
}

// finish puts the images into their order and collects what was not understood.
func (r *reading) finish() {
	r.e.Images = make([]estate.Image, len(r.found))
	for i := range r.found {
		r.e.Images[i] = r.found[i].Image
	}
	r.e.SortImages()
	r.noteAgainst()
	r.noteModel()
	r.noteUnlisted()
	for _, kind := range kindsRead {
		if t := r.tables[kind]; t != nil {
			r.notes.misread(kind, t)
		}
	}
}

// keep remembers what later readings and requests need.
func (p *Platform) keep(r *reading) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = r.dir
	p.byModel = p.byModel || len(r.instead) > 0
	for i := range r.found {
		c := &r.found[i]
		p.images[c.GUID] = seen{c.Name, c.pct}
		if !c.Package.IsZero() {
			p.links[c.GUID] = c.Package
			p.owned[c.Package] = r.e.ServerName(c.Owner)
		}
	}
	p.recent.keep(r)
	if r.wanted == nil {
		p.notes = r.notes.diagnostics(p.set.Range)
		p.secondhand.told = r.told
	}
}
