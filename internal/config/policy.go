package config

import (
	"time"

	"pslan/internal/declared"
	"pslan/internal/finding"
)

// decodePolicy reads the policy block over the defaults.
func (d *decoder) decodePolicy(b *block, p *declared.Policy) {
	d.in = b.name()
	defer func() { d.in = "" }()
	c := d.open(b, policySpec)
	for name, into := range map[string]*int{
		"min_copies": &p.MinCopies, "max_downloads": &p.MaxDownloads, "max_downloads_per_server": &p.MaxDownloadsPerServer,
	} {
		if n, ok := d.integer(c.attr(name), 1, maxCopies); ok {
			*into = n
		}
	}
	if n, ok := d.bandwidth(c.attr("bandwidth")); ok {
		p.Bandwidth = n
	}
	d.durations(&c, map[string]*time.Duration{
		"hash_max_age": &p.HashMaxAge, "evidence_max_age": &p.EvidenceMaxAge, "state_max_age": &p.StateMaxAge,
	})
	if limit := c.only("change_limit"); limit != nil {
		d.inside("change_limit", func() { p.ChangeLimit = d.changeLimit(limit) })
	}
	if timeouts := c.only("timeouts"); timeouts != nil {
		d.inside("timeouts", func() {
			c, t := d.open(timeouts, timeoutsSpec), &p.Timeouts
			d.durations(&c, map[string]*time.Duration{
				"download": &t.Download, "ownership": &t.Ownership, "sync": &t.Sync, "operator": &t.Operator, "room": &t.Room,
			})
		})
	}
	p.Severities = d.severities(&c)
	p.Acks = d.acknowledgements(&c)
}

func (d *decoder) durations(c *content, into map[string]*time.Duration) {
	for name, target := range into {
		if t, ok := d.duration(c.attr(name)); ok {
			*target = t
		}
	}
}

func (d *decoder) changeLimit(b *block) *declared.ChangeLimit {
	c := d.open(b, changeLimitSpec)
	limit := &declared.ChangeLimit{Range: b.header()}
	ok := false
	if a := d.required(&c, "percent"); a != nil {
		limit.Percent, ok = d.integer(a, 0, 100)
	}
	limit.Minimum, _ = d.integer(c.attr("minimum"), 0, 1_000_000)
	if !ok {
		return nil
	}
	return limit
}

func (d *decoder) severities(c *content) map[finding.Code]finding.Severity {
	var all map[finding.Code]finding.Severity
	places := map[finding.Code]*block{}
	for i := range c.blocks {
		b := &c.blocks[i]
		if b.kind != "rule" {
			continue
		}
		d.inside(b.name(), func() {
			code, severity, ok := d.rule(b)
			if first := places[code]; first != nil {
				d.report(b.header(), "Rule given twice", "%s has a severity already (%s).", code, linePlace(first.header()))
				return
			}
			places[code] = b
			if ok {
				if all == nil {
					all = map[finding.Code]finding.Severity{}
				}
				all[code] = severity
			}
		})
	}
	return all
}

func (d *decoder) rule(b *block) (finding.Code, finding.Severity, bool) {
	c := d.open(b, ruleSpec)
	code, ok := d.code(b)
	a := d.required(&c, "severity")
	if a == nil {
		return code, 0, false
	}
	word, good := d.choice(a, "error", "warning", "note")
	if !good {
		return code, 0, false
	}
	severity, _ := finding.ParseSeverity(word)
	if floor := d.floors[code]; severity < floor {
		d.errorf(a.expr.Range(), "Severity under the floor", "%s cannot be set below %q, because what it tells of must not pass unseen. A single case can be acknowledged, with a reason.", code, floor.String())
		return code, 0, false
	}
	return code, severity, ok
}
