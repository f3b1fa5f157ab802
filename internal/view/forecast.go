package view

import (
	"cmp"
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/wording"
)

// foldServers is how many servers the forecast lists where not asked for all.
const foldServers = 10

// forecast writes what the plan does to the disks: now, at the peak, after. It is
// left out where nothing is downloaded and nobody asks.
func (p *page) forecast(f *plan.Forecast, verbose bool) {
	if !verbose && !roomMatters(f) {
		return
	}
	rows := slices.Clone(f.Servers)
	slices.SortStableFunc(rows, func(a, b plan.ServerForecast) int { // the tightest first
		return cmp.Or(cmp.Compare(tightness(&a), tightness(&b)), cmp.Compare(a.Name, b.Name))
	})
	rest := 0
	if len(rows) > foldServers && !verbose {
		rest = len(rows) - foldServers
		rows = rows[:foldServers]
	}
	table := [][]string{{"Room on", "now", "at the peak", "after", "free at the peak"}}
	for i := range rows {
		r := &rows[i]
		free := "not known"
		if r.FreeAtPeak != estate.Unknown {
			free = wording.Size(r.FreeAtPeak)
		}
		table = append(table, []string{printable(r.Name), wording.Size(r.BytesNow), wording.Size(r.BytesPeak), wording.Size(r.BytesAfter), free})
	}
	p.table(table)
	if rest > 0 {
		p.printf("  and %s with more room (-verbose shows each)\n", count(rest, "server"))
	}
	p.text("\n")
}

// roomMatters: some server will hold more than now, and its room or the time it
// takes is known.
func roomMatters(f *plan.Forecast) bool {
	return slices.ContainsFunc(f.Servers, func(s plan.ServerForecast) bool {
		return s.BytesPeak > s.BytesNow && (s.FreeAtPeak != estate.Unknown || f.Seconds > 0)
	})
}

func tightness(s *plan.ServerForecast) int64 {
	if s.FreeAtPeak == estate.Unknown {
		return 1<<63 - 1
	}
	return s.FreeAtPeak
}

// table writes columns: the first to the left, numbers to the right.
func (p *page) table(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(cell))
		}
	}
	for n, row := range rows {
		p.text("  ")
		for i, cell := range row {
			space := strings.Repeat(" ", widths[i]-columns(cell))
			switch {
			case i > 0:
				p.text("   ", space, cell)
			case n == 0:
				p.text(p.bold(cell), space)
			default:
				p.text(cell, space)
			}
		}
		p.text("\n")
	}
}
