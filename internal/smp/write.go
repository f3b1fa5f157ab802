package smp

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/smp/wire"
)

const opAssign = "set assignment"

// packageOf is the package of a request.
func (p *Platform) packageOf(image platform.ImageRef) estate.GUID {
	if !image.Package.IsZero() {
		return image.Package
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.links[image.Image]
}

// directory is how the newest reading called servers and sites; a first one is made
// where there was none.
func (p *Platform) directory(ctx context.Context) (*directory, error) {
	p.mu.Lock()
	d := p.last
	p.mu.Unlock()
	if d != nil {
		return d, nil
	}
	if _, err := p.ReadEstate(ctx, platform.Scope{Images: []estate.GUID{}}); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last, nil
}

// target is an assignment in the platform's own terms.
type target struct {
	mode    estate.AssignmentMode
	members []estate.GUID
}

// SetAssignment implements platform.Writer. The package is read first: everything else
// that the same call would change is sent back as it was, and members that pslan does
// not know stay. What came of it is compared, and read back where the answer differs.
func (p *Platform) SetAssignment(ctx context.Context, image platform.ImageRef, to estate.AssignmentNames) error {
	pack := p.packageOf(image)
	if pack.IsZero() {
		return refused(platform.KindUnsupported, opAssign, image.Name, "", "the image has no package that could be assigned")
	}
	dir, err := p.directory(ctx)
	if err != nil {
		return err
	}
	want, err := dir.target(image.Name, &to)
	if err != nil {
		return err
	}
	now, err := p.writable(ctx, pack, image.Name)
	if err != nil {
		return err
	}
	if err := p.proven(image.Name, &want, &now, dir.looked); err != nil {
		return err
	}
	kept := want.keepStrangers(&now, dir)
	if want.stands(&now) {
		return nil
	}
	defer p.requested(pack)()
	if now.via == viaDelivery {
		err = p.assignByDelivery(ctx, pack, image.Name, want)
	} else {
		err = p.assignByManagement(ctx, pack, image.Name, want, &now)
	}
	if err != nil || !p.set.Packages.DistributionPoints {
		return aboutStrangers(err, kept)
	}
	return p.updatePoints(ctx, now.via, pack, image.Name)
}

// writable reads a package by the interface that its assignment is going to be written
// with, and refuses where there is none.
func (p *Platform) writable(ctx context.Context, pack estate.GUID, name string) (assignment, error) {
	if p.set.Packages.Interface == viaRows {
		return assignment{}, refused(platform.KindUnsupported, opAssign, name, "Set it in the console; pslan goes on when rows \"assignments\" show it.",
			"packages { interface = \"rows\" } says that no web service may be used for assignments")
	}
	a, err := p.assignmentOf(ctx, pack, name)
	if err != nil {
		return a, err
	}
	hint := "Whether these services take the packages of images is not documented. Set the assignment in the console, and bring assignments by rows \"assignments\" so that pslan sees it."
	switch {
	case a.via == "":
		why := ""
		if len(a.why) > 0 {
			why = " (" + strings.Join(a.why, "; ") + ")"
		}
		return a, refused(platform.KindUnsupported, opAssign, name, hint, "no package service knows the package %s%s", pack, why)
	case a.via == viaDelivery && !p.set.Packages.DefaultFolder:
		return a, refused(platform.KindUnsupported, opAssign, name,
			"If no package here has a folder of its own on package servers, say so: packages { default_folder = true }. Else set the assignment in the console.",
			"only the older package service knows the package %s, and it does not tell in which folder servers keep it: writing the assignment could move the files (KB 180394)", pack)
	}
	return a, nil
}

// target turns names into the GUIDs by which the platform knows them.
func (d *directory) target(image string, to *estate.AssignmentNames) (target, error) {
	t := target{mode: to.Mode}
	no := func(hint, format string, args ...any) (target, error) {
		return t, refused(platform.KindNotFound, opAssign, image, hint, format, args...)
	}
	switch to.Mode {
	case estate.AssignAll:
	case estate.AssignServers:
		for _, name := range to.Servers {
			id := d.find(name)
			if !id.IsServer() {
				return no("", "the platform lists no package server %s", name)
			}
			g := d.guids[id]
			if g.IsZero() {
				return no("Add the column guid to rows \"package_servers\".", "the GUID of the package server %s is not told, and assignments name servers by it", name)
			}
			t.members = append(t.members, g)
		}
	case estate.AssignSites, estate.AssignAutomatic:
		for _, name := range to.Sites {
			g, known := d.siteGUIDs[estate.Fold(name)]
			switch {
			case !known:
				return no("", "the platform lists no site %s", name)
			case g.IsZero():
				return no("Add rows \"sites\" with the columns site and guid.", "the GUID of the site %s is not told, and assignments name sites by it", name)
			}
			t.members = append(t.members, g)
		}
	default:
		return no("", "the assignment says nothing")
	}
	if to.Mode != estate.AssignAll && len(t.members) == 0 {
		return no("", "the assignment names nobody: every copy would be deleted")
	}
	sortGUIDs(t.members)
	t.members = slices.Compact(t.members)
	return t, nil
}

func sortGUIDs(list []estate.GUID) {
	slices.SortFunc(list, func(a, b estate.GUID) int { return slices.Compare(a[:], b[:]) })
}

// keepStrangers keeps members of the present list that are no package server known
// here, and returns them: what is not declared is not touched.
func (t *target) keepStrangers(now *assignment, d *directory) (kept []estate.GUID) {
	if t.mode != estate.AssignServers || now.mode != estate.AssignServers {
		return nil
	}
	for _, g := range now.members {
		if !d.find(g.String()).IsServer() && !slices.Contains(t.members, g) && !slices.Contains(kept, g) {
			kept = append(kept, g)
		}
	}
	t.members = append(t.members, kept...)
	sortGUIDs(t.members)
	return kept
}

// aboutStrangers: what the platform does with a member that is gone is not known (N). A
// refusal may be about those that were sent back as they were read.
func aboutStrangers(err error, kept []estate.GUID) error {
	e := (*platform.Error)(nil)
	if len(kept) == 0 || !errors.As(err, &e) || e.Kind != platform.KindNotFound && e.Kind != platform.KindRefused {
		return err
	}
	t := target{members: kept}
	told := *e
	told.Hint = strings.TrimSpace(e.Hint + " The assignment named " + t.list() + ", of which no rows of package servers tell. pslan leaves such members as they are, and the platform may take them no more: look at them in the console.")
	return &told
}

// stands reports whether an interface tells the target.
func (t *target) stands(a *assignment) bool {
	have := slices.Clone(a.members)
	sortGUIDs(have)
	return a.mode == t.mode && (t.mode == estate.AssignAll || slices.Equal(slices.Compact(have), t.members))
}

func (t *target) list() string {
	texts := make([]string, len(t.members))
	for i, g := range t.members {
		texts[i] = g.String()
	}
	return strings.Join(texts, ",")
}

// assignByManagement writes by SetPackageServerSettings: 0 all, 1 individual, 2 site;
// AutomaticSiteAssignment is a text and not valid with 0 and 1 (D). That the list is
// the whole list is I. The folder on package servers is sent back as it was read: an
// empty one could reset a folder of its own, and servers would move the files (D, KB
// 180394).
func (p *Platform) assignByManagement(ctx context.Context, pack estate.GUID, name string, want target, now *assignment) error {
	kind, auto := 0, "false"
	switch want.mode {
	case estate.AssignServers:
		kind = 1
	case estate.AssignSites:
		kind = 2
	case estate.AssignAutomatic:
		kind, auto = 2, "true"
	}
	node, err := p.services.Call(ctx, wire.Call{Service: softwareManagement, Method: "SetPackageServerSettings", Class: wire.ClassWrite, Object: name,
		Params: []wire.Param{
			{Name: "PackageGuid", Value: pack.String()}, {Name: "AssignmentType", Value: strconv.Itoa(kind)},
			{Name: "AutomaticSiteAssignment", Value: auto}, {Name: "PackageServers", Value: want.list()},
			{Name: "PackageServerLocation", Value: now.folder},
		}})
	if err != nil {
		return writeError(opAssign, name, err)
	}
	after := managementDetails(node, pack)
	if !want.stands(&after) || after.folder != now.folder {
		if after, err = p.byManagement(ctx, pack, name); err != nil {
			return afterWrite(opAssign, name, err)
		}
	}
	switch {
	case !want.stands(&after):
		return refused(platform.KindRefused, opAssign, name, "See the log of the SMP, or set it in the console.",
			"the platform accepted the request and did not follow it: it still tells %s", describe(&after))
	case after.folder != now.folder:
		return refused(platform.KindRefused, opAssign, name, "Set the folder back in the console at once, before package servers refresh: they would move the files (KB 180394).",
			"the assignment was set, and the platform changed the folder on package servers from %q to %q, although it was sent back unchanged", now.folder, after.folder)
	}
	return nil
}

func describe(a *assignment) string {
	if a.via == "" {
		return "nothing about the package"
	}
	text := strings.ToLower(strings.TrimSpace(a.word))
	if text == "" {
		text = "no mode"
	}
	if len(a.members) > 0 {
		t := target{members: a.members}
		text += " " + t.list()
	}
	return text
}

// afterWrite is a reading that failed right after a write: what was asked for may well
// be done, so it is looked for.
func afterWrite(op, object string, err error) error {
	return &platform.Error{Op: op, Object: object, Kind: platform.KindUnreachable, Err: err, Hint: "The request was accepted; what came of it could not be read back."}
}

// assignByDelivery writes by SetPackageExPackageServerOptions: all, or a list (D).
func (p *Platform) assignByDelivery(ctx context.Context, pack estate.GUID, name string, want target) error {
	if want.mode != estate.AssignAll && want.mode != estate.AssignServers {
		return refused(platform.KindUnsupported, opAssign, name, "Set it in the console.", "the older package service knows all package servers or chosen ones, and no sites")
	}
	node, err := p.services.Call(ctx, wire.Call{Service: softwareDelivery, Method: "SetPackageExPackageServerOptions", Class: wire.ClassWrite, Object: name,
		Params: []wire.Param{
			{Name: "sPackageGuid", Value: pack.String()}, {Name: "bAllOrSpecificPackageServers", Value: strconv.FormatBool(want.mode == estate.AssignAll)},
			{Name: "sPackageServerGuids", Value: want.list()}, {Name: "sLocationOnPackageServer", Value: ""},
		}})
	if err := p.accepted(node, err, opAssign, name, "SetPackageExPackageServerOptions"); err != nil {
		return err
	}
	after, err := p.byDelivery(ctx, pack, name)
	switch {
	case err != nil:
		return afterWrite(opAssign, name, err)
	case want.mode == estate.AssignAll && len(after.members) == 0: // it has no word for all (N)
		return nil
	case !want.stands(&after):
		return refused(platform.KindRefused, opAssign, name, "See the log of the SMP, or set it in the console.",
			"the platform accepted the request and did not follow it: it still tells %s", describe(&after))
	}
	return nil
}

// accepted judges an answer that is true or false: false means that it was not done,
// and the reason stands in the log of the SMP only (D).
func (p *Platform) accepted(node *wire.Node, err error, op, object, method string) error {
	if err != nil {
		return writeError(op, object, err)
	}
	yes, err := node.Bool()
	if err != nil {
		return afterWrite(op, object, err)
	}
	if !yes {
		return refused(platform.KindRefused, op, object, `The reason stands in the log of the SMP: C:\ProgramData\Symantec\SMP\Logs\a.log.`, "%s answered false", method)
	}
	return nil
}

// updatePoints starts an update of the distribution points (D: true means started).
func (p *Platform) updatePoints(ctx context.Context, via string, pack estate.GUID, name string) error {
	service, param := softwareManagement, "PackageGuid"
	if via == viaDelivery {
		service, param = softwareDelivery, "sPackageGuid"
	}
	const op = "update the distribution points of"
	node, err := p.services.Call(ctx, wire.Call{Service: service, Method: "UpdateDistributionPoints", Class: wire.ClassWrite, Object: name,
		Params: []wire.Param{{Name: param, Value: pack.String()}}})
	return p.accepted(node, err, op, name, "UpdateDistributionPoints")
}

// SetLocation implements platform.Writer by SetPackageSource (D). Codebases do not
// follow by themselves (D, KB 180568), so the distribution points are updated after it.
func (p *Platform) SetLocation(ctx context.Context, image platform.ImageRef, to string) error {
	const op = "set location"
	pack := p.packageOf(image)
	if pack.IsZero() {
		return refused(platform.KindUnsupported, op, image.Name, "Change it in the console.", "the image has no package whose source could be changed")
	}
	if host(to) == "" {
		return refused(platform.KindUnsupported, op, image.Name, "Change it in the console.", "%s is no folder on a share", to)
	}
	defer p.requested(pack)()
	const unc = "1" // 1 UNC, 2 local, 4 URL, 5 library (D)
	node, err := p.services.Call(ctx, wire.Call{Service: softwareManagement, Method: "SetPackageSource", Class: wire.ClassWrite, Object: image.Name,
		Params: []wire.Param{
			{Name: "PackageGuid", Value: pack.String()}, {Name: "PackageSourceType", Value: unc}, {Name: "PackageLocation", Value: to},
			{Name: "PackageFolder", Value: ""}, {Name: "IgnoreAttributes", Value: "false"},
		}})
	if err := p.accepted(node, err, op, image.Name, "SetPackageSource"); err != nil {
		return err
	}
	return p.updatePoints(ctx, viaManagement, pack, image.Name)
}
