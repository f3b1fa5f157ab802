package config

import (
	"github.com/hashicorp/go-version"

	"pslan/internal/declared"
	"pslan/internal/estate"
)

// decodePslan reads the pslan block; fits is false where these files are for
// another version.
func (d *decoder) decodePslan(b *block, running string, guard *declared.Guard) (fits bool) {
	d.in, d.roots = b.name(), 0
	defer func() { d.in, d.roots = "", rootsPlain }()
	c := d.open(b, pslanSpec)
	if inner := c.only("estate"); inner != nil {
		d.inside("estate", func() {
			c := d.open(inner, estateSpec)
			if a := d.required(&c, "smp"); a != nil {
				guard.Range = a.place()
				guard.SMP, _ = d.word(a)
				d.smp = estate.Fold(guard.SMP)
			}
		})
	}
	a := c.attr("required_version")
	text, ok := d.word(a)
	if !ok {
		return true
	}
	constraints, err := version.NewConstraint(text)
	if err != nil {
		d.errorf(a.expr.Range(), "Not a version constraint", "required_version is %q; it is written like \">= 0.1.0\" or \"~> 1.2\".", text)
		return true
	}
	have, err := version.NewVersion(running)
	if err != nil || constraints.Check(have.Core()) {
		return true
	}
	d.errorf(a.expr.Range(), "Other version of pslan needed", "These files ask for pslan %s, and this is pslan %s. Nothing else in them was looked at.", text, running)
	return false
}

func (d *decoder) decodePreboot(b *block) (declared.Preboot, bool) {
	d.in = b.name()
	defer func() { d.in = "" }()
	c := d.open(b, prebootSpec)
	p := declared.Preboot{Address: estate.BlockAddress("preboot_configuration", b.label(), nil), Range: b.header(), In: b.name()}
	var nameOK, hostOK bool
	if a := d.required(&c, "name"); a != nil {
		p.NameRange = a.place()
		p.Name, nameOK = d.word(a)
	}
	if a := d.required(&c, "connects_to"); a != nil {
		p.ConnectsToRange = a.place()
		p.ConnectsTo, hostOK = d.word(a)
	}
	return p, nameOK && hostOK
}
