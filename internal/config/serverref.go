package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
)

// serverRef reads a package server: a reference to a block, or a host as text.
func (d *decoder) serverRef(a *attribute) *declared.ServerRef {
	if a == nil {
		return nil
	}
	ref, ok := d.oneServer(a, element{expr: a.expr})
	if !ok {
		return nil
	}
	ref.Range = a.place()
	return &ref
}

// oneServer reads a package server. Its range is that of the expression.
func (d *decoder) oneServer(a *attribute, e element) (declared.ServerRef, bool) {
	v := e.value
	if v == cty.NilVal {
		if s, ok := d.plainReference(e.expr); ok {
			return declared.ServerRef{Host: s.Host, Label: string(s.Address), Range: place(e.expr.Range())}, true
		}
		v = d.value(e.expr)
	}
	ref := declared.ServerRef{Range: place(e.expr.Range())}
	switch t := v.Type(); {
	case isSecret(v):
		d.refuseSecret(e.expr, a.name)
		return ref, false
	case v.IsNull():
		if a.required || e.value != cty.NilVal {
			d.errorf(e.expr.Range(), "Null where a value is needed", "%s of %s is null; it must be a package server.", a.name, d.what())
		}
		return ref, false
	case !v.IsKnown():
		return ref, false
	case t == cty.String:
		host, ok := d.notEmpty(e.expr, a.name, v.AsString())
		ref.Host = host
		return ref, ok
	case t.IsObjectType():
		return d.referredServer(a, e.expr, v, ref)
	}
	d.errorf(e.expr.Range(), "Wrong type", "%s of %s must be a package server: package_server.NAME, or a host as text; not %s.", a.name, d.what(), typeWords(v.Type()))
	return ref, false
}

// referredServer reads the value of a package_server reference.
func (d *decoder) referredServer(a *attribute, expr hcl.Expression, v cty.Value, ref declared.ServerRef) (declared.ServerRef, bool) {
	if v.Type().HasAttribute("address") {
		if address := v.GetAttr("address"); address.Type() == cty.String && address.IsKnown() && !address.IsNull() {
			if s := d.byAddress[estate.Address(address.AsString())]; s != nil {
				ref.Host, ref.Label = s.Host, string(s.Address)
				return ref, true
			}
		}
	}
	detail := "an object that is none was given."
	if t, ok := expr.(*hclsyntax.ScopeTraversalExpr); ok && t.Traversal.RootName() == "package_server" && len(t.Traversal) == 2 {
		name := t.Traversal[1].(hcl.TraverseAttr).Name
		detail = "package_server." + name + " has for_each, so there are several: choose one, package_server." + name + "[\"KEY\"]."
	}
	d.errorf(expr.Range(), "Not one package server", "%s of %s must be one package server; %s", a.name, d.what(), detail)
	return ref, false
}

// plainReference resolves package_server.NAME and package_server.NAME["KEY"]
// without evaluating anything.
func (d *decoder) plainReference(expr hcl.Expression) (*declared.PackageServer, bool) {
	t, ok := expr.(*hclsyntax.ScopeTraversalExpr)
	if !ok || len(t.Traversal) < 2 || len(t.Traversal) > 3 || t.Traversal.RootName() != "package_server" || d.roots&rootServers == 0 {
		return nil, false
	}
	step, ok := t.Traversal[1].(hcl.TraverseAttr)
	if !ok {
		return nil, false
	}
	b := d.servers[step.Name]
	if b == nil || !b.ready {
		return nil, false
	}
	if len(t.Traversal) == 2 {
		return b.single, b.single != nil
	}
	index, ok := t.Traversal[2].(hcl.TraverseIndex)
	if !ok || b.single != nil || index.Key.Type() != cty.String {
		return nil, false
	}
	s := b.byKey[index.Key.AsString()]
	return s, s != nil
}

// serverRefs reads a list of package servers, without repetitions.
func (d *decoder) serverRefs(a *attribute) (list []declared.ServerRef, ok bool) {
	if a == nil {
		return nil, false
	}
	elements, ok := d.elements(a, "package servers")
	if !ok {
		return nil, false
	}
	list = make([]declared.ServerRef, 0, len(elements))
	one := attribute{name: a.name, nameRange: a.nameRange, required: true}
	for _, e := range elements {
		one.expr = e.expr
		ref, good := d.oneServer(&one, e)
		if !good {
			ok = false
		} else {
			list = append(list, ref)
		}
	}
	return withoutRepetitions(list), ok
}

// withoutRepetitions leaves out servers that stand in a list already.
func withoutRepetitions(list []declared.ServerRef) []declared.ServerRef {
	const few = 12
	if len(list) <= few {
		kept := list[:0]
		for i := range list {
			if !slices.ContainsFunc(kept, func(have declared.ServerRef) bool { return sameServer(&have, &list[i]) }) {
				kept = append(kept, list[i])
			}
		}
		return kept
	}
	type key struct{ label, host string }
	seen := make(map[key]bool, len(list))
	return slices.DeleteFunc(list, func(ref declared.ServerRef) bool {
		k := key{label: ref.Label}
		if ref.Label == "" || ref.Host != "" {
			k = key{host: estate.Fold(ref.Host)}
		}
		again := seen[k]
		seen[k] = true
		return again
	})
}

func sameServer(a, b *declared.ServerRef) bool {
	if a.Label != "" && b.Label != "" {
		return a.Label == b.Label
	}
	return strings.EqualFold(a.Host, b.Host)
}

// notLeaving refuses a package server that is draining or retired (or only a
// retired one) where the declaration would give it something.
func (d *decoder) notLeaving(ref *declared.ServerRef, as string, drainingToo bool) {
	s := d.declaredServer(ref)
	if s == nil || s.Lifecycle == declared.Active || s.Lifecycle == declared.Draining && !drainingToo {
		return
	}
	d.report(ref.Range, "Package server is leaving", "%s is declared %s (%s), so it cannot be %s of %s. Name a server that stays.",
		s.Address, s.Lifecycle, linePlace(s.LifecycleRange), as, d.what())
}

// declaredServer finds the block of a reference, or of a host that is written
// exactly as in a block. Other spellings of a host are known to the platform only.
func (d *decoder) declaredServer(ref *declared.ServerRef) *declared.PackageServer {
	if ref.Label != "" {
		return d.byAddress[estate.Address(ref.Label)]
	}
	return d.byHost[estate.Fold(ref.Host)]
}

// notTheSMP refuses the SMP as a package server.
func (d *decoder) notTheSMP(ref *declared.ServerRef, as string) {
	if host := estate.Fold(ref.Host); ref.Label == "" && host != "" && (host == d.smp || host == "smp") {
		d.report(ref.Range, "The SMP is not a package server",
			"%q cannot be %s of %s: moving an image between the SMP and a package server has no interface. %s", ref.Host, as, d.what(), smpWays)
	}
}

const smpWays = "To keep an image on the SMP, declare its location alone; to bring it to a package server, import its files there by hand, which makes a new image with a new GUID."

// linePlace is a place for the middle of a sentence.
func linePlace(r diag.Range) string {
	return fmt.Sprintf("%s line %d", r.Filename, r.Start.Line)
}
