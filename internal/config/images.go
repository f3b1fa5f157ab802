package config

import (
	"strings"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
)

// harvest is what one unit declares: images, and labels to be held against those
// of other units.
type harvest struct {
	images []declared.Image
	groups []declared.Group
	labels []labelUse
}

// labelUse is one image, images or pct_package block.
type labelUse struct {
	label string
	in    string
	at    diag.Range
}

// decodeImages turns the blocks of a unit into plain values.
func (d *decoder) decodeImages(blocks []block, into *harvest) {
	for i := range blocks {
		b := &blocks[i]
		into.labels = append(into.labels, labelUse{label: b.label(), in: b.name(), at: b.header()})
		if b.kind == "images" {
			d.decodeGroup(b, into)
		} else {
			d.decodeImage(b, into)
		}
	}
}

func (d *decoder) decodeImage(b *block, into *harvest) {
	kind := estate.KindImage
	if b.kind == "pct_package" {
		kind = estate.KindPCT
	}
	header, name := b.header(), b.name()
	var shared sharedAttrs
	var same *attribute // the selector, where it is the same for all instances
	images := 0
	d.forInstances(b, imageSpec, func(c *content, in instance) {
		img := declared.Image{
			Address: estate.BlockAddress(b.kind, b.label(), in.key),
			Kind:    kind, Range: header, In: name,
		}
		ok := d.selector(c, &img)
		if images++; images == 1 && in.key != nil {
			same = sameForAll(c)
		}
		ok = ok && (images == 1 || same == nil)
		img.Attrs = d.attrs(c, &shared)
		d.location(c, &img)
		if ok && !in.unknown {
			into.images = append(into.images, img)
		}
	})
	if same != nil && images > 1 {
		d.in = name
		d.report(same.place(), "Image declared twice", "%s of %s does not depend on each, so all %d instances mean the same image. Use each.key or each.value in it.", same.name, name, images)
		d.in = ""
	}
}

// sameForAll returns the selector of a block with for_each if it does not use each.
func sameForAll(c *content) *attribute {
	for _, name := range []string{"name", "guid", "package"} {
		if a := c.attr(name); a != nil {
			if refersToEach(a.expr) {
				return nil
			}
			return a
		}
	}
	return nil
}

// selector reads which image a block means: exactly one of name, guid and package.
func (d *decoder) selector(c *content, img *declared.Image) bool {
	name, guid, pkg := c.attr("name"), c.attr("guid"), c.attr("package")
	var given []*attribute
	for _, a := range []*attribute{name, guid, pkg} {
		if a != nil {
			given = append(given, a)
		}
	}
	if len(given) == 0 && !c.lacks("name", "guid", "package") {
		return false
	}
	if len(given) == 0 {
		d.report(c.of.header(), "Missing argument", "%s says not which image it means. Give one of name, guid and package.", d.what())
		return false
	}
	if len(given) > 1 {
		d.report(given[1].place(), "Too many selectors", "%s has both %s and %s. Exactly one of name, guid and package says which image is meant.", d.what(), given[0].name, given[1].name)
		return false
	}
	a := given[0]
	a.required = true
	img.SelectRange = a.place()
	var ok bool
	switch a {
	case name:
		img.Name, ok = d.word(a)
	case guid:
		img.GUID, ok = d.guid(a)
	default:
		img.Package, ok = d.guid(a)
	}
	return ok
}

