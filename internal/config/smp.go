package config

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"pslan/internal/declared"
	"pslan/internal/wording"
)

var (
	smpSpec = &bodySpec{
		attrs: []string{"url", "also_called", "ca_file", "allow_http", "operator", "poll", "parallel", "time_zone"},
		blocks: []blockSpec{
			{kind: "login", once: true}, {kind: "timeouts", once: true},
			{kind: "service", labels: 1, example: "ReportManagementService", anyLabel: true},
			{kind: "rows", labels: 1, example: "package_servers", anyLabel: true},
			{kind: "sql", once: true}, {kind: "owner", once: true}, {kind: "packages", once: true},
			{kind: "refresh", once: true}, {kind: "membership", once: true},
			{kind: "resource_model", once: true}, {kind: "package_servers", once: true},
			{kind: "dialect", labels: 1, example: "images", anyLabel: true},
			{kind: "action", labels: 1, example: "take_ownership", anyLabel: true},
		},
		hints: map[string]string{
			"host":     "Give the whole address: url = \"https://smp01.contoso.com\".",
			"server":   "Give the whole address: url = \"https://smp01.contoso.com\".",
			"path":     "Only a lab and a snapshot have a path; give the address of the SMP: url.",
			"user":     "It stands in the login block: login { user = … }.",
			"password": "Secrets do not stand in these files; see login.",
			"insecure": "Certificates are always checked. Name the one to trust with ca_file.",
			"seed":     "Only a lab is made from a seed.",
		},
	}
	smpTimeoutsSpec   = &bodySpec{attrs: []string{"read", "slow", "write"}}
	smpServiceSpec    = &bodySpec{attrs: []string{"path", "namespace", "binding", "methods"}}
	smpRowsSpec       = &bodySpec{attrs: []string{"report", "parameters", "csv", "max_age", "table", "query", "task", "wait", "columns", "words"}}
	smpSQLSpec        = &bodySpec{attrs: []string{"server", "database", "encrypt", "ca_file"}, blocks: []blockSpec{{kind: "login", once: true}}}
	smpOwnerSpec      = &bodySpec{attrs: []string{"sources", "export_field"}}
	smpPackagesSpec   = &bodySpec{attrs: []string{"interface", "assignments", "default_folder", "distribution_points", "links", "item_page"}}
	smpRefreshSpec    = &bodySpec{attrs: []string{"task", "persistent_connection"}}
	smpMembershipSpec = &bodySpec{attrs: []string{"schedule", "targets", "wait"}}
	smpActionSpec     = &bodySpec{attrs: []string{"command", "timeout"}}
)

// The words that the labels and lists of connection "smp" may hold.
var (
	smpOwnerSources = []string{"location", "packages", "owners", "copies", "images", "originator", "export"}
	smpLinks        = []string{"rows", "record", "location", "associations", "export"}
	smpServiceNames = []string{
		"SoftwarePackageManagementService", "SWDSolnPackageManagementService", "DSTaskManagementService", "ItemManagementService",
		"ResourceManagementService", "ReportManagementService", "TaskManagementService", "ResourceModel",
	}
	smpDialectFields = map[string][]string{
		"images":                 {"record", "name", "guid", "package", "location", "type"},
		"pct_packages":           {"record", "name", "guid", "package", "location"},
		"preboot_configurations": {"record", "name", "guid", "connects_to"},
		"resources":              {"record", "name", "guid"},
	}
	smpActionOps = []string{"take_ownership", "clear_copy", "copy_files", "convert", "change_profile", "retire_server", "refresh", "update_membership"}
)

const (
	maxParallel   = 32
	maxPoll       = time.Hour
	leastPoll     = 10 * time.Millisecond
	maxCSVAge     = 10 * 365 * 24 * time.Hour
	maxWaitUpdate = 24 * time.Hour
	leastTaskWait = time.Second
	maxTaskWait   = 6 * time.Hour
	maxTaskAge    = 24 * time.Hour
)

