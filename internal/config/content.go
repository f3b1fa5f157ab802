package config

import (
	"github.com/hashicorp/hcl/v2"

	"pslan/internal/declared"
)

// decodeContent reads the content block. root is kept as an expression, because it
// has another value for each server.
func (d *decoder) decodeContent(b *block) (*declared.Content, *attribute) {
	d.in = b.name()
	defer func() { d.in = "" }()
	c := d.open(b, contentSpec)
	content := &declared.Content{Range: b.header()}
	if a := d.required(&c, "method"); a != nil {
		content.Method, _ = d.choice(a, "path", "smb", "manifests", "none")
	}
	content.Record, _ = d.word(c.attr("record"))
	if word, _ := d.choice(c.attr("verify"), "hash", "size"); word == "size" {
		content.Verify = declared.VerifySize
	}
	if inner := c.only("login"); inner != nil {
		content.Login = d.decodeLogin(inner)
	}
	root := c.attr("root")
	switch {
	case root == nil && (content.Method == "path" || content.Method == "manifests"):
		d.report(b.header(), "Missing argument", "content needs root with method = %q: where the files are found.", content.Method)
	case root != nil && content.Method == "none":
		d.report(root.place(), "Argument without a meaning", "With method = \"none\" nothing is looked at, so root has no meaning. Take one of them away.")
	}
	if root == nil {
		return content, nil
	}
	return content, d.checkRoot(root, content.Method)
}

// checkRoot looks at content.root before a server is known.
func (d *decoder) checkRoot(root *attribute, method string) *attribute {
	roots := d.roots
	d.roots |= rootServer
	defer func() { d.roots = roots }()
	if d.check(root.expr) != sound {
		return nil
	}
	if method == "path" && !refersToRoot(root.expr, "server") {
		d.errorf(root.expr.Range(), "One root for all servers",
			"root does not depend on the server, so every server's copies would be looked for in the same folder, and one good copy would be taken for many. Name the server in it: \"/mnt/${server.host}/Package Delivery\".")
		return nil
	}
	return root
}

func refersToRoot(expr hcl.Expression, root string) bool {
	for _, t := range expr.Variables() {
		if t.RootName() == root {
			return true
		}
	}
	return false
}
