package config

import (
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/wording"
)

// smpLabelled reads the blocks of connection "smp" that carry a label.
func (d *decoder) smpLabelled(c *content, smp *declared.SMP) {
	first := map[string]diag.Range{}
	for i := range c.blocks {
		b := &c.blocks[i]
		var known []string
		switch b.kind {
		case "service":
			known = smpServiceNames
		case "rows":
			for _, k := range declared.RowKinds() {
				known = append(known, string(k.Kind))
			}
		case "dialect":
			known = sortedNames(smpDialectFields)
		case "action":
			known = smpActionOps
		default:
			continue
		}
		if !slices.Contains(known, b.label()) {
			d.errorf(b.labelRanges[0], "Unknown label", "%s in %s: there is no %s %q. There are %s.%s", b.name(), d.in, b.kind, b.label(), strings.Join(known, ", "), wording.DidYouMean(b.label(), known))
			continue
		}
		if at, twice := first[b.name()]; twice {
			d.report(b.header(), "Block given twice", "%s stands in %s already (%s). One is enough.", b.name(), d.in, linePlace(at))
			continue
		}
		first[b.name()] = b.header()
		d.inside(b.name(), func() { d.smpOne(b, smp) })
	}
	slices.SortFunc(smp.Services, func(a, b declared.SMPService) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(smp.Rows, func(a, b declared.SMPRows) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	slices.SortFunc(smp.Dialect, func(a, b declared.SMPDialect) int { return strings.Compare(a.Kind, b.Kind) })
	slices.SortFunc(smp.Actions, func(a, b declared.SMPAction) int { return strings.Compare(a.Op, b.Op) })
}

func (d *decoder) smpOne(b *block, smp *declared.SMP) {
	switch b.kind {
	case "service":
		c := d.open(b, smpServiceSpec)
		s := declared.SMPService{Name: b.label(), Range: b.header()}
		s.Path, _ = d.word(c.attr("path"))
		s.Namespace, _ = d.word(c.attr("namespace"))
		s.Binding, _ = d.choice(c.attr("binding"), "form", "soap11", "soap12")
		s.Methods = d.textMap(c.attr("methods"))
		if s.Path != "" && !strings.HasPrefix(s.Path, "/") {
			d.errorf(c.attr("path").expr.Range(), "Not a path", "path of %s is %q; it begins with a slash: \"/Altiris/…\".", d.what(), s.Path)
		}
		smp.Services = append(smp.Services, s)
	case "rows":
		if r, ok := d.smpRows(b); ok {
			smp.Rows = append(smp.Rows, r)
		}
	case "dialect":
		known := smpDialectFields[b.label()]
		c := d.open(b, &bodySpec{attrs: known})
		out := declared.SMPDialect{Kind: b.label(), Fields: map[string]string{}, Range: b.header()}
		for _, name := range known {
			if s, ok := d.word(c.attr(name)); ok {
				out.Fields[name] = s
			}
		}
		smp.Dialect = append(smp.Dialect, out)
	case "action":
		c := d.open(b, smpActionSpec)
		out := declared.SMPAction{Op: b.label(), Range: b.header()}
		if a := d.required(&c, "command"); a != nil {
			out.Command = d.command(a)
		}
		out.Timeout, _ = d.duration(c.attr("timeout"))
		if len(out.Command) > 0 {
			smp.Actions = append(smp.Actions, out)
		}
	}
}

// command reads a program and its arguments. Unlike other lists it keeps repetitions.
func (d *decoder) command(a *attribute) []string {
	elements, ok := d.elements(a, "texts: the program, then its arguments")
	if !ok {
		return nil
	}
	out := make([]string, 0, len(elements))
	for _, e := range elements {
		one := attribute{name: a.name, expr: e.expr, nameRange: a.nameRange, required: true}
		s, good := d.elementWord(&one, e)
		if !good {
			return nil
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		d.errorf(a.expr.Range(), "Empty list", "command of %s is empty. Name the program, and after it its arguments.", d.what())
	}
	return out
}

func (d *decoder) guids(a *attribute) []estate.GUID {
	list, ok := d.words(a, "GUIDs")
	if !ok {
		return nil
	}
	if len(list) == 0 {
		d.errorf(a.expr.Range(), "Empty list", "%s of %s is empty. Name at least one GUID.", a.name, d.what())
	}
	out := make([]estate.GUID, 0, len(list))
	for _, s := range list {
		if g, good := d.parseGUID(a.expr, a.name, s); good {
			out = append(out, g)
		}
	}
	return out
}

// rowCarriers are the arguments of which a rows block has exactly one.
var rowCarriers = []string{"report", "csv", "table", "query", "task"}

// smpRows reads one rows block: a kind of facts and the one carrier that brings it.
func (d *decoder) smpRows(b *block) (declared.SMPRows, bool) {
	c := d.open(b, smpRowsSpec)
	r := declared.SMPRows{Kind: declared.RowKind(b.label()), Range: b.header()}
	var carriers []*attribute
	for _, name := range rowCarriers {
		if a := c.attr(name); a != nil {
			carriers = append(carriers, a)
		}
	}
	if len(carriers) != 1 {
		at, found := b.header(), "none is given"
		if len(carriers) > 1 {
			at, found = carriers[1].place(), "both "+carriers[0].name+" and "+carriers[1].name+" are given"
		} else if !c.lacks(rowCarriers...) {
			return r, false
		}
		d.report(at, "Which carrier", "%s needs exactly one of report (the GUID of a report), csv (a file), table, query (of the database) and task (that prints a list on each package server, for copies): %s.", d.what(), found)
		return r, false
	}
	ok := true
	a := carriers[0]
	a.required = true
	switch a.name {
	case "report":
		r.Report, ok = d.guid(a)
	case "csv":
		r.CSV, ok = d.word(a)
	case "table":
		r.Table, ok = d.tableName(a)
	case "query":
		r.Query, ok = d.readOnlyQuery(a)
	case "task":
		ok = d.listTask(a, &r)
	}
	d.rowsExtras(&c, &r)
	return r, ok
}

// rowsExtras reads what goes with only some of the carriers, and the mappings.
func (d *decoder) rowsExtras(c *content, r *declared.SMPRows) {
	if a := c.attr("parameters"); a != nil {
		if r.Parameters = d.textMap(a); r.Report.IsZero() {
			d.report(a.place(), "Argument without a meaning", "parameters of %s goes with report only.", d.what())
		}
		for name, value := range r.Parameters {
			if strings.ContainsAny(name+value, ",") || strings.Contains(name, "=") {
				d.errorf(a.expr.Range(), "Comma in a parameter", "parameters of %s holds %q = %q. The platform takes parameters as a list with commas and has no way to write one inside a value.", d.what(), name, value)
				break
			}
		}
	}
	d.rowsAge(c, r)
	r.Words = d.textMap(c.attr("words"))
	a := c.attr("columns")
	if a != nil && c.attr("task") != nil {
		d.report(a.place(), "Argument without a meaning", "columns of %s: what a task prints names its columns as the script that pslan ships does. Map words with words.", d.what())
		return
	}
	if r.Columns = d.textMap(a); len(r.Columns) == 0 {
		return
	}
	columns := declared.ColumnsOf(r.Kind)
	known := columns.All()
	for _, name := range sortedNames(r.Columns) {
		if !slices.Contains(known, name) {
			d.errorf(a.expr.Range(), "Unknown column", "columns of %s names %q. Left of the equals sign stand pslan's own names: %s.%s", d.what(), name, strings.Join(known, ", "), wording.DidYouMean(name, known))
		}
	}
}

// tableName reads SCHEMA.NAME or NAME. It enters a statement, so only plain names do.
func (d *decoder) tableName(a *attribute) (string, bool) {
	s, ok := d.word(a)
	if !ok {
		return "", false
	}
	plain := func(r rune) bool {
		return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	}
	parts := strings.Split(s, ".")
	for _, p := range parts {
		if p == "" || strings.ContainsFunc(p, func(r rune) bool { return !plain(r) }) || len(parts) > 2 {
			d.errorf(a.expr.Range(), "Not a table", "table of %s is %q; it is written like \"dbo.vSiteServices\", without brackets.", d.what(), s)
			return "", false
		}
	}
	return s, true
}

// readOnlyQuery reads one statement that selects. The transaction that it runs in is
// always rolled back besides.
func (d *decoder) readOnlyQuery(a *attribute) (string, bool) {
	v, ok := d.typed(a, textType, "a text")
	if !ok {
		return "", false
	}
	s := strings.TrimSpace(v.AsString())
	word, _, _ := strings.Cut(strings.ToUpper(strings.Join(strings.Fields(s), " ")), " ")
	if word != "SELECT" && word != "WITH" || strings.Contains(s, ";") {
		d.errorf(a.expr.Range(), "Not a query", "query of %s must be one statement that begins with SELECT or WITH and holds no semicolon: pslan only reads.", d.what())
		return "", false
	}
	return s, true
}

// smpSense looks at what only the whole connection tells.
func (d *decoder) smpSense(smp *declared.SMP) {
	have := map[declared.RowKind]bool{}
	for i := range smp.Rows {
		r := &smp.Rows[i]
		have[r.Kind] = true
		if (r.Table != "" || r.Query != "") && smp.SQL == nil {
			d.report(r.Range, "Missing block", "rows %q in %s come from the database, and there is no sql block that says where it is: sql { server = \"sql01.contoso.com\"; database = \"Symantec_CMDB\" }.", r.Kind, d.in)
		}
	}
	if !have[declared.RowsServers] {
		d.report(smp.Range, "Missing block", "%s needs rows \"package_servers\" { … }: no web service lists the package servers, so a report, a query or an exported file has to. The page on this connection has the columns and a report to begin with.", d.in)
	}
	for _, need := range []struct {
		source string
		kind   declared.RowKind
		given  []string
		at     diag.Range
		what   string
	}{
		{"packages", declared.RowsPackages, smp.Owner.Sources, smp.Owner.Range, "sources of owner"},
		{"owners", declared.RowsOwners, smp.Owner.Sources, smp.Owner.Range, "sources of owner"},
		{"copies", declared.RowsCopies, smp.Owner.Sources, smp.Owner.Range, "sources of owner"},
		{"images", declared.RowsImages, smp.Owner.Sources, smp.Owner.Range, "sources of owner"},
		{"originator", declared.RowsCopies, smp.Owner.Sources, smp.Owner.Range, "sources of owner"},
		{"rows", declared.RowsPackages, smp.Packages.Links, smp.Packages.Range, "links of packages"},
	} {
		if slices.Contains(need.given, need.source) && !have[need.kind] && (need.source != "rows" || !have[declared.RowsImages]) {
			d.report(need.at, "Missing block", "%s in %s names %q, which needs rows %q { … }.", need.what, d.in, need.source, need.kind)
		}
	}
	if smp.Packages.Interface == "rows" && !have[declared.RowsAssignments] {
		d.report(smp.Packages.Range, "Missing block", "interface = \"rows\" in %s needs rows %q { … }, which tell the assignments.", d.in, declared.RowsAssignments)
	}
	d.smpAssignments(smp)
	d.smpFallbacks(smp)
	if n := len(smp.Owner.Sources); n == 1 && smp.Owner.Sources[0] != "owners" {
		d.report(smp.Owner.Range, "One source is not enough", "sources of owner in %s names one source. No field of the platform is documented to tell the owner, so at least two sources have to agree.", d.in)
	}
}

// smpAssignments holds the place that assignments are read from against what there is.
func (d *decoder) smpAssignments(smp *declared.SMP) {
	p := &smp.Packages
	if p.Interface == "rows" && p.Assignments == "service" {
		d.report(p.Range, "Contradicting arguments", "assignments = \"service\" in %s asks the package services, and interface = \"rows\" says that none may be asked.", d.in)
	}
	if p.Assignments != "rows" || p.Interface == "rows" {
		return
	}
	at := slices.IndexFunc(smp.Rows, func(r declared.SMPRows) bool { return r.Kind == declared.RowsAssignments })
	switch {
	case at < 0:
		d.report(p.Range, "Missing block", "assignments = \"rows\" in %s needs rows %q { … } from a report, a table or a query.", d.in, declared.RowsAssignments)
	case smp.Rows[at].CSV != "":
		d.report(p.Range, "A file is not live", "assignments = \"rows\" in %s takes assignments from the rows, and rows %q come from a csv file: it does not follow what is changed. Take them from a report, a table or a query, or leave assignments out.", d.in, declared.RowsAssignments)
	}
}
