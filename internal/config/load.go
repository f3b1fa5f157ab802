package config

import (
	"cmp"
	"math"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/finding"
)

// Load reads the files of a folder. Loaded is never nil: where there are errors it
// is partial, and still good for Source.
func Load(opts Options) (*Loaded, diag.Diagnostics) {
	l := &loading{opts: &opts, scope: newScope(&opts)}
	l.Loaded = &Loaded{
		Declared: &declared.Declared{Folder: opts.Dir, Policy: declared.DefaultPolicy()},
		files:    map[string]*sourceFile{}, hidden: hiddenLines{}, scope: l.scope,
	}
	if l.readFiles() && l.readSettings() {
		l.readVariables()
		l.readReferable()
		l.readRest()
		l.readMany()
		l.crossCheck()
	}
	l.Variables = l.scope.shown()
	l.dropNoise()
	return l.Loaded, l.finish(l.diags)
}

// loading is one Load under way.
type loading struct {
	*Loaded
	opts   *Options
	scope  *scope
	diags  diag.Diagnostics
	late   []*unit
	blocks map[string][]block        // of the first half, by kind, in file order
	broken map[string]bool           // files with syntax errors
	syntax map[*diag.Diagnostic]bool // the diagnostics of broken units
	found  harvest
}

func newScope(opts *Options) *scope {
	s := &scope{
		dir: opts.Dir, functions: functionsFor(opts.Dir),
		variables: map[string]*variable{}, locals: map[string]*local{}, servers: map[string]*serverBlock{},
		byAddress: map[estate.Address]*declared.PackageServer{}, byHost: map[string]*declared.PackageServer{},
		floors: make(map[finding.Code]finding.Severity, len(opts.Rules)),
	}
	s.ctx = &hcl.EvalContext{Functions: s.functions}
	for _, r := range opts.Rules {
		s.floors[r.Code] = r.Floor
		s.codes = append(s.codes, string(r.Code))
	}
	slices.Sort(s.codes)
	return s
}

// take adds what a decoder reported.
func (l *loading) take(d *decoder) { l.diags = append(l.diags, d.diags...) }

// readFiles reads and parses the first half. It is false where there is nothing to
// go on with.
func (l *loading) readFiles() bool {
	names, err := Files(l.opts.Dir)
	switch {
	case err != nil:
		l.diags = l.diags.Errorf(diag.Range{}, "Folder cannot be read", "The folder %s cannot be read: %s.", filepath.ToSlash(l.opts.Dir), reason(err))
		return false
	case len(names) == 0:
		l.diags = l.diags.Errorf(diag.Range{}, "No configuration files",
			"The folder %s holds no *.hcl or *.hcl.json file. To begin with an example, run: pslan init", filepath.ToSlash(l.opts.Dir))
		return false
	}
	files := make([]*sourceFile, len(names))
	problems := make([]diag.Diagnostics, len(names))
	inParallel(len(names), func(i int) {
		files[i], problems[i] = openSource(filepath.Join(l.opts.Dir, names[i]), names[i])
	})
	var good []*sourceFile
	for i, f := range files {
		l.diags = append(l.diags, problems[i]...)
		if f != nil {
			l.files[f.name] = f
		}
		if len(problems[i]) == 0 {
			good = append(good, f)
		}
	}
	early, late, diags := cutFiles(good)
	l.diags, l.late = append(l.diags, diags...), late
	l.scope.incomplete = len(l.diags) > 0
	l.parseFirst(early)
	return true
}

func (l *loading) parseFirst(early []*unit) {
	inParallel(len(early), func(i int) { early[i].parse() })
	l.blocks, l.broken, l.syntax = map[string][]block{}, map[string]bool{}, map[*diag.Diagnostic]bool{}
	for _, u := range early {
		l.settle(u)
		for _, b := range u.blocks {
			l.blocks[b.kind] = append(l.blocks[b.kind], b)
		}
	}
}

// settle takes what parsing a unit reported.
func (l *loading) settle(u *unit) {
	l.diags = append(l.diags, u.diags...)
	if u.broken {
		l.broken[u.file.name] = true
		l.scope.incomplete = true
		for _, d := range u.diags {
			l.syntax[d] = true
		}
	}
}

// readSettings reads the pslan block. It is false where the files are for another
// version: then whatever else is wrong with them is no news.
func (l *loading) readSettings() bool {
	d := newDecoder(l.scope)
	defer l.take(d)
	b := l.atMostOne("pslan")
	if b == nil {
		return true
	}
	fits := d.decodePslan(b, l.opts.Version, &l.Declared.Guard)
	if !fits {
		l.diags = nil
	}
	return fits
}

// atMostOne returns the one block of a kind; nil where there is none.
func (l *loading) atMostOne(kind string) *block {
	all := l.blocks[kind]
	if len(all) == 0 {
		return nil
	}
	for i := range all[1:] {
		b := &all[i+1]
		l.diags = append(l.diags, &diag.Diagnostic{Subject: b.header(), In: b.name(), Summary: "Block given twice",
			Detail: "There is a " + kind + " block already (" + linePlace(all[0].header()) + "). One folder has one."})
	}
	return &all[0]
}