// location reads where an image on the SMP is kept.
func (d *decoder) location(c *content, img *declared.Image) {
	a := c.attr("location")
	if a == nil {
		return
	}
	location, ok := d.word(a)
	if !ok {
		return
	}
	if strings.HasPrefix(location, `\`) && !strings.HasPrefix(location, `\\`) {
		d.errorf(a.expr.Range(), "Not a location", `location of %s is %s, with one backslash in front. In HCL every backslash is written twice: "\\\\smp02\\NSCap\\…" is \\smp02\NSCap\….`, d.what(), location)
		return
	}
	img.Location, img.LocationRange = location, a.place()
	if img.Owner != nil {
		d.report(img.LocationRange, "Location and owner at once",
			"%s has a location, so it is stored on the SMP, and an owner (%s), so it belongs to a package server. Moving an image between the SMP and a package server has no interface. %s",
			d.what(), linePlace(img.Owner.Range), smpWays)
	}
}

// sharedAttrs keeps, for the instances of one block, what does not depend on each:
// it is decoded once and shared.
type sharedAttrs struct {
	known bool
	// varies: some argument or block besides the selector uses each.
	varies bool
	attrs  declared.Attrs
}

// attrs reads what image, pct_package and images blocks have in common.
func (d *decoder) attrs(c *content, shared *sharedAttrs) declared.Attrs {
	if shared.known && !shared.varies {
		return shared.attrs
	}
	if !shared.known && d.each != nil {
		shared.varies = c.usesEach("name", "guid", "package", "location", "for_each")
	}
	attrs := declared.Attrs{
		Owner:     d.serverRef(c.attr("owner")),
		Reference: d.serverRef(c.attr("reference")),
	}
	if attrs.Owner != nil {
		d.notTheSMP(attrs.Owner, "the owner")
		d.notLeaving(attrs.Owner, "the owner", true)
	}
	if a := c.attr("on_lost"); a != nil {
		if word, ok := d.choice(a, "block", "abandon"); ok {
			attrs.OnLostRange = a.place()
			if word == "abandon" {
				attrs.OnLost = declared.LostAbandon
			}
		}
	}
	if a := c.attr("min_copies"); a != nil {
		if n, ok := d.integer(a, 1, maxCopies); ok {
			attrs.MinCopies, attrs.MinCopiesRange = n, a.place()
		}
	}
	if b := c.only("assignment"); b != nil {
		d.inside("assignment", func() { attrs.Assignment = d.assignment(b) })
	}
	attrs.Acks = d.acknowledgements(c)
	if !shared.known {
		shared.known, shared.attrs = true, attrs
	}
	return attrs
}

// maxCopies is above the number of package servers of any site.
const maxCopies = 10_000

// assignment reads an assignment block: servers, or sites.
func (d *decoder) assignment(b *block) *declared.Assignment {
	c := d.open(b, assignmentSpec)
	servers, sites, automatic := c.attr("servers"), c.attr("sites"), c.attr("automatic")
	switch {
	case servers != nil && sites != nil:
		d.report(sites.place(), "Servers and sites at once", "%s has servers and sites. Exactly one of them says who holds a copy.", d.what())
		return nil
	case servers == nil && sites == nil && !c.lacks("servers", "sites"):
		return nil
	case servers == nil && sites == nil:
		d.report(b.header(), "Missing argument", "%s needs servers or sites%s.", d.what(), automaticHint(automatic))
		return nil
	case servers != nil && automatic != nil:
		d.report(automatic.place(), "Automatic without sites", "automatic of %s goes with sites: automatically with manual prestaging takes sites chosen by hand.", d.what())
		return nil
	case servers != nil:
		return d.assignedServers(servers)
	}
	list, ok := d.words(sites, "site names")
	if ok && len(list) == 0 {
		d.errorf(sites.expr.Range(), "Empty list", "sites of %s is empty: no server would hold the image, and every copy would be deleted. Name at least one site.", d.what())
		ok = false
	}
	auto, autoOK := d.flag(automatic)
	if !ok || automatic != nil && !autoOK {
		return nil
	}
	assignment := &declared.Assignment{Mode: estate.AssignSites, Sites: list, Range: sites.place()}
	if auto {
		assignment.Mode = estate.AssignAutomatic
	}
	return assignment
}

func automaticHint(a *attribute) string {
	if a != nil {
		return "; automatic alone chooses nobody"
	}
	return ""
}

// assignedServers reads servers = "all" or a list.
func (d *decoder) assignedServers(a *attribute) *declared.Assignment {
	if _, written := writtenList(a.expr); !written {
		if v := d.value(a.expr); v.Type().Equals(textType) && !isSecret(v) && !v.IsNull() && v.IsKnown() {
			if v.AsString() == "all" {
				return &declared.Assignment{Mode: estate.AssignAll, Range: a.place()}
			}
			d.errorf(a.expr.Range(), "Wrong type", "servers of %s must be \"all\" or a list of package servers, not the text %q.%s", d.what(), v.AsString(), bracketHint(a.name, v))
			return nil
		}
	}
	list, ok := d.serverRefs(a)
	if !ok {
		return nil
	}
	if len(list) == 0 {
		d.errorf(a.expr.Range(), "Empty list", "servers of %s is empty: no server would hold the image, and every copy would be deleted. Name at least one server.", d.what())
		return nil
	}
	for i := range list {
		d.notTheSMP(&list[i], "among the servers")
		d.notLeaving(&list[i], "among the servers", false)
	}
	return &declared.Assignment{Mode: estate.AssignServers, Servers: list, Range: a.place()}
}
