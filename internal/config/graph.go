package config

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"pslan/internal/diag"
)

// local is one value of a locals block.
type local struct {
	name  string
	attr  attribute
	state state
	value cty.Value
}

// state of a node of the graph.
type state uint8

const (
	untouched state = iota
	underWay
	finished
)

// graph evaluates what can refer to each other in any order: locals, and the host,
// sites, lifecycle and for_each of package_server blocks. Successors do not count:
// they name servers and use nothing of them, so they may go round in circles.
type graph struct {
	*decoder
	root *hcl.EvalContext // var and functions
	path []string         // the nodes under way
}

// evaluateGraph gives every local and package_server its value.
func evaluateGraph(s *scope, root *hcl.EvalContext) diag.Diagnostics {
	g := &graph{decoder: newDecoder(s), root: root}
	for _, name := range sortedNames(s.locals) {
		g.local(s.locals[name])
	}
	for _, name := range sortedNames(s.servers) {
		g.server(s.servers[name])
	}
	return g.diags
}

func (g *graph) local(l *local) {
	if l.state != untouched {
		return
	}
	l.state, l.value = underWay, cty.DynamicVal
	g.path = append(g.path, "local."+l.name)
	if g.prepare("", l.attr.expr) {
		g.in, g.part = "locals", ""
		l.value = g.value(l.attr.expr)
	}
	g.path = g.path[:len(g.path)-1]
	l.state = finished
}

func (g *graph) server(b *serverBlock) {
	if b.state != untouched {
		return
	}
	b.state, b.value = underWay, cty.DynamicVal
	g.path = append(g.path, "package_server."+b.block.label())
	outer := *g.decoder
	if g.prepare(b.block.name(), b.dependsOn()...) {
		g.decoder.decodeServer(b)
	}
	g.in, g.part = outer.in, outer.part
	g.path = g.path[:len(g.path)-1]
	b.state = finished
}

// prepare evaluates everything that some expressions refer to and sets the context
// to evaluate them in. It is false where they lead back to a node under way.
func (g *graph) prepare(in string, exprs ...hcl.Expression) bool {
	locals, servers := map[string]cty.Value{}, map[string]cty.Value{}
	for _, expr := range exprs {
		for _, t := range expr.Variables() {
			name, ok := secondName(t)
			if !ok {
				continue
			}
			var again bool
			switch t.RootName() {
			case "local":
				if l := g.locals[name]; l != nil {
					again = l.state == underWay
					g.local(l)
					locals[name] = l.value
				}
			case "package_server":
				if b := g.servers[name]; b != nil {
					again = b.state == underWay
					g.server(b)
					servers[name] = b.value
				}
			}
			if again {
				g.cycle(in, t, t.RootName()+"."+name)
				return false
			}
		}
	}
	g.ctx = g.root.NewChild()
	g.ctx.Variables = map[string]cty.Value{"local": cty.ObjectVal(locals), "package_server": cty.ObjectVal(servers)}
	return true
}

func secondName(t hcl.Traversal) (string, bool) {
	if len(t) < 2 {
		return "", false
	}
	step, ok := t[1].(hcl.TraverseAttr)
	return step.Name, ok
}

// cycle reports a circle of references with all its members.
func (g *graph) cycle(in string, t hcl.Traversal, back string) {
	members := g.path[slices.Index(g.path, back):]
	g.in = in
	if len(members) == 1 {
		g.errorf(t.SourceRange(), "Reference to itself", "%s refers to itself, so it can have no value.", back)
		return
	}
	g.errorf(t.SourceRange(), "Circle of references", "These refer to each other in a circle, so none can have a value: %s -> %s.", strings.Join(members, " -> "), back)
}
