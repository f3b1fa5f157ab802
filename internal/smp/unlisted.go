package smp

import "pslan/internal/declared"

// noteUnlisted notes what a whole reading should show and does not: any image at all,
// and those that the rows "packages" name. What is not listed cannot be guarded, so
// silence about it would be a false comfort.
func (r *reading) noteUnlisted() {
	if r.wanted != nil {
		return
	}
	if len(r.found) == 0 {
		r.notes.add(noteNoImages, "", "")
	}
	t := r.tables[declared.RowsPackages]
	if t == nil {
		return
	}
	for i := range t.Rows {
		image := t.GUID(i, "image")
		if _, listed := r.byGUID[image]; !image.IsZero() && !listed {
			r.notes.add(noteUnlisted, image.String(), "package %s", t.GUID(i, "package"))
		}
	}
}
