package smp

import (
	"context"
	"errors"
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/smp/rows"
	"pslan/internal/smp/wire"
)

// The two services that know packages, and the rows that stand in for them.
const (
	softwareManagement = "SoftwarePackageManagementService" // all modes (D)
	softwareDelivery   = "SWDSolnPackageManagementService"  // all, or a list (D)

	viaManagement = "software_management"
	viaDelivery   = "software_delivery"
	viaRows       = "rows"
)

// assignment is what an interface tells of a package.
type assignment struct {
	via     string // "": no interface knows the package
	mode    estate.AssignmentMode
	word    string        // the mode as it was told, where it is not known
	members []estate.GUID // of servers or sites, by the mode
	names   []string      // members by rows, where they are no GUIDs
	// folder is where package servers keep the package; folderTold is false where the
	// interface does not say.
	folder     string
	folderTold bool
	source     string   // SourceType
	location   string   // PackageLocation
	why        []string // why no interface tells
}

// assignments reads the assignment of every package: by the package services, several
// calls at once, but for those that rows "assignments" may tell (secondhand.go).
func (r *reading) assignments(ctx context.Context) error {
	ask := make([]int, 0, len(r.found)) // places in found
	for i := range r.found {
		if !r.found[i].Package.IsZero() {
			ask = append(ask, i)
		}
	}
	if r.p.set.Packages.Interface == viaRows {
		ask = nil
	}
	if r.trusting() {
		var err error
		if ask, err = r.tellByRows(ctx, ask); err != nil {
			return err
		}
	}
	if err := r.ask(ctx, ask); err != nil {
		return err
	}
	if err := r.fillIn(ctx); err != nil {
		return err
	}
	for i := range r.found {
		if c := &r.found[i]; !c.Package.IsZero() {
			r.resolve(c)
		}
	}
	return nil
}

// ask asks the package services about the packages of some candidates.
func (r *reading) ask(ctx context.Context, places []int) error {
	g := inTurn(r.p.limit())
	for _, i := range places {
		c := &r.found[i]
		g.Go(func() (err error) {
			c.where, err = r.p.assignmentOf(ctx, c.Package, c.Name)
			return err
		})
	}
	return g.Wait()
}

// assignmentOf asks the package services, one after the other. That one does not know
// the package, is not there, or may not be used, is no error: the next one is asked.
func (p *Platform) assignmentOf(ctx context.Context, pack estate.GUID, name string) (assignment, error) {
	var none assignment
	for _, s := range []struct {
		via string
		ask func(context.Context, estate.GUID, string) (assignment, error)
	}{{viaManagement, p.byManagement}, {viaDelivery, p.byDelivery}} {
		if only := p.set.Packages.Interface; only != "" && only != s.via {
			continue
		}
		a, err := s.ask(ctx, pack, name)
		if err != nil {
			if err := unlessUntold(readError("read the package of", name, err)); err != nil {
				return none, otherInterface(err)
			}
			k, _ := kindOf(err)
			none.why = append(none.why, s.via+": "+k.String())
			continue
		}
		if a.via != "" {
			return a, nil
		}
	}
	return none, nil
}

// otherInterface adds to a failure of a package service that it may be how this one
// answers to packages of images (N).
func otherInterface(err error) error {
	var e *platform.Error
	if k, ok := kindOf(err); ok && k == wire.KindServer && errors.As(err, &e) {
		e.Hint += " If it fails like this for every image, this service does not take the packages of images: choose another one with packages { interface = … }."
	}
	return err
}

// unlessUntold drops an error that will be the same next time and says only that this
// way of asking tells nothing: no such object, another kind of object, no such method,
// no right to it.
func unlessUntold(err error) error {
	if k, ok := kindOf(err); ok {
		switch k {
		case wire.KindNotFound, wire.KindWrongType, wire.KindNoMethod, wire.KindNotInstalled, wire.KindInvalid, wire.KindRights, wire.KindLicence:
			return nil
		}
	}
	return err
}

// byManagement reads SoftwarePackageDetails (D, H SoftwarePackageDetails Fields). A GUID
// that it does not know gives empty details (D).
func (p *Platform) byManagement(ctx context.Context, pack estate.GUID, name string) (a assignment, err error) {
	node, err := p.services.Call(ctx, wire.Call{Service: softwareManagement, Method: "GetPackage", Object: name,
		Params: []wire.Param{{Name: "packageGuid", Value: pack.String()}}})
	if err != nil {
		return a, err
	}
	return managementDetails(node, pack), nil
}

