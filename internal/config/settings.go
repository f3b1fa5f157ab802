package config

import (
	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hcl/v2"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/wording"
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

// defaultLab is where a lab lies that names no path.
const defaultLab = ".pslan/lab"

// decodeConnection reads a connection block. Arguments are those of its type.
func (d *decoder) decodeConnection(b *block) declared.Connection {
	d.in = b.name()
	defer func() { d.in = "" }()
	conn := declared.Connection{Type: b.label(), Range: b.header()}
	switch conn.Type {
	case "lab":
		c := d.open(b, labSpec)
		conn.Path = defaultLab
		if path, ok := d.word(c.attr("path")); ok {
			conn.Path = path
		}
		conn.Seed, _ = d.word(c.attr("seed"))
		conn.Operator, _ = d.choice(c.attr("operator"), "present", "absent")
		if word, _ := d.choice(c.attr("ownership"), "server", "operator"); word == "operator" {
			conn.Ownership = word
		}
	case "snapshot":
		c := d.open(b, snapshotSpec)
		if a := d.required(&c, "path"); a != nil {
			conn.Path, _ = d.word(a)
		}
	case "smp":
		d.report(conn.Range, "Connection not available",
			"The connection type smp is not available in this version of pslan. To plan for a real installation, record its estate in a file and use connection \"snapshot\" { path = \"estate.json\" }; to rehearse the move, use connection \"lab\" { seed = \"estate.json\" }.")
	default:
		d.errorf(b.labelRanges[0], "Unknown connection type", "There is no connection type %q. The types are lab, snapshot and smp.%s", conn.Type, wording.DidYouMean(conn.Type, []string{"lab", "snapshot", "smp"}))
	}
	return conn
}

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
