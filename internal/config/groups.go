package config

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"pslan/internal/declared"
	"pslan/internal/estate"
)

var textType = cty.String

// usesEach reports whether anything in a body refers to each, some arguments aside.
func (c *content) usesEach(without ...string) bool {
	if c.native != nil {
		for name, a := range c.native.Attributes {
			if !slices.Contains(without, name) && refersToEach(a.Expr) {
				return true
			}
		}
		return slices.ContainsFunc(c.native.Blocks, func(b *hclsyntax.Block) bool { return bodyUsesEach(b.Body) })
	}
	return true // not worth finding out
}

func bodyUsesEach(body *hclsyntax.Body) bool {
	for _, a := range body.Attributes {
		if refersToEach(a.Expr) {
			return true
		}
	}
	return slices.ContainsFunc(body.Blocks, func(b *hclsyntax.Block) bool { return bodyUsesEach(b.Body) })
}

func refersToEach(expr hcl.Expression) bool {
	return slices.ContainsFunc(expr.Variables(), func(t hcl.Traversal) bool { return t.RootName() == "each" })
}

func (d *decoder) decodeGroup(b *block, into *harvest) {
	header, name := b.header(), b.name()
	var shared sharedAttrs
	d.forInstances(b, groupSpec, func(c *content, in instance) {
		g := declared.Group{Address: estate.BlockAddress("images", b.label(), in.key), Range: header, In: name}
		g.Attrs = d.attrs(c, &shared)
		match := c.only("match")
		if match == nil && !c.lacks("match") {
			return
		}
		if match == nil {
			d.report(header, "Missing block", "%s needs a match block that says which images it means.", d.what())
			return
		}
		ok := false
		d.inside("match", func() { g.Match, ok = d.match(match) })
		if except := c.only("except"); except != nil {
			d.inside("except", func() {
				m, good := d.match(except)
				g.Except, ok = &m, ok && good
			})
		}
		if g.Match.Owner != nil && g.Owner != nil {
			d.report(g.Match.Owner.Range, "Group selects by the owner that it sets",
				"%s selects images by their owner and sets another owner (%s): once they have it, they are selected no more, and the next plan knows nothing of them. To empty a server, give its package_server block a lifecycle and successors.",
				d.what(), linePlace(g.Owner.Range))
			ok = false
		}
		if ok && !in.unknown {
			into.groups = append(into.groups, g)
		}
	})
}

// match reads a match or except block.
func (d *decoder) match(b *block) (declared.Match, bool) {
	m := declared.Match{Range: b.header()}
	errors := len(d.diags)
	c := d.open(b, matchSpec)
	given := 0
	if a := c.attr("name"); a != nil {
		given++
		m.Names, _ = d.words(a, "name patterns")
		d.notNone(a, m.Names == nil, len(m.Names))
	}
	if a := c.attr("kind"); a != nil {
		given++
		if word, ok := d.choice(a, "image", "pct", "backup"); ok {
			m.Kind, m.KindSet = map[string]estate.Kind{"image": estate.KindImage, "pct": estate.KindPCT, "backup": estate.KindBackup}[word], true
		}
	}
	if a := c.attr("package"); a != nil {
		given++
		texts, ok := d.words(a, "GUIDs")
		for _, text := range texts {
			if g, good := d.parseGUID(a.expr, a.name, text); good && !slices.Contains(m.Packages, g) {
				m.Packages = append(m.Packages, g)
			}
		}
		d.notNone(a, !ok, len(texts))
	}
	if a := c.attr("owner"); a != nil {
		given++
		m.Owner = d.serverRef(a)
	}
	if given == 0 && c.lacks(matchSpec.attrs...) {
		d.report(m.Range, "Nothing to select by", "%s needs at least one of name, kind, package and owner.", d.what())
	}
	return m, len(d.diags) == errors
}

// notNone refuses an empty list in a match: it would match nothing.
func (d *decoder) notNone(a *attribute, absent bool, n int) {
	if !absent && n == 0 {
		d.errorf(a.expr.Range(), "Empty list", "%s of %s is empty, so nothing matches. Leave it out, or name something.", a.name, d.what())
	}
}
