package serve

import (
	"net/http"
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

// The XML of items: the method ExportItemXmlString and the page ItemAsXml.aspx write
// the same (I).
const (
	itemPagePath = "/altiris/ns/itemasxml.aspx" // C; IIS knows no case
	itemPageName = "ItemAsXml.aspx"
)

// exported writes an item: that the root is item, with guid and classGuid, is C; what is
// in it follows the class and is not known (N).
func (c *call) exported(it *item) (string, error) {
	var b writer
	b.start("item", "guid", c.server.guidText(it.guid), "classGuid", c.server.guidText(derived("class", it.kind)))
	b.leaf("name", it.name)
	err := c.server.lab.Inspect(c.ctx, "read an item", func(w *world.World) error {
		if it.image < 0 {
			return nil
		}
		img := &w.Images[it.image]
		switch {
		case it.isPackage:
			b.start("package", "location", img.Location)
			c.server.exportedOwner(&b, w, img)
			b.end("package")
		case img.Package.IsZero():
			b.leaf("location", img.Location)
		default:
			b.leaf("location", img.Location)
			b.leaf("packageGuid", c.server.guidText(img.Package))
		}
		return nil
	})
	b.end("item")
	return b.String(), err
}

// exportedOwner writes who owns a package, as the dialect has it. Whether a platform
// does so is not known (N).
func (s *Server) exportedOwner(b *writer, w *world.World, img *world.Image) {
	owner, host := s.ids.smp, w.SMP.Name
	if img.Owner.IsServer() {
		owner, host = s.ids.servers[img.Owner], w.Servers[img.Owner].Host
	}
	switch {
	case s.dialect.ItemOwner == "none" || img.Owner == estate.NoServer:
	case s.dialect.ItemOwner == "host":
		b.leaf("owner", "http://"+host+"/Altiris/PS")
	case s.dialect.ItemOwner == "several" && len(s.ids.servers) > 1:
		other := s.ids.servers[0]
		if other == owner {
			other = s.ids.servers[1]
		}
		b.leaf("owner", s.guidList([]estate.GUID{owner, other}))
	default:
		b.empty("owner", "guid", s.guidText(owner))
	}
}

// itemPage answers the page that writes one item.
func (s *Server) itemPage(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query().Get("ItemGuid")
	told := Call{At: s.lab.Now(), Service: itemPageName, Method: itemPageName, Protocol: strings.ToLower(r.Method), User: userOf(r), Args: []Arg{{"ItemGuid", asked}}}
	defer func() { s.keep(told) }()
	v := &variant{name: itemPageName, method: &method{name: itemPageName}}
	t := s.trouble(v, s.drawsFor(&endpoint{service: &service{name: itemPageName}}, v))
	if t != nil {
		told.Trouble = t.Kind
		if t.before(w, r) {
			return
		}
	}
	out := answer{w: w, status: http.StatusOK}
	told.Error = s.writeItemPage(&out, r, asked, t)
	told.Status = out.status
	if t != nil && t.Kind == TroubleReset {
		told.Status = 0
		cut()
	}
	out.send(t, r)
}

// writeItemPage writes the page, or says why not. Whoever may not use it is sent to the
// console's own page for that.
func (s *Server) writeItemPage(w http.ResponseWriter, r *http.Request, asked string, t *Trouble) (why string) {
	no := func(status int, why string) string {
		page(w, status, errorPage(why))
		return why
	}
	switch {
	case s.dialect.ItemPage == "off":
		return no(http.StatusNotFound, "404 - File or directory not found.")
	case slices.Contains(s.dialect.Denied, itemPageName) || slices.Contains(s.dialect.Denied, "*"):
		w.Header().Set("Location", deniedPath)
		w.WriteHeader(http.StatusFound)
		return "no rights"
	case r.Method != http.MethodGet:
		return no(http.StatusMethodNotAllowed, "The verb is not allowed.")
	case t != nil && t.Kind == TroubleFail:
		return no(http.StatusInternalServerError, "Something went wrong inside.")
	}
	c := &call{server: s, ctx: r.Context(), user: userOf(r), args: map[string]arg{"ItemGuid": {text: asked}}}
	err := s.pace.notice(c.ctx, itemPageName+asked, false)
	text := ""
	if err == nil {
		var it *item
		if it, err = c.item("ItemGuid"); err == nil {
			text, err = c.exported(it)
		}
	}
	if err != nil {
		return no(http.StatusInternalServerError, s.refusal(err).message)
	}
	kind := "text/xml; charset=utf-8"
	if s.dialect.ItemPage == "html type" {
		kind = "text/html; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write([]byte(xmlHeader + text)) // it is held back until it is sent
	return ""
}
