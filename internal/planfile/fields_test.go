package planfile_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/planfile"
	"pslan/internal/view/sample"
)

// A field that is added to a step, a fact or a finding and forgotten here would be
// lost between plan -out and apply. So every field is filled, whatever its name.
func TestEveryFieldIsSaved(t *testing.T) {
	p := sample.One()
	var n int
	first, second := p.Plan.Steps[0], plan.Step{}
	fill(reflect.ValueOf(&second).Elem(), &n)
	second.Needs = []plan.StepNo{0}
	p.Plan.Steps = []plan.Step{first, second}
	p.Plan.Facts = make([]plan.Fact, 1)
	fill(reflect.ValueOf(&p.Plan.Facts[0]).Elem(), &n)
	p.Findings = make([]finding.Finding, 1)
	fill(reflect.ValueOf(&p.Findings[0]).Elem(), &n)
	p.Findings[0].Acked.Code = p.Findings[0].Code
	fill(reflect.ValueOf(&p.Plan.Forecast).Elem(), &n)
	fill(reflect.ValueOf(&p.Plan.Limits).Elem(), &n)
	fill(reflect.ValueOf(&p.Meta).Elem(), &n)

	got, err := planfile.Load(save(t, p), p.Meta.Version)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, got, carried); diff != "" {
		t.Errorf("saved and loaded (-before +after):\n%s", diff)
	}
}

// fill gives every field below v a value that is not its zero value.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Interface().(type) {
	case time.Duration:
		v.SetInt(int64(time.Duration(*n)*time.Minute + time.Millisecond))
		return
	case estate.Time:
		v.SetInt(int64(estate.TimeOf(time.Date(2026, 11, 22, 10, 0, *n, 123, time.UTC))))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8:
		v.SetUint(1) // every enumeration has at least two values
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic("no value for " + v.Type().String())
	}
}
