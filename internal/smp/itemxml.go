package smp

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/sync/errgroup"

	"pslan/internal/estate"
	"pslan/internal/smp/wire"
)

// item is the XML of an item. That its root is item, with guid and classGuid, is C; what
// is in it follows the class, and is N for images and packages.
type item struct {
	text string
	root *wire.Node // nil: there is none, or it cannot be read
	why  string     // there is none
}

// itemLimits are of the XML of one item.
var itemLimits = wire.Limits{Bytes: 8 << 20, Elements: 200_000}

// item exports an item (C, H ExportItemXmlString). Where the method is refused or is not
// there, and the connection says so, the page that shows an item's XML is read (C).
// That nobody tells it is no error.
func (p *Platform) item(ctx context.Context, g estate.GUID, name string) (item, error) {
	node, err := p.services.Call(ctx, wire.Call{Service: itemService, Method: "ExportItemXmlString", Object: name,
		Params: []wire.Param{{Name: "itemGuid", Value: g.String()}}})
	k, told := kindOf(err)
	switch {
	case err == nil:
		it := item{text: node.Text}
		if strings.TrimSpace(it.text) == "" {
			it.why = "the method returned nothing"
		} else if it.root, err = wire.ParseXML(it.text, itemLimits); err != nil {
			it.root = nil // its text may still name what is looked for
		}
		return it, nil
	case told && p.set.Packages.ItemPage && slices.Contains([]wire.Kind{wire.KindNoMethod, wire.KindNotInstalled, wire.KindRights, wire.KindLicence}, k):
		return p.itemPage(ctx, g, name)
	}
	if err := unlessUntold(readError("export the item of", name, err)); err != nil {
		return item{}, err
	}
	return item{why: "ExportItemXmlString: " + k.String()}, nil
}

// itemPageName is the page of the console that writes an item as XML (C, a public
// article on listing software). That it takes the login of the services is I.
const itemPageName = "ItemAsXml.aspx"

func (p *Platform) itemPage(ctx context.Context, g estate.GUID, name string) (item, error) {
	root, err := p.services.Page(ctx, wire.Page{Name: itemPageName, Path: "/Altiris/NS/" + itemPageName, Query: url.Values{"ItemGuid": {g.String()}}, Object: name})
	k, _ := kindOf(err)
	switch {
	case err != nil && k == wire.KindLogin: // who may not use the page is sent away (D), and is let in elsewhere
		return item{why: itemPageName + ": " + k.String()}, nil
	case err != nil:
		if err := unlessUntold(readError("read the page of the item of", name, err)); err != nil {
			return item{}, err
		}
		return item{why: itemPageName + ": " + k.String()}, nil
	}
	it := item{text: dump(root), root: root}
	if !slices.Contains(guidsOf(it.text), g) {
		return item{why: itemPageName + " shows another item"}, nil
	}
	return it, nil
}

// texts are the contents of the elements and attributes of a name.
func (it *item) texts(name string) (out []string) {
	it.root.Walk(func(n *wire.Node) bool {
		for _, a := range n.Attrs {
			if strings.EqualFold(a.Name, name) {
				out = append(out, a.Value)
			}
		}
		if strings.EqualFold(n.Name, name) {
			n.Walk(func(inner *wire.Node) bool { // all that is in it
				out = append(out, inner.Text)
				for _, a := range inner.Attrs {
					out = append(out, a.Value)
				}
				return true
			})
		}
		return true
	})
	return out
}

// location is the one folder on a share that the elements and attributes of a name hold;
// "" for none, and for several.
func (it *item) location(name string) string {
	found := ""
	for _, text := range it.texts(name) {
		text = strings.TrimSpace(text)
		switch {
		case host(text) == "" || estate.Fold(text) == estate.Fold(found):
		case found != "":
			return ""
		default:
			found = text
		}
	}
	return found
}

// named are the package servers, and the SMP, that the elements and attributes of a name
// name, by GUID or by whole host name, each once.
func (it *item) named(name string, dir *directory, hosts map[string]estate.ServerID) (ids []estate.ServerID) {
	found := func(id estate.ServerID) {
		if id != estate.NoServer && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, text := range it.texts(name) {
		list := guidsOf(text)
		if len(list) >= maxGUIDs {
			return nil // there may be more
		}
		for _, g := range list {
			found(dir.find(g.String()))
		}
		for _, word := range strings.FieldsFunc(text, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".-_", r)
		}) {
			if id, known := hosts[plainHost(word)]; known {
				found(id)
			}
		}
	}
	return ids
}

// wholeHosts are the hosts of package servers and the names of the SMP, as they are
// listed. A package server goes before an SMP of the same name; a name that several
// servers have is none.
func (r *reading) wholeHosts() map[string]estate.ServerID {
	out := map[string]estate.ServerID{}
	for _, name := range append([]string{r.e.SMP.Name}, r.p.set.AlsoCalled...) {
		if name = plainHost(name); name != "" {
			out[name] = estate.SMP
		}
	}
	for id, name := range r.dir.hosts {
		name = plainHost(name)
		if have, twice := out[name]; twice && have != estate.SMP {
			out[name] = estate.NoServer
		} else if name != "" {
			out[name] = estate.ServerID(id)
		}
	}
	return out
}

const fromExport = "export"

// exportOwners asks the XML of each package for its owner, where the connection names
// the field. No field is documented (N), so it is read strictly: it claims only where
// exactly one package server, or the SMP, is named in it.
func (r *reading) exportOwners(ctx context.Context) error {
	field := r.p.set.Owner.ExportField
	if field == "" || !r.asksOwner(fromExport) {
		return nil
	}
	hosts := r.wholeHosts()
	ids, why := make([][]estate.ServerID, len(r.found)), make([]string, len(r.found))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.p.limit())
	for i := range r.found {
		c := &r.found[i]
		if c.Package.IsZero() {
			continue
		}
		g.Go(func() error {
			it, err := r.p.item(ctx, c.Package, c.Name)
			switch {
			case err != nil:
				return err
			case it.root == nil && it.why == "":
				it.why = "its XML cannot be read"
			}
			ids[i], why[i] = it.named(field, r.dir, hosts), it.why
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i := range r.found {
		c := &r.found[i]
		switch {
		case c.Package.IsZero():
		case len(ids[i]) == 1:
			r.claims[i] = append(r.claims[i], claim{fromExport, r.e.ServerName(ids[i][0]), ids[i][0]})
		case why[i] != "":
			r.notes.add(noteExport, c.Name, "%s", why[i])
		case len(ids[i]) == 0:
			r.notes.add(noteExport, c.Name, "no known server in %s", field)
		default:
			r.notes.add(noteExport, c.Name, "%d servers in %s", len(ids[i]), field)
		}
	}
	return nil
}
