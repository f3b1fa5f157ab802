package config

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/unc"
)

// contentRoots are the roots as expressions, because they have another value for
// each server.
type contentRoots struct {
	share  bool                  // they name folders on shares
	all    *attribute            // content.root; nil where there is none
	own    map[string]*attribute // of the servers that have their own, by folded label
	status *attribute            // content.status_root; nil where there is none
}

// of is the root for a server.
func (r *contentRoots) of(name, host string) *attribute {
	for _, label := range []string{name, host} {
		if own := r.own[strings.ToLower(label)]; own != nil {
			return own
		}
	}
	return r.all
}

// exampleShare is where a package server keeps its packages unless told otherwise, by
// way of the share that administrators have.
const exampleShare = "//${server.host}/C$/Program Files/Altiris/Altiris Agent/Package Delivery"

// decodeContent reads the content block.
func (d *decoder) decodeContent(b *block) (*declared.Content, contentRoots) {
	d.in = b.name()
	defer func() { d.in = "" }()
	c := d.open(b, contentSpec)
	content := &declared.Content{Range: b.header()}
	if a := d.required(&c, "method"); a != nil {
		content.Method, _ = d.choice(a, "path", "smb", "manifests", "none")
	}
	content.Record, _ = d.word(c.attr("record"))
	if a := c.attr("locations"); a != nil {
		if content.Locations, _ = d.word(a); content.Method != "path" && content.Method != "" {
			d.report(a.place(), "Argument without a meaning", "locations goes with method = \"path\": the other methods do not look at mounted folders.")
		}
	}
	if word, _ := d.choice(c.attr("verify"), "hash", "size"); word == "size" {
		content.Verify = declared.VerifySize
	}
	d.contentLogin(&c, content)
	roots := contentRoots{share: content.Method == "smb", own: map[string]*attribute{}}
	root := c.attr("root")
	switch {
	case root == nil && content.Method == "smb" && c.lacks("root"):
		d.report(b.header(), "Missing argument", "content needs root with method = \"smb\": the folder on a share that holds a server's package folders, for example root = \"%s\".", exampleShare)
	case root == nil && (content.Method == "path" || content.Method == "manifests") && c.lacks("root"):
		d.report(b.header(), "Missing argument", "content needs root with method = %q: where the files are found.", content.Method)
	case root != nil && content.Method == "none":
		d.report(root.place(), "Argument without a meaning", "With method = \"none\" nothing is looked at, so root has no meaning. Take one of them away.")
	}
	if root != nil {
		roots.all = d.checkRoot(root, content.Method)
	}
	d.contentAgent(&c, content, &roots)
	for i := range c.blocks {
		if inner := &c.blocks[i]; inner.kind == "server" {
			d.contentServer(inner, content, &roots)
		}
	}
	return content, roots
}

// contentAgent reads what is about the agent's own files beside the copies.
func (d *decoder) contentAgent(c *content, content *declared.Content, roots *contentRoots) {
	content.DeleteUnusedAfter = declared.DefaultDeleteUnusedAfter
	if t, ok := d.duration(c.attr("delete_unused_after")); ok {
		content.DeleteUnusedAfter = t
	}
	status := c.attr("status_root")
	switch {
	case status == nil:
	case content.Method == "manifests" || content.Method == "none":
		d.report(status.place(), "Argument without a meaning", "With method = %q no server's folders are read from here, so status_root has no meaning. Take it away.", content.Method)
	default:
		roots.status = d.checkRoot(status, content.Method)
	}
}

// contentLogin reads what only shares need: as whom, and at which port.
func (d *decoder) contentLogin(c *content, content *declared.Content) {
	port, login := c.attr("port"), c.only("login")
	content.Port, _ = d.integer(port, 1, 65535)
	if login != nil {
		content.Login = d.decodeLogin(login)
		if content.Login.Method == "basic" {
			d.report(login.header(), "Unknown value", "A share knows no login by method = \"basic\". Leave method out, or choose \"kerberos\" or \"ntlm\".")
		}
	}
	if content.Method == "" || content.Method == "smb" {
		return
	}
	if port != nil {
		d.report(port.place(), "Argument without a meaning", "Only with method = \"smb\" is anything dialled, so port has no meaning here. Take it away.")
	}
	if login != nil {
		d.report(login.header(), "Block without a meaning", "Only with method = \"smb\" does pslan log in to look at copies, so login has no meaning here. Take it away.")
	}
}

// contentServer reads the root of one server.
func (d *decoder) contentServer(b *block, content *declared.Content, roots *contentRoots) {
	d.inside("server "+`"`+b.label()+`"`, func() {
		c := d.open(b, contentServerSpec)
		name, ok := d.label(b)
		a := d.required(&c, "root")
		if !ok {
			return
		}
		key := strings.ToLower(name)
		for _, other := range content.Servers {
			if strings.EqualFold(other.Name, name) {
				d.report(b.header(), "Server given twice", "%s has a root already (%s). Names are the same with and without capitals.", other.Name, linePlace(other.Range))
				return
			}
		}
		content.Servers = append(content.Servers, declared.ContentServer{Name: name, Range: b.header()})
		switch {
		case a == nil:
		case content.Method == "none":
			d.report(b.header(), "Block without a meaning", "With method = \"none\" nothing is looked at, so no server needs a root.")
		default:
			roots.own[key] = d.checkRoot(a, "")
			if content.Method == "smb" && roots.own[key] != nil {
				d.checkShare(a, name, name)
			}
		}
	})
}

