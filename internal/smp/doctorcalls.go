package smp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/smp/wire"
	"pslan/internal/wording"
)

// withoutRows says what is missing where rows of a kind are not configured.
var withoutRows = map[declared.RowKind]string{
	declared.RowsSMP:         "The SMP is called by the host of the url.",
	declared.RowsServers:     "Nothing can be read.",
	declared.RowsSites:       "Assignments by site count as not known.",
	declared.RowsImages:      "The deployment service lists the images.",
	declared.RowsPackages:    "One source less for the owner and for the package of an image.",
	declared.RowsOwners:      "One source less for the owner.",
	declared.RowsAssignments: "The package services alone tell assignments.",
	declared.RowsCopies:      "One source less for the owner, and nothing of what the SMP believes of copies.",
	declared.RowsPreboots:    "Which SMP boot environments connect to is not known (PSL508).",
	declared.RowsRefreshes:   "A refresh is seen by the end of its task alone, and one by hand is believed.",
	declared.RowsUpdates:     "The end of a membership update is not seen.",
	declared.RowsRecorded:    "content { record } remembers what owners held.",
}

// rows reads every carrier.
func (d *Diagnosis) rows(ctx context.Context) {
	for _, columns := range declared.RowKinds() {
		name := fmt.Sprintf("rows %q", columns.Kind)
		from := d.p.rowsOf(columns.Kind)
		switch {
		case from == nil:
			d.untried("rows", name, "not configured", withoutRows[columns.Kind]+" They would tell "+strings.Join(columns.All(), ", ")+".")
			continue
		case d.locked && (!from.Report.IsZero() || !from.Task.IsZero()):
			d.untried("rows", name, "nobody could log in", "")
			continue
		}
		if !from.Task.IsZero() {
			d.lists(ctx, name, from)
			continue
		}
		t, err := d.p.table(ctx, columns.Kind)
		if err != nil {
			d.failed("rows", name, err)
			continue
		}
		var have, lack []string
		for _, c := range columns.All() {
			if t.Has(c) {
				have = append(have, c)
			} else {
				lack = append(lack, c)
			}
		}
		c := Check{Area: "rows", Name: name, Verdict: Works, Found: fmt.Sprintf("%s of %s with %s", wording.Count(len(t.Rows), "row", "rows"), t.From, strings.Join(have, ", "))}
		if len(lack) > 0 {
			c.Help = "It does not tell " + strings.Join(lack, ", ") + "."
		}
		d.add(c)
		d.samples["rows "+string(columns.Kind)+".txt"] = strings.Join(t.Columns, "\t") + "\n"
	}
}

// estate reads everything, and chooses the image that calls are tried on.
func (d *Diagnosis) estate(ctx context.Context) {
	const area = "estate"
	if d.locked {
		d.untried(area, "a whole reading", "nobody could log in", "")
		return
	}
	e, err := d.p.readEstate(ctx, platform.Scope{}, d.listing())
	if err != nil {
		d.failed(area, "a whole reading", err)
		return
	}
	d.read = e
	d.works(area, "a whole reading", "%d package servers, %d sites, %d images and packages, %d preboot configurations", len(e.Servers), len(e.Sites), len(e.Images), len(e.Preboots))
	d.agreement(ctx)
	for _, n := range d.p.Notes() {
		verdict := Fails
		if n.Severity == diag.Note { // not told, and no harm
			verdict = Untried
		}
		d.add(Check{Area: area, Name: n.Summary, Verdict: verdict, Found: strings.ReplaceAll(n.Detail, "\n\n", " ")})
	}
	for i := range e.Images {
		img := &e.Images[i]
		if d.o.Image != "" && estate.Fold(img.Name) == estate.Fold(d.o.Image) || d.o.Image == "" && !img.Package.IsZero() && d.image == nil {
			d.image = img
		}
	}
	if d.o.Image != "" && d.image == nil {
		names := make([]string, len(e.Images))
		for i := range e.Images {
			names[i] = e.Images[i].Name
		}
		d.add(Check{Area: area, Name: "image " + d.o.Image, Verdict: Fails, Found: "there is no image of this name",
			Help: "Name it as the console does, in quotes where it has blanks." + wording.DidYouMean(d.o.Image, names)})
	}
}

