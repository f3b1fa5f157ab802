package smp

import (
	"context"
	"fmt"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/smp/rows"
	"pslan/internal/wording"
)

// agreement holds rows "assignments" against what the package services told of every
// package in the doctor's reading: whether the connection could take assignments from
// them (packages { assignments = "rows" }).
func (d *Diagnosis) agreement(ctx context.Context) {
	from := d.p.rowsOf(declared.RowsAssignments)
	if from == nil || d.p.set.Packages.Interface == viaRows {
		return
	}
	const area, name = "estate", "rows \"assignments\" and the package services"
	dir, err := d.p.directory(ctx)
	r := &reading{p: d.p, dir: dir, tables: map[declared.RowKind]*rows.Reader{}}
	if err == nil {
		err = r.readMembers(ctx)
	}
	if err != nil {
		d.failed(area, name, err)
		return
	}
	var alike, untold int
	var against []string
	for i := range d.read.Images {
		img := &d.read.Images[i]
		if img.Package.IsZero() || img.Assignment.Mode == estate.AssignUnknown {
			continue
		}
		a := fromRows(r.members[img.Package])
		is, understood := r.understood(&a)
		switch {
		case !understood:
			untold++
		case estate.SameAssignment(&is, &img.Assignment):
			alike++
		default:
			against = append(against, fmt.Sprintf("%s: the rows say %s, the service says %s", img.Name, dir.words(&is, nil), dir.words(&img.Assignment, nil)))
		}
	}
	found := wording.Count(alike, "package", "packages") + " alike"
	if untold > 0 {
		found += fmt.Sprintf(", %d that the rows do not tell", untold)
	}
	if len(against) == 0 {
		d.works(area, name, "%s", found)
		return
	}
	c := Check{Area: area, Name: name, Verdict: Fails, Help: "Until they agree, take assignments from the services: leave packages { assignments } out."}
	if len(against) > shownNotes {
		against = append(against[:shownNotes], fmt.Sprintf("and %d more", len(against)-shownNotes))
	}
	c.Found = found + "; " + strings.Join(against, "; ")
	d.add(c)
}