// managementDetails is also the answer of SetPackageServerSettings (D).
func managementDetails(node *wire.Node, pack estate.GUID) (a assignment) {
	if g, err := node.Child("Guid").GUID(); err != nil || g != pack {
		return a
	}
	a.via, a.folderTold = viaManagement, true
	a.folder, _ = node.Value("PackageServerLocation") // an absent text is an empty one (I)
	a.source, _ = node.Value("SourceType")
	a.location, _ = node.Value("PackageLocation")
	var told bool
	if a.word, told = node.Value("PackageServerAssigments"); !told { // the platform's own spelling (D)
		a.word, _ = node.Value("PackageServerAssignments") // as a later build may spell it (I)
	}
	auto, _ := node.Value("PackageServerAutoAssign")
	switch estate.Fold(strings.TrimSpace(a.word)) {
	case "all":
		a.mode = estate.AssignAll
	case "individually":
		a.mode = estate.AssignServers
	case "site":
		a.mode = estate.AssignSites
		switch estate.Fold(strings.TrimSpace(auto)) { // its spelling is N
		case "true", "1":
			a.mode = estate.AssignAutomatic
		case "false", "0", "":
		default:
			a.mode, a.word = estate.AssignUnknown, a.word+" "+auto
		}
	}
	list, _ := node.Value("PackageServers")
	var wrong string
	if a.members, wrong = guidsIn(list); wrong != "" {
		a.mode, a.word = estate.AssignUnknown, a.word+" "+wrong
	}
	return a
}

// byDelivery reads SWDSolnPackageDetails (D). It tells chosen servers; where there are
// none, it does not tell whether that means all (N).
func (p *Platform) byDelivery(ctx context.Context, pack estate.GUID, name string) (a assignment, err error) {
	node, err := p.services.Call(ctx, wire.Call{Service: softwareDelivery, Method: "GetPackageExByGuid", Object: name,
		Params: []wire.Param{{Name: "sPackageGuid", Value: pack.String()}}})
	if err != nil {
		return a, err
	}
	if g, err := node.Child("Guid").GUID(); err != nil || g != pack {
		return a, nil
	}
	a.via = viaDelivery
	a.location, _ = node.Value("Location")
	list, _ := node.Value("SelectedPackageServers")
	var wrong string
	a.members, wrong = guidsIn(list)
	switch {
	case wrong != "":
		a.word = wrong
	case len(a.members) > 0:
		a.mode = estate.AssignServers
	}
	return a, nil
}

// resolve turns what an interface tells into an assignment of the estate.
func (r *reading) resolve(c *candidate) {
	a := &c.where
	if a.mode == estate.AssignUnknown {
		r.notes.add(noteAssignment, c.Name, "%s", strings.Join(append(a.why, strings.Fields(a.word)...), ", "))
		return
	}
	var strangers []string
	c.Assignment, strangers = r.dir.resolve(a)
	if len(strangers) == 0 {
		return
	}
	r.notes.add(noteMembers, c.Name, "%s", strings.Join(strangers, ", "))
	if c.Assignment.Mode == estate.AssignUnknown {
		r.notes.add(noteAssignment, c.Name, "a site that no rows tell of")
	}
}

// copies takes what the SMP says of each copy, and adds those that are assigned.
func (r *reading) copies() {
	if t := r.tables[declared.RowsCopies]; t != nil {
		r.takeCopies(t)
	}
	if t := r.tables[declared.RowsPackages]; t != nil {
		for i := range t.Rows {
			if at, ours := r.byPack[t.GUID(i, "package")]; ours {
				r.found[at].Version = number(t, i, "version")
			}
		}
	}
}

// takeCopies takes the rows "copies", whoever brought them.
func (r *reading) takeCopies(t *rows.Reader) {
	for i := range t.Rows {
		at, ours := r.byPack[t.GUID(i, "package")]
		if !ours {
			continue // packages of software are none of pslan's
		}
		who := t.Text(i, "server")
		id := r.dir.find(who)
		if id == estate.NoServer {
			r.notes.add(noteStrangers, who, "rows %q", declared.RowsCopies)
			continue
		}
		r.copy(at, id, t, i)
	}
	for i := range r.found {
		c := &r.found[i]
		slices.SortStableFunc(c.Copies, func(a, b estate.Copy) int { return int(a.Server) - int(b.Server) })
		c.Copies = oncePerServer(c.Copies)
	}
}