// calls tries each call that reads on the chosen image.
func (d *Diagnosis) calls(ctx context.Context) {
	const area = "calls"
	if d.locked {
		return
	}
	for _, what := range []*resource{&images, &pcts, &preboots} {
		text, err := d.p.deploy(ctx, wire.ClassSlow, what.itType, what.name, "getall", "")
		if err != nil {
			d.failed(area, what.op(), what.unlisted(err))
			continue
		}
		d.samples["deployment "+what.kind+".xml"] = text
		found, err := d.p.list(ctx, what, "")
		d.try(area, what.op(), err, "%s", wording.Count(len(found), "record", "records"))
	}
	if d.image == nil {
		d.untried(area, "calls on an image", "no image was chosen", "Name one that has a package: pslan doctor -image=NAME.")
		return
	}
	d.callsOn(ctx, d.image)
	if !d.p.set.Refresh.IsZero() {
		d.try(area, "GetTask of the refresh task", d.p.checkTask(ctx, d.p.set.Refresh), "it is there")
		if d.p.set.RefreshPersistent {
			d.try(area, "tasks over the persistent connection", d.p.checkTCM(ctx), "the methods are there")
		}
	} else {
		d.untried(area, "GetTask of the refresh task", "no task is named", "With refresh { task = \"GUID\" } pslan refreshes package servers itself.")
	}
	if !d.p.set.Membership.Schedule.IsZero() {
		d.try(area, "GetItemByGuid of the membership schedule", d.p.checkSchedule(ctx), "it is a schedule")
	} else if len(d.p.set.Membership.Targets) == 0 {
		d.untried(area, "GetItemByGuid of the membership schedule", "no schedule is named", "With membership { schedule = \"GUID\" } pslan runs membership updates itself.")
	}
	_, err := d.p.ReadSync(ctx)
	d.try(area, "how far updates and refreshes are", err, "it can be read")
}

func (d *Diagnosis) callsOn(ctx context.Context, img *estate.Image) {
	const area = "calls"
	read := func(service, method, param string, g estate.GUID) *wire.Node {
		name := method + " of " + img.Name
		if g.IsZero() {
			d.untried(area, name, "its package is not known", "")
			return nil
		}
		node, err := d.p.services.Call(ctx, wire.Call{Service: service, Method: method, Object: img.Name, Params: []wire.Param{{Name: param, Value: g.String()}}})
		if err != nil {
			d.failed(area, name, err)
			return nil
		}
		d.samples[service+" "+method+".xml"] = dump(node)
		return node
	}
	if node := read(softwareManagement, "GetPackage", "packageGuid", img.Package); node != nil {
		d.told(area, "GetPackage of "+img.Name, managementDetails(node, img.Package))
	}
	if node := read(softwareDelivery, "GetPackageExByGuid", "sPackageGuid", img.Package); node != nil {
		a, err := d.p.byDelivery(ctx, img.Package, img.Name)
		if err != nil {
			d.failed(area, "GetPackageExByGuid of "+img.Name, err)
		} else {
			d.told(area, "GetPackageExByGuid of "+img.Name, a)
		}
	}
	if node := read(itemService, "GetItemByGuid", "itemGuid", img.GUID); node != nil {
		kind, _ := node.Value("TypeName")
		kindGUID, _ := node.Value("TypeGuid")
		d.works(area, "GetItemByGuid of "+img.Name, "an item of type %s, %s", kind, kindGUID)
	}
	if node := read(itemService, "ExportItemXmlString", "itemGuid", img.GUID); node != nil {
		d.samples["export of an image.xml"] = node.Text
		d.works(area, "ExportItemXmlString of "+img.Name, "%d bytes with %d GUIDs", len(node.Text), len(guidsOf(node.Text)))
	}
	owner := d.read.ServerName(img.Owner)
	if owner == "" {
		owner = "in doubt"
	}
	d.works(area, "the owner of "+img.Name, "%s; package %s; assignment %v", owner, img.Package, img.Assignment.Mode)
}

// told says what an interface knows of a package.
func (d *Diagnosis) told(area, name string, a assignment) {
	if a.via == "" {
		d.add(Check{Area: area, Name: name, Verdict: Fails, Found: "empty details: this service does not know the package",
			Help: "Bring assignments by rows \"assignments\", and set them in the console."})
		return
	}
	folder := "it does not tell the folder on package servers"
	if a.folderTold {
		folder = fmt.Sprintf("folder on package servers %q", a.folder)
	}
	d.works(area, name, "mode %q, %s; %s", a.word, wording.Count(len(a.members), "member", "members"), folder)
}

