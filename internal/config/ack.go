package config

import (
	"time"

	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/wording"
)

// acknowledgements reads the acknowledge blocks of a body, in written order.
func (d *decoder) acknowledgements(c *content) []finding.Acknowledgement {
	var acks []finding.Acknowledgement
	for i := range c.blocks {
		if b := &c.blocks[i]; b.kind == "acknowledge" {
			d.inside(b.name(), func() {
				if ack, ok := d.acknowledgement(b); ok && !d.repeatedCode(acks, b, ack.Code) {
					acks = append(acks, ack)
				}
			})
		}
	}
	return acks
}

func (d *decoder) repeatedCode(acks []finding.Acknowledgement, b *block, code finding.Code) bool {
	for i := range acks {
		if acks[i].Code == code {
			d.report(b.header(), "Acknowledged twice", "%s is acknowledged here already (%s).", code, linePlace(acks[i].Range))
			return true
		}
	}
	return false
}

func (d *decoder) acknowledgement(b *block) (finding.Acknowledgement, bool) {
	ack := finding.Acknowledgement{Range: b.header()}
	c := d.open(b, acknowledgeSpec)
	code, ok := d.code(b)
	ack.Code = code
	if a := d.required(&c, "reason"); a == nil {
		ok = false
	} else if reason, good := d.word(a); good {
		ack.Reason = reason
	} else {
		ok = false
	}
	ack.Ticket, _ = d.word(c.attr("ticket"))
	if a := c.attr("expires"); a != nil {
		day, good := d.word(a)
		if good {
			ack.Day = day
			ack.Expires, good = d.endOfDay(a, day)
		}
		ok = ok && good
	}
	return ack, ok
}

// endOfDay is the moment after a day, UTC.
func (d *decoder) endOfDay(a *attribute, day string) (estate.Time, bool) {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil || t.Year() < 2000 || t.Year() > 2200 {
		d.errorf(a.expr.Range(), "Not a date", "%s of %s is %q; a day is written year-month-day, as in \"2027-01-31\".", a.name, d.what(), day)
		return 0, false
	}
	return estate.TimeOf(t.AddDate(0, 0, 1)), true
}

// code reads the code in a block's label.
func (d *decoder) code(b *block) (finding.Code, bool) {
	code := finding.Code(b.label())
	if _, known := d.floors[code]; !known && len(d.codes) > 0 {
		d.errorf(b.labelRanges[0], "Unknown finding", "There is no finding %q.%s", string(code), wording.DidYouMean(string(code), d.codes))
		return code, false
	}
	return code, true
}
