package smp_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"pslan/examples"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/lab/serve"
	"pslan/internal/platform"
)

// read reads a platform's estate.
func read(t testing.TB, p platform.Reader, images ...estate.GUID) *estate.Estate {
	t.Helper()
	e, err := p.ReadEstate(t.Context(), platform.Scope{Images: images})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func texts(ds diag.Diagnostics) (all []string) {
	for _, d := range ds {
		all = append(all, d.Summary+": "+d.Detail)
	}
	return all
}

// sameEstate holds what was read over the wire against what the lab says itself.
// Times carry whole seconds on the way.
func sameEstate(t *testing.T, want, got *estate.Estate) {
	t.Helper()
	if d := cmp.Diff(want, got,
		cmpopts.IgnoreFields(estate.Estate{}, "TakenAt", "Source"), cmpopts.EquateEmpty(),
		cmp.Transformer("seconds", func(t estate.Time) int64 { return int64(t) / 1e9 })); d != "" {
		t.Error("-lab +wire:\n" + d)
	}
}

func TestReadExamples(t *testing.T) {
	for _, name := range examples.Names() {
		t.Run(name, func(t *testing.T) {
			s := serveLab(t, name, nil, serve.Pace{}, nil)
			whole := read(t, s)
			sameEstate(t, read(t, s.lab), whole)
			if notes := texts(s.Notes()); len(notes) > 0 {
				t.Error(notes)
			}
			if len(whole.Images) < 2 {
				return
			}
			one, other := whole.Images[0].GUID, whole.Images[len(whole.Images)-1].GUID
			sameEstate(t, read(t, s.lab, one, other), read(t, s, one, other))
		})
	}
}

func TestReadDialects(t *testing.T) {
	for _, dialect := range serve.Variants() {
		t.Run(dialect, func(t *testing.T) {
			for _, name := range []string{"legacy-and-pct", "new-smp"} {
				s := serveLab(t, name, []string{dialect}, serve.Pace{}, nil)
				sameEstate(t, read(t, s.lab), read(t, s))
				if notes := texts(s.Notes()); len(notes) > 0 {
					t.Error(notes)
				}
			}
		})
	}
}
