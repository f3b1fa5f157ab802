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
	accessDenied = "/Altiris/NS/access_denied.aspx" // D: where those go who may not use the console
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

// itemPage answers the page that writes one item. Whoever may not use it is sent to the
// console's own page for that.
func (s *Server) itemPage(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query().Get("ItemGuid")
	told := Call{At: s.lab.Now(), Service: itemPageName, Method: itemPageName, Protocol: strings.ToLower(r.Method), User: userOf(r),
		Args: []Arg{{"ItemGuid", asked}}, Status: http.StatusOK}
	defer func() { s.keep(told) }()
	no := func(status int, why string) {
		told.Status, told.Error = status, why
		page(w, status, errorPage(why))
	}
	switch {
	case s.dialect.ItemPage == "off":
		no(http.StatusNotFound, "404 - File or directory not found.")
		return
	case slices.Contains(s.dialect.Denied, itemPageName) || slices.Contains(s.dialect.Denied, "*"):
		told.Status, told.Error = http.StatusFound, "no rights"
		w.Header().Set("Location", accessDenied)
		w.WriteHeader(http.StatusFound)
		return
	case r.Method != http.MethodGet:
		no(http.StatusMethodNotAllowed, "The verb is not allowed.")
		return
	}
	c := &call{server: s, ctx: r.Context(), user: userOf(r), args: map[string]arg{"ItemGuid": {text: asked}}}
	it, err := c.item("ItemGuid")
	text := ""
	if err == nil {
		text, err = c.exported(it)
	}
	if err != nil {
		no(http.StatusInternalServerError, s.refusal(err).message)
		return
	}
	kind := "text/xml; charset=utf-8"
	if s.dialect.ItemPage == "html type" {
		kind = "text/html; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write([]byte(xmlHeader + text)) // whoever asked may be gone
}
