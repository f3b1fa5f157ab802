package config

import (
	"slices"
	"strings"
	"unicode"

	"pslan/internal/declared"
)

// What connection "smp" reads where its better sources are missing. Every part has to be
// asked for: the GUIDs and names are those of one platform.

var (
	smpModelSpec   = &bodySpec{attrs: []string{"image_type", "pct_type", "location_field", "association", "package_type", "packages_are"}}
	smpServersSpec = &bodySpec{attrs: []string{"guids", "domains"}}
)

// xmlName reads the name of an element or attribute. A wrong one is told and kept.
func (d *decoder) xmlName(a *attribute) string {
	s, ok := d.word(a)
	if !ok {
		return ""
	}
	inside := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_.-", r) }
	if first := []rune(s)[0]; !unicode.IsLetter(first) && first != '_' || strings.ContainsFunc(s, func(r rune) bool { return !inside(r) }) {
		d.errorf(a.expr.Range(), "Not a name in XML", "%s of %s is %q; it is the name of one element or attribute, without a prefix and without a path.", a.name, d.what(), s)
	}
	return s
}

func (d *decoder) smpModel(b *block) *declared.SMPModel {
	c := d.open(b, smpModelSpec)
	m := &declared.SMPModel{Range: b.header()}
	image, pct, field := c.attr("image_type"), c.attr("pct_type"), c.attr("location_field")
	association, kind, are := c.attr("association"), c.attr("package_type"), c.attr("packages_are")
	m.ImageType, _ = d.guid(image)
	m.PCTType, _ = d.guid(pct)
	m.LocationField = d.xmlName(field)
	m.Association, _ = d.guid(association)
	m.PackageType, _ = d.guid(kind)
	m.PackagesAre, _ = d.choice(are, "children", "parents")
	needs := func(a, of *attribute, name, why string) {
		if a != nil && of == nil && c.lacks(name) {
			d.report(a.place(), "Missing argument", "%s of %s needs %s as well: %s.", a.name, d.what(), name, why)
		}
	}
	needs(pct, image, "image_type", "where the deployment service lists no PCT packages it lists no images either")
	needs(field, image, "image_type", "only images that the resource model lists are without a location")
	needs(association, kind, "package_type", "the platform is asked for the associated resources of a type")
	needs(kind, association, "association", "the type is that of the packages which an association leads to")
	needs(are, association, "association", "it says what packages are to images in that association")
	if image == nil && association == nil && pct == nil && field == nil && kind == nil && are == nil && c.lacks("image_type", "association") {
		d.report(b.header(), "Missing argument", "%s needs image_type, to list images where the deployment service does not, or association, to find their packages. pslan doctor lists the GUIDs that may be meant.", d.what())
	}
	return m
}

func (d *decoder) smpServers(b *block, s *declared.SMPServers) {
	c := d.open(b, smpServersSpec)
	s.Range = b.header()
	if a := d.required(&c, "guids"); a != nil {
		s.GUIDs, _ = d.choice(a, "rows", "lookup")
	}
	if a := c.attr("domains"); a != nil {
		if s.Domains, _ = d.words(a, "names of domains"); s.GUIDs == "rows" {
			d.report(a.place(), "Argument without a meaning", "domains of %s goes with guids = \"lookup\": they are where hosts are looked up.", d.what())
		}
	}
}

// smpFallbacks holds the lists of sources against what tells them.
func (d *decoder) smpFallbacks(smp *declared.SMP) {
	owner, packages, model := &smp.Owner, &smp.Packages, smp.Model
	byExport := slices.Contains(owner.Sources, "export")
	switch {
	case byExport && owner.ExportField == "":
		d.report(owner.Range, "Missing argument", "sources of owner in %s names \"export\", which needs export_field: the element or attribute of a package's XML that names its owner. No such field is documented; pslan doctor -bundle shows what is in the XML.", d.in)
	case owner.ExportField != "" && len(owner.Sources) > 0 && !byExport:
		d.report(owner.Range, "Argument without a meaning", "export_field of owner in %s goes with the source \"export\", which sources leaves out.", d.in)
	}
	byAssociation := slices.Contains(packages.Links, "associations")
	associates := model != nil && !model.Association.IsZero()
	switch {
	case byAssociation && !associates && (model == nil || model.PackageType.IsZero()): // else it is told already what is missing
		d.report(packages.Range, "Missing block", "links of packages in %s names \"associations\", which needs resource_model { association = …, package_type = … }. The GUIDs are not publicly documented; pslan doctor lists those that may be meant.", d.in)
	case associates && len(packages.Links) > 0 && !byAssociation:
		d.report(model.Range, "Argument without a meaning", "association of resource_model in %s goes with the link \"associations\", which links of packages leaves out.", d.in)
	}
	if model != nil && !model.ImageType.IsZero() && slices.ContainsFunc(smp.Rows, func(r declared.SMPRows) bool { return r.Kind == declared.RowsImages }) {
		d.report(model.Range, "Argument without a meaning", "image_type of resource_model in %s lists images where the deployment service does not, and rows %q list them already.", d.in, declared.RowsImages)
	}
	exports := len(packages.Links) == 0 || slices.Contains(packages.Links, "export") || owner.ExportField != "" || model != nil && model.LocationField != ""
	if packages.ItemPage && !exports {
		d.report(packages.Range, "Argument without a meaning", "item_page of packages in %s is another way to the XML of items, and nothing asks for any: links leave out \"export\".", d.in)
	}
}