// dump writes a reply as XML again, for the bundle.
func dump(n *wire.Node) string {
	var b strings.Builder
	var put func(n *wire.Node, indent string)
	put = func(n *wire.Node, indent string) {
		b.WriteString(indent + "<" + n.Name)
		for _, a := range n.Attrs {
			fmt.Fprintf(&b, " %s=%q", a.Name, a.Value)
		}
		b.WriteString(">" + strings.TrimPrefix(strings.TrimSuffix(element("t", n.Text), "</t>"), "<t>"))
		if len(n.Children) > 0 {
			b.WriteByte('\n')
			for _, c := range n.Children {
				put(c, indent+" ")
			}
			b.WriteString(indent)
		}
		b.WriteString("</" + n.Name + ">\n")
	}
	put(n, "")
	return b.String()
}

// commands looks for the programs of the actions.
func (d *Diagnosis) commands() {
	for i := range d.p.set.Actions {
		a := &d.p.set.Actions[i]
		d.try("commands", "action "+a.Op, d.p.actions[a.Op].command.Check(), "%s is there", a.Command[0])
	}
}

// shares looks at one copy on each package server.
func (d *Diagnosis) shares(ctx context.Context) {
	const area = "shares"
	switch {
	case d.o.Eyes == nil:
		d.untried(area, "copies on package servers", "no content block says how they are seen", "With content { method = \"smb\" … } pslan sees the files, without which it moves nothing.")
		return
	case d.read == nil:
		d.untried(area, "copies on package servers", "the package servers could not be read", "")
		return
	}
	for id := range d.read.Servers {
		s := &d.read.Servers[id]
		look := platform.Look{Server: s.Name, Host: s.Host}
		for i := range d.read.Images {
			img := &d.read.Images[i]
			if !img.Package.IsZero() && img.Copy(estate.ServerID(id)) != nil && (look.Image.Package.IsZero() || d.image == img) {
				look.Image = platform.ImageRef{Image: img.GUID, Package: img.Package, Name: img.Name}
			}
		}
		switch {
		case s.State == estate.Offline:
			d.untried(area, s.Name, "the platform says that it is off", "")
		case look.Image.Package.IsZero():
			d.untried(area, s.Name, "nothing is assigned to it", "")
		default:
			d.share(ctx, look)
		}
	}
}

func (d *Diagnosis) share(ctx context.Context, look platform.Look) {
	const area = "shares"
	seen, err := d.o.Eyes.See(ctx, []platform.Look{look})
	if err != nil {
		d.failed(area, look.Server, err)
		return
	}
	ev := &seen[0].Evidence
	switch {
	case ev.Sight == estate.NotLooked:
		d.untried(area, look.Server, "copies are not looked at", "")
	case ev.Sight == estate.NotSeen:
		d.failed(area, look.Server, errors.New(ev.Error))
	case !ev.Folder:
		d.works(area, look.Server, "its package folders can be read; %s is not there", look.Image.Name)
	default:
		d.works(area, look.Server, "%s: %s, %d bytes", look.Image.Name, wording.Count(int(ev.Files), "file", "files"), ev.Bytes)
	}
}

// writing writes the assignment of the image that was named for it, as it stands, and
// reads it.
func (d *Diagnosis) writing(ctx context.Context) {
	const area = "writing"
	name := "writing an assignment back as it is"
	switch {
	case !d.o.Write:
		d.untried(area, name, "not asked for", "pslan doctor -write -image=NAME tries it on one image.")
		return
	case d.o.Image == "" || d.image == nil || d.image.Package.IsZero():
		d.untried(area, name, "no image with a package was named for it", "pslan doctor -write -image=NAME")
		return
	}
	now, err := d.p.writable(ctx, d.image.Package, d.image.Name)
	if err != nil {
		d.failed(area, name, err)
		return
	}
	if now.mode == estate.AssignUnknown {
		d.untried(area, name, "its present assignment is not told, so it cannot be written back", "")
		return
	}
	same := target{mode: now.mode, members: slices.Clone(now.members)}
	sortGUIDs(same.members)
	if now.via == viaDelivery {
		err = d.p.assignByDelivery(ctx, d.image.Package, d.image.Name, same)
	} else {
		err = d.p.assignByManagement(ctx, d.image.Package, d.image.Name, same, &now)
	}
	d.try(area, name, err, "%s stands as before, by %s: mode %q, %s", d.image.Name, now.via, now.word, wording.Count(len(now.members), "member", "members"))
}