// decodeSMP reads connection "smp".
func (d *decoder) decodeSMP(b *block, conn *declared.Connection) {
	c := d.open(b, smpSpec)
	smp := &declared.SMP{Range: b.header()}
	conn.SMP = smp
	conn.Operator, _ = d.choice(c.attr("operator"), "present", "absent")
	smp.AllowHTTP, _ = d.flag(c.attr("allow_http"))
	d.smpURL(&c, smp)
	smp.AlsoCalled, _ = d.words(c.attr("also_called"), "host names")
	smp.CAFile, _ = d.word(c.attr("ca_file"))
	smp.Poll = d.poll(c.attr("poll"))
	smp.Parallel, _ = d.integer(c.attr("parallel"), 1, maxParallel)
	smp.TimeZone = d.timeZone(c.attr("time_zone"))
	if inner := c.only("login"); inner != nil {
		smp.Login = d.decodeLogin(inner)
	}
	if inner := c.only("timeouts"); inner != nil {
		d.inside("timeouts", func() {
			c, t := d.open(inner, smpTimeoutsSpec), &smp.Timeouts
			d.durations(&c, map[string]*time.Duration{"read": &t.Read, "slow": &t.Slow, "write": &t.Write})
		})
	}
	if inner := c.only("sql"); inner != nil {
		smp.SQL = d.smpSQL(inner)
	}
	d.smpParts(&c, smp)
	d.smpLabelled(&c, smp)
	d.smpSense(smp)
}

// smpParts reads the blocks that stand at most once.
func (d *decoder) smpParts(c *content, smp *declared.SMP) {
	if b := c.only("owner"); b != nil {
		smp.Owner.Range = b.header()
		d.inside("owner", func() {
			c := d.open(b, smpOwnerSpec)
			smp.Owner.Sources = d.choices(c.attr("sources"), "sources", smpOwnerSources)
			smp.Owner.ExportField = d.xmlName(c.attr("export_field"))
		})
	}
	if b := c.only("packages"); b != nil {
		smp.Packages.Range = b.header()
		d.inside("packages", func() {
			c, p := d.open(b, smpPackagesSpec), &smp.Packages
			p.Interface, _ = d.choice(c.attr("interface"), "software_management", "software_delivery", "rows")
			p.Assignments, _ = d.choice(c.attr("assignments"), "service", "rows")
			p.DefaultFolder, _ = d.flag(c.attr("default_folder"))
			p.DistributionPoints, _ = d.flag(c.attr("distribution_points"))
			p.Links = d.choices(c.attr("links"), "sources", smpLinks)
			p.ItemPage, _ = d.flag(c.attr("item_page"))
		})
	}
	if b := c.only("resource_model"); b != nil {
		d.inside("resource_model", func() { smp.Model = d.smpModel(b) })
	}
	if b := c.only("package_servers"); b != nil {
		d.inside("package_servers", func() { d.smpServers(b, &smp.Servers) })
	}
	if b := c.only("refresh"); b != nil {
		d.inside("refresh", func() {
			c := d.open(b, smpRefreshSpec)
			if a := d.required(&c, "task"); a != nil {
				smp.Refresh, _ = d.guid(a)
				smp.RefreshRange = a.place()
			}
			smp.RefreshPersistent, _ = d.flag(c.attr("persistent_connection"))
		})
	}
	if b := c.only("membership"); b != nil {
		smp.Membership.Range = b.header()
		d.inside("membership", func() { d.smpMembership(b, &smp.Membership) })
	}
}

func (d *decoder) smpMembership(b *block, m *declared.SMPMembership) {
	c := d.open(b, smpMembershipSpec)
	schedule, targets := c.attr("schedule"), c.attr("targets")
	switch {
	case schedule != nil && targets != nil:
		d.report(targets.place(), "Schedule and targets at once", "%s has schedule and targets. Exactly one of them says how a membership update is asked for.", d.what())
	case schedule == nil && targets == nil && c.lacks("schedule", "targets"):
		d.report(b.header(), "Missing argument", "%s needs schedule, the GUID of the delta update schedule on this platform, or targets, the GUIDs of the resource targets to update. Neither is publicly documented: find them in the console.", d.what())
	case schedule != nil:
		m.Schedule, _ = d.guid(schedule)
	case targets != nil:
		m.Targets = d.guids(targets)
	}
	if a := c.attr("wait"); a != nil {
		if t, ok := d.duration(a); ok && t > maxWaitUpdate {
			d.errorf(a.expr.Range(), "Number out of range", "wait of %s must be at most 1d.", d.what())
		} else if ok {
			m.Wait = t
		}
	}
}

func (d *decoder) smpSQL(b *block) *declared.SMPSQL {
	s := &declared.SMPSQL{Range: b.header()}
	d.inside("sql", func() {
		c := d.open(b, smpSQLSpec)
		if a := d.required(&c, "server"); a != nil {
			s.Server, _ = d.word(a)
		}
		if a := d.required(&c, "database"); a != nil {
			s.Database, _ = d.word(a)
		}
		s.Encrypt, _ = d.choice(c.attr("encrypt"), "mandatory", "strict", "disable")
		s.CAFile, _ = d.word(c.attr("ca_file"))
		if inner := c.only("login"); inner != nil {
			s.Login = d.decodeLogin(inner)
		}
	})
	return s
}