// oncePerServer keeps the first row about each server's copy, and of all of them the
// mark that comes first: one row that says that a copy goes is not outvoted.
func oncePerServer(copies []estate.Copy) []estate.Copy {
	kept := copies[:0]
	for _, c := range copies {
		if len(kept) == 0 || kept[len(kept)-1].Server != c.Server {
			kept = append(kept, c)
			continue
		}
		first := &kept[len(kept)-1]
		if !c.DeleteAfter.IsZero() && (first.DeleteAfter.IsZero() || c.DeleteAfter < first.DeleteAfter) {
			first.DeleteAfter = c.DeleteAfter
		}
	}
	return kept
}

func (r *reading) copy(at int, id estate.ServerID, t *rows.Reader, row int) {
	c := estate.Copy{
		Server: id, Status: t.Text(row, "status"), StatusAt: t.Time(row, "status_at"),
		Version: number(t, row, "version"), DeleteAfter: r.mark(t, row),
	}
	switch word := t.Word(row, "managed"); estate.Fold(word) {
	case "local":
		c.Managed = estate.ManagedLocal
	case "external":
		c.Managed = estate.ManagedExternal
	case "":
	default:
		t.Lost("managed", word, "it is neither local nor external; map it with words")
	}
	r.found[at].Copies = append(r.found[at].Copies, c)
}

// deletedStatus is the one word for the status of a copy that is documented to say that
// it is marked (D, KB 178503, KB 237210: PackageStatus.xml).
const deletedStatus = "deleted"

// mark is when a marked copy goes. Where the moment is not understood, has no time zone,
// or where there is no column for it and the status is the word for a mark, the copy
// counts as due: that it is marked must not be lost with the moment.
func (r *reading) mark(t *rows.Reader, row int) estate.Time {
	at := t.Time(row, "delete_after")
	if _, err := rows.ParseTime(t.Text(row, "delete_after"), t.Zone); err != nil {
		return r.e.TakenAt
	}
	if !t.Has("delete_after") && estate.Fold(t.Text(row, "status")) == deletedStatus {
		return r.e.TakenAt
	}
	return at
}

// addAssigned adds copies without a word for servers that are assigned or own the
// image, as a reader of the estate expects them.
func (r *reading) addAssigned(c *candidate) {
	have := func(id estate.ServerID) bool { return c.Image.Copy(id) != nil }
	var more []estate.Copy
	members, _ := r.e.Members(&c.Assignment)
	for _, id := range members {
		if !have(id) {
			more = append(more, estate.Copy{Server: id})
		}
	}
	if c.Owner != estate.NoServer && !have(c.Owner) && !slices.Contains(members, c.Owner) {
		more = append(more, estate.Copy{Server: c.Owner})
	}
	if len(more) == 0 {
		return
	}
	c.Copies = append(c.Copies, more...)
	slices.SortFunc(c.Copies, func(a, b estate.Copy) int { return int(a.Server) - int(b.Server) })
}

// recorded takes contents that were recorded of owners.
func (r *reading) recorded() {
	t := r.tables[declared.RowsRecorded]
	if t == nil {
		return
	}
	for i := range t.Rows {
		at, ours := r.byGUID[t.GUID(i, "image")]
		if !ours {
			continue
		}
		c := estate.Content{
			Files: number(t, i, "files"), Bytes: number(t, i, "bytes"), Version: number(t, i, "version"), From: t.Text(i, "from"), TakenAt: t.Time(i, "taken_at"),
		}
		var err error
		if c.Digest, err = estate.ParseDigest(t.Text(i, "digest")); err != nil {
			t.Lost("digest", t.Text(i, "digest"), err.Error())
		}
		if c.Listing, err = estate.ParseDigest(t.Text(i, "listing")); err != nil {
			t.Lost("listing", t.Text(i, "listing"), err.Error())
		}
		if c.Files > 0 {
			r.found[at].Content = &c
		}
	}
}
