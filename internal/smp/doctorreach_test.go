package smp_test

import (
	"testing"
	"time"

	"pslan/internal/lab/serve"
	"pslan/internal/smp"
)

// TestDoctorUnreachable: where nothing answers, the doctor says so once, with what would
// help, and tries nothing that needs an answer.
func TestDoctorUnreachable(t *testing.T) {
	s := serveLab(t, "narrowed-assignment", nil, serve.Pace{}, nil)
	s.settings.URL, s.settings.AllowHTTP = "https://127.0.0.1:1", false
	s.open(t)
	d := s.Doctor(t.Context(), smp.DoctorOptions{Wall: time.Now})
	fails := 0
	for _, c := range d.Checks {
		if c.Verdict == smp.Fails {
			fails++
			if c.Area != "connection" || c.Help == "" {
				t.Errorf("%+v", c)
			}
		}
	}
	if fails != 1 {
		t.Errorf("%d checks fail, want one:\n%+v", fails, d.Checks)
	}
}
