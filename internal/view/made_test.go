package view_test

import (
	"testing"

	"pslan/internal/view"
	"pslan/internal/view/sample"
)

// The plan that pslan itself makes of an estate, from end to end.
func TestPlanAsItIsMade(t *testing.T) {
	p, ds := sample.Made()
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	golden(t, "made.txt", planText(p, view.PlanOptions{}, func(o *view.Options) { o.Automation = true }))
}