// smpURL reads the address. Everything below the host is pslan's own.
func (d *decoder) smpURL(c *content, smp *declared.SMP) {
	a := d.required(c, "url")
	if a == nil {
		return
	}
	smp.URLRange = a.place()
	text, ok := d.word(a)
	if !ok {
		return
	}
	u, err := url.Parse(text)
	switch {
	case strings.Contains(text, "@"):
		d.errorf(a.expr.Range(), "Login in an address", "url of %s holds a user. Secrets do not stand in these files; see login.", d.what())
	case err != nil || u.Host == "" || u.Hostname() == "" || !wellPorted(u):
		d.errorf(a.expr.Range(), "Not an address", "url of %s is %q; it is written like \"https://smp01.contoso.com\" or \"https://smp01.contoso.com:8443\".", d.what(), text)
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		d.errorf(a.expr.Range(), "Path in an address", "url of %s names more than a host: %q. pslan adds the paths of the web services itself; where one lies elsewhere, say so in its service block.", d.what(), text)
	case u.Scheme == "https":
		smp.URL = strings.TrimSuffix(text, "/")
	case u.Scheme == "http" && smp.AllowHTTP:
		smp.URL = strings.TrimSuffix(text, "/")
	case u.Scheme == "http":
		d.errorf(a.expr.Range(), "Address without encryption", "url of %s begins with http://, so everything that is said could be read and changed on the way. Use https://, or set allow_http = true if that is really meant.", d.what())
	default:
		d.errorf(a.expr.Range(), "Not an address", "url of %s begins with %q; it is written like \"https://smp01.contoso.com\".", d.what(), u.Scheme+":")
	}
}

// wellPorted reports whether the address has no port, or one that can be.
func wellPorted(u *url.URL) bool {
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return u.Port() == "" || err == nil && port > 0
}

// poll reads how often waits look; milliseconds are for rehearsals.
func (d *decoder) poll(a *attribute) time.Duration {
	s, ok := d.word(a)
	if !ok {
		return 0
	}
	t, err := parseDuration(s)
	if ms, isMS := strings.CutSuffix(s, "ms"); isMS {
		t, err = time.ParseDuration(ms + "ms")
	}
	if err != nil || t < leastPoll || t > maxPoll {
		d.errorf(a.expr.Range(), "Not a duration", "poll of %s is %q; it is how often waits look, from \"10ms\" to \"1h\", for example \"10s\".", d.what(), s)
		return 0
	}
	return t
}

// timeZone reads the zone of times that carry none.
func (d *decoder) timeZone(a *attribute) string {
	s, ok := d.word(a)
	if !ok || s == "UTC" || s == "local" {
		return s
	}
	if _, err := time.Parse("-07:00", s); err != nil {
		d.errorf(a.expr.Range(), "Unknown value", "time_zone of %s must be \"UTC\", \"local\" (that of this machine) or an offset such as \"+01:00\", not %q.", d.what(), s)
		return ""
	}
	return s
}

// choices reads a list of words of which each must be known.
func (d *decoder) choices(a *attribute, of string, known []string) []string {
	list, ok := d.words(a, of)
	if !ok {
		return nil
	}
	if len(list) == 0 {
		d.errorf(a.expr.Range(), "Empty list", "%s of %s is empty. Leave it out, or name at least one of %s.", a.name, d.what(), oneOf(known))
	}
	for _, s := range list {
		if !slices.Contains(known, s) {
			d.errorf(a.expr.Range(), "Unknown value", "%s of %s may hold %s, not %q.%s", a.name, d.what(), oneOf(known), s, wording.DidYouMean(s, known))
			return nil
		}
	}
	return list
}

// textMap reads an object of texts.
func (d *decoder) textMap(a *attribute) map[string]string {
	if a == nil {
		return nil
	}
	v, ok := d.typed(a, cty.Map(cty.String), "an object of texts, { name = \"value\" }")
	if !ok {
		return nil
	}
	out := make(map[string]string, v.LengthInt())
	for key, value := range v.AsValueMap() {
		switch {
		case value.IsMarked():
			d.refuseSecret(a.expr, a.name)
			return nil
		case value.IsNull() || !value.IsKnown():
			continue
		case strings.TrimSpace(value.AsString()) == "":
			d.errorf(a.expr.Range(), "Empty value", "%s of %s has nothing for %q.", a.name, d.what(), key)
			return nil
		}
		out[key] = value.AsString()
	}
	return out
}