// label reads a label that is the name of a thing outside.
func (d *decoder) label(b *block) (string, bool) {
	at := b.typeRange
	if len(b.labelRanges) > 0 {
		at = b.labelRanges[0]
	}
	return d.notEmpty(hcl.StaticExpr(cty.StringVal(b.label()), at), "the label", b.label())
}

// checkRoot looks at a root before a server is known. method is "" where the root is
// that of one server alone.
func (d *decoder) checkRoot(root *attribute, method string) *attribute {
	roots := d.roots
	d.roots |= rootServer
	defer func() { d.roots = roots }()
	if d.check(root.expr) != sound {
		return nil
	}
	if (method == "path" || method == "smb") && !refersToRoot(root.expr, "server") {
		example := "/mnt/${server.host}/Package Delivery"
		if method == "smb" {
			example = exampleShare
		}
		d.errorf(root.expr.Range(), "One root for all servers",
			"%s does not depend on the server, so every server's copies would be looked for in the same folder, and one good copy would be taken for many. Name the server in it: \"%s\". A server that is unlike the others gets a block of its own: server \"PS010\" { root = … }.", root.name, example)
		return nil
	}
	if method == "manifests" && refersToRoot(root.expr, "server") {
		d.errorf(root.expr.Range(), "One folder for all manifests", "The manifests of all servers lie in one folder, so %s cannot depend on the server. Name the folder: \"manifests\".", root.name)
		return nil
	}
	if method == "smb" {
		d.checkShare(root, "PS010", "ps010.contoso.com")
	}
	return root
}

// checkShare looks whether a root has the shape of a folder on a share, if it is a
// text that can be read without knowing the servers. What is computed in another way
// is looked at for each server, when it is known.
func (d *decoder) checkShare(root *attribute, name, host string) {
	switch root.expr.(type) {
	case *hclsyntax.TemplateExpr, *hclsyntax.LiteralValueExpr:
	default:
		return
	}
	sample := newDecoder(d.scope)
	sample.in, sample.part = d.in, d.part
	if text, ok := sample.serverWord(root, name, host); ok {
		d.shareShape(root, name, text)
	}
}

// serverWord evaluates a root for one server.
func (d *decoder) serverWord(root *attribute, name, host string) (string, bool) {
	d.roots = rootsPlain | rootServer
	d.ctx = d.scope.ctx.NewChild()
	d.ctx.Variables = map[string]cty.Value{
		"server": cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal(name), "host": cty.StringVal(host)}),
	}
	return d.word(root)
}

// shareShape tells what is wrong with the name of a folder on a share.
func (d *decoder) shareShape(root *attribute, server, text string) bool {
	_, err := unc.Parse(text)
	if err != nil {
		d.errorf(root.expr.Range(), "Not a folder on a share", "For the server %s, %s is %q, which is no folder on a share: %v. Write it like \"%s\"; backslashes do as well, each written twice.", server, root.name, text, err, exampleShare)
	}
	return err == nil
}

// ContentRoot evaluates the root of one server's package folders, whose name and host
// are given as the platform spells them: that of its own server block in content, else
// content.root. It is "" where there is neither. With method = "smb" it is the name of
// a folder on a share.
func (l *Loaded) ContentRoot(name, host string) (string, diag.Diagnostics) {
	root := l.roots.of(name, host)
	if root == nil {
		return "", nil
	}
	d := newDecoder(l.scope)
	d.in = "content"
	text, ok := d.serverWord(root, name, host)
	if ok && l.roots.share && !d.shareShape(root, name, text) {
		text = ""
	}
	return text, l.finish(d.diags)
}

// HasContentStatus reports whether content.status_root is given.
func (l *Loaded) HasContentStatus() bool { return l.roots.status != nil }

// ContentStatus evaluates content.status_root for one server: the folder that holds
// {GUID}/PackageStatus.xml. It is "" where there is none: then they are looked for
// beside the package folders.
func (l *Loaded) ContentStatus(name, host string) (string, diag.Diagnostics) {
	if l.roots.status == nil {
		return "", nil
	}
	d := newDecoder(l.scope)
	d.in = "content"
	text, ok := d.serverWord(l.roots.status, name, host)
	if ok && l.roots.share && !d.shareShape(l.roots.status, name, text) {
		text = ""
	}
	return text, l.finish(d.diags)
}

func refersToRoot(expr hcl.Expression, root string) bool {
	for _, t := range expr.Variables() {
		if t.RootName() == root {
			return true
		}
	}
	return false
}