// readVariables declares the variables and gives them their values.
func (l *loading) readVariables() {
	d := newDecoder(l.scope)
	for _, b := range l.unique("variable") {
		l.scope.variables[b.label()] = d.declareVariable(b)
	}
	d.in, d.part, d.roots = "", "", rootsPlain
	g := &givens{decoder: newDecoder(l.scope), dir: l.opts.Dir, values: map[string]*givenValue{}}
	g.collect(l.opts)
	l.take(g.decoder)
	l.scope.incomplete = l.scope.incomplete || g.broken
	for _, f := range g.files {
		if l.files[f.name] == nil {
			l.files[f.name] = f
		}
	}
	secrets := false
	for _, name := range sortedNames(l.scope.variables) {
		v := l.scope.variables[name]
		d.resolve(v, g.values[name], l.opts.ForValidate)
		if v.secret {
			secrets = true
			l.hide(v)
		}
	}
	if secrets {
		l.hideValueFiles(g)
	}
	l.take(d)
}

// hide keeps the lines with a sensitive variable's value from being shown.
func (l *loading) hide(v *variable) {
	if v.defaultExpr != nil {
		l.hidden.add(place(v.defaultExpr.Range()))
	}
	if !v.fromRange.IsZero() {
		l.hidden.add(v.fromRange)
	}
}

// hideValueFiles hides all lines of the files of variables: values that were
// overridden, and those of a file with syntax errors, are told apart by nothing.
func (l *loading) hideValueFiles(g *givens) {
	for _, f := range g.files {
		l.hidden.add(diag.Range{Filename: f.name, Start: diag.Pos{Line: 1}, End: diag.Pos{Line: math.MaxInt32}})
	}
}

// unique returns the blocks of a kind, refusing a label that was used before.
func (l *loading) unique(kind string) []block {
	first := map[string]*block{}
	var kept []block
	for i := range l.blocks[kind] {
		b := &l.blocks[kind][i]
		if other := first[b.label()]; other != nil {
			l.diags = append(l.diags, &diag.Diagnostic{Subject: b.header(), In: b.name(), Summary: "Label used twice",
				Detail: "There is a " + other.name() + " already (" + linePlace(other.header()) + "). Labels of one kind are unique."})
			continue
		}
		first[b.label()] = b
		kept = append(kept, *b)
	}
	return kept
}

// readReferable evaluates locals and package servers, and what stands on them alone.
func (l *loading) readReferable() {
	s := l.scope
	d := newDecoder(s)
	values := map[string]cty.Value{}
	for name, v := range s.variables {
		values[name] = v.value
	}
	root := &hcl.EvalContext{Functions: s.functions, Variables: map[string]cty.Value{"var": cty.ObjectVal(values)}}
	d.collectLocals(l.blocks["locals"])
	for _, b := range l.unique("package_server") {
		s.servers[b.label()] = &serverBlock{block: b}
	}
	l.diags = append(l.diags, evaluateGraph(s, root)...)
	locals, servers := map[string]cty.Value{}, map[string]cty.Value{}
	for name, v := range s.locals {
		locals[name] = v.value
	}
	for name, b := range s.servers {
		servers[name] = b.value
	}
	s.ctx = root.NewChild()
	s.ctx.Variables = map[string]cty.Value{"local": cty.ObjectVal(locals), "package_server": cty.ObjectVal(servers)}
	d.ctx = s.ctx
	d.indexServers()
	l.Declared.Servers = d.finishServers()
	for _, name := range sortedNames(s.variables) {
		d.validate(s.variables[name])
	}
	l.take(d)
}

// collectLocals takes the arguments of all locals blocks.
func (d *decoder) collectLocals(blocks []block) {
	for i := range blocks {
		attrs, diags := blocks[i].body.JustAttributes()
		d.in = "locals"
		d.translate(diags)
		for _, name := range sortedNames(attrs) {
			a := attrs[name]
			if other := d.locals[name]; other != nil {
				d.errorf(a.NameRange, "Local value given twice", "local.%s has a value already (%s).", name, linePlace(place(other.attr.nameRange)))
				continue
			}
			d.locals[name] = &local{name: name, attr: attribute{name: name, expr: a.Expr, nameRange: a.NameRange}}
		}
	}
	d.in = ""
}

// readRest reads the blocks of which there are few.
func (l *loading) readRest() {
	d := newDecoder(l.scope)
	l.readConnection(d)
	if b := l.atMostOne("content"); b != nil {
		l.Declared.Content, l.roots = d.decodeContent(b)
	}
	if b := l.atMostOne("policy"); b != nil {
		d.decodePolicy(b, &l.Declared.Policy)
	}
	for _, b := range l.unique("preboot_configuration") {
		if p, ok := d.decodePreboot(&b); ok {
			l.Declared.Preboots = append(l.Declared.Preboots, p)
		}
	}
	for _, b := range l.unique("check") {
		l.checks = append(l.checks, d.decodeCheck(&b))
	}
	slices.SortFunc(l.checks, func(a, b checkBlock) int { return cmp.Compare(a.label, b.label) })
	slices.SortFunc(l.Declared.Preboots, func(a, b declared.Preboot) int { return cmp.Compare(a.Address, b.Address) })
	slices.SortFunc(l.Declared.Servers, func(a, b declared.PackageServer) int { return cmp.Compare(a.Address, b.Address) })
	l.take(d)
}

// readConnection reads the connection: there must be exactly one.
func (l *loading) readConnection(d *decoder) {
	b := l.atMostOne("connection")
	switch {
	case b != nil:
		l.Declared.Connection = d.decodeConnection(b)
	case !l.scope.incomplete:
		d.report(diag.Range{}, "No connection", "No connection block says where the platform is. To try things out: connection \"lab\" { seed = \"estate.json\" }.")
	}
}
