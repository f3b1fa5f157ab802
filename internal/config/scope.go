package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/wording"
)

// scope is what expressions can refer to. After the first half of a Load it is
// read-only, and the decoders of the second half share it.
type scope struct {
	dir       string
	functions map[string]function.Function
	variables map[string]*variable
	locals    map[string]*local
	servers   map[string]*serverBlock
	byAddress map[estate.Address]*declared.PackageServer
	byHost    map[string]*declared.PackageServer // by the folded host as the block gives it
	// ctx holds var, local and package_server whole, once all are known.
	ctx *hcl.EvalContext
	// incomplete: a file could not be read, so that a name that is not found may well
	// be declared there. Such names are unknown, silently.
	incomplete bool
	floors     map[finding.Code]finding.Severity
	codes      []string // sorted
	smp        string   // the guard, folded; "" where there is none
}

// roots are the words that a reference may begin with in some place.
type roots uint8

const (
	rootVar roots = 1 << iota
	rootLocal
	rootServers // package_server
	rootEach
	rootCurrent
	rootServer // server, in content.root
	rootsPlain = rootVar | rootLocal | rootServers
)

var rootNames = map[string]roots{
	"var": rootVar, "local": rootLocal, "package_server": rootServers,
	"each": rootEach, "current": rootCurrent, "server": rootServer,
}

// standing is what can be said of an expression before it is evaluated.
type standing uint8

const (
	sound  standing = iota
	absent          // it refers to something whose declaration could not be read: its value is unknown
	wrong           // it refers to something that does not exist; that was reported
)

// check looks at every reference of an expression.
func (d *decoder) check(expr hcl.Expression) standing {
	result := sound
	for _, t := range expr.Variables() {
		result = max(result, d.checkReference(t))
	}
	return result
}

func (d *decoder) checkReference(t hcl.Traversal) standing {
	name := t.RootName()
	root, known := rootNames[name]
	switch {
	case !known:
		return d.unknownRoot(t)
	case root&d.roots == 0:
		return d.misplacedRoot(t, root)
	case root == rootCurrent && len(t) == 1 || root == rootServer && len(t) == 1:
		return sound
	case len(t) == 1:
		d.errorf(t.SourceRange(), "Reference without a name", "%q alone is no value. Name what is meant: %s.NAME.", name, name)
		return wrong
	}
	step, ok := t[1].(hcl.TraverseAttr)
	if ok && root == rootServers && !d.checkInstance(t, step.Name) {
		return wrong
	}
	if !ok {
		d.errorf(t[:2].SourceRange(), "Reference without a name", "After %q a dot and a name must follow: %s.NAME.", name, name)
		return wrong
	}
	return d.checkName(t, root, step.Name)
}

// checkName looks whether what a reference names is declared.
func (d *decoder) checkName(t hcl.Traversal, root roots, name string) standing {
	at := t[:2].SourceRange()
	var known []string
	var found bool
	var advice string
	switch root {
	case rootVar:
		_, found = d.variables[name]
		known, advice = sortedNamesUnless(found, d.variables), `Declare it: variable "`+name+`" { … }.`
	case rootLocal:
		_, found = d.locals[name]
		known, advice = sortedNamesUnless(found, d.locals), "Declare it in a locals block."
	case rootServers:
		_, found = d.servers[name]
		known, advice = sortedNamesUnless(found, d.servers), `Declare it: package_server "`+name+`" { … }, or give the host as text.`
	case rootEach:
		found, known, advice = name == "key" || name == "value", []string{"key", "value"}, "There are each.key and each.value."
	case rootServer:
		found, known, advice = name == "name" || name == "host", []string{"name", "host"}, "There are server.name and server.host."
	case rootCurrent:
		known = sortedNames(currentType.AttributeTypes())
		found, advice = currentType.HasAttribute(name), "There are current.images, current.package_servers and current.sites."
	}
	switch {
	case found:
		return sound
	case d.incomplete && root&rootsPlain != 0:
		return absent
	}
	hint := wording.DidYouMean(name, known)
	if hint == "" {
		hint = " " + advice
	}
	d.errorf(at, "Reference to something undeclared", "%s.%s is not declared.%s", t.RootName(), name, hint)
	return wrong
}

// checkInstance looks at the key of package_server.NAME["KEY"].
func (d *decoder) checkInstance(t hcl.Traversal, name string) bool {
	b := d.servers[name]
	if b == nil || !b.ready || len(t) < 3 {
		return true
	}
	index, ok := t[2].(hcl.TraverseIndex)
	if !ok || index.Key.Type() != cty.String {
		return true
	}
	key := index.Key.AsString()
	switch {
	case b.single != nil:
		d.errorf(t[:3].SourceRange(), "No such instance", "package_server.%s has no for_each, so it is one server and takes no key.", name)
	case b.byKey[key] == nil:
		keys := sortedNames(b.byKey)
		hint := wording.DidYouMean(key, keys)
		if hint == "" && len(keys) > 0 && len(keys) <= 10 {
			hint = " There are " + oneOf(keys) + "."
		}
		d.errorf(t[:3].SourceRange(), "No such instance", "package_server.%s has no instance %q.%s", name, key, hint)
	default:
		return true
	}
	return false
}

func sortedNamesUnless[V any](found bool, m map[string]V) []string {
	if found {
		return nil
	}
	return sortedNames(m)
}

func (d *decoder) unknownRoot(t hcl.Traversal) standing {
	name := t.RootName()
	switch name {
	case "image", "images", "pct_package", "preboot_configuration", "connection", "content", "policy", "check":
		d.errorf(t.SourceRange(), "Block cannot be referred to", "%s blocks have no value to refer to. References go to var, local, each and package_server.", name)
	case "path", "terraform", "data", "module", "self", "count":
		d.errorf(t.SourceRange(), "Unknown reference", "There is no %q here. References go to var, local, each and package_server; files are read relative to the folder: file(\"list.csv\").", name)
	default:
		hint := wording.DidYouMean(name, sortedNames(rootNames))
		if len(t) == 1 {
			hint = " If it is meant as text, put it in quotes: \"" + name + "\"."
		} else if hint == "" {
			hint = " References go to var, local, each and package_server."
		}
		d.errorf(t.SourceRange(), "Unknown reference", "There is no %q to refer to.%s", name, hint)
	}
	return wrong
}

func (d *decoder) misplacedRoot(t hcl.Traversal, root roots) standing {
	why := map[roots]string{
		rootVar:     "Here only literal values are allowed.",
		rootLocal:   "Here only literal values and variables are allowed.",
		rootServers: "Here only literal values and variables are allowed.",
		rootEach:    "each stands only in blocks that have for_each, and not in for_each itself.",
		rootCurrent: "What was observed can be asked in check blocks only: declared things must not depend on it.",
		rootServer:  "server stands only in root and status_root of content. To name a package server, write package_server.NAME.",
	}[root]
	d.errorf(t.SourceRange(), "Reference not allowed here", "%q cannot be used here. %s", t.RootName(), why)
	return wrong
}

// usesSecret reports whether an expression refers to a sensitive value.
func usesSecret(expr hcl.Expression, ctx *hcl.EvalContext) bool {
	for _, t := range expr.Variables() {
		for n := len(t); n > 0; n-- {
			v, diags := t[:n].TraverseAbs(ctx)
			if diags.HasErrors() {
				continue
			}
			if v.ContainsMarked() {
				return true
			}
			break
		}
	}
	return false
}

// sensitive is the mark of values that must not be shown.
type sensitive struct{}

func isSecret(v cty.Value) bool { return v.ContainsMarked() }
