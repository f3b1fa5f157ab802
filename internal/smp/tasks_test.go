package smp_test

import (
	"strings"
	"testing"
	"time"

	"pslan/internal/declared"
	"pslan/internal/lab/serve"
	"pslan/internal/platform"
	"pslan/internal/smp"
)

// TestPersistentConnection: a refresh over the agents' persistent connection goes by the
// methods for it alone, and is over when counters and agents say so.
func TestPersistentConnection(t *testing.T) {
	for _, dialect := range [][]string{nil, {"off.*=get,post"}, {"overloads.*=guid only"}, {"computer_guids=own"}} {
		s := serveLab(t, "retire-ps008", dialect, serve.Pace{}, func(d *declared.SMP) {
			d.RefreshPersistent = true
			without(d, declared.RowsRefreshes)
		})
		read(t, s)
		if ds := s.Prepare(t.Context(), platform.Needs{Refresh: true}); len(ds) > 0 {
			t.Errorf("%v: %v", dialect, texts(ds))
		}
		if err := s.RefreshServer(t.Context(), "PS009"); err != nil {
			t.Fatal(err)
		}
		refreshed := func() time.Time {
			t.Helper()
			sync, err := s.ReadSync(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return sync.Refreshed["PS009"]
		}
		if at := refreshed(); !at.IsZero() {
			t.Errorf("%v: refreshed at once, at %s", dialect, at)
		}
		if err := s.lab.Advance(5 * time.Minute); err != nil {
			t.Fatal(err)
		}
		if at := refreshed(); at.IsZero() {
			t.Errorf("%v: not refreshed", dialect)
		}
		for _, call := range s.server.Journal() {
			if strings.HasPrefix(call.Method, "ExecuteTask") || strings.HasPrefix(call.Method, "GetTaskStatus") {
				t.Errorf("%v: %s was called", dialect, call.Method)
			}
		}
	}
}

// TestOlderBuild: where the methods for the persistent connection are missing, that is
// told before anything is changed, and nothing is sent.
func TestOlderBuild(t *testing.T) {
	for _, more := range []string{"", "off.*=wsdl"} {
		dialect := []string{"missing_methods=ExecuteTCMTask,GetTCMTaskStatus,GetTCMTaskResults"}
		if more != "" {
			dialect = append(dialect, more)
		}
		s := serveLab(t, "retire-ps008", dialect, serve.Pace{}, func(d *declared.SMP) { d.RefreshPersistent = true })
		read(t, s)
		said := strings.Join(texts(s.Prepare(t.Context(), platform.Needs{Refresh: true})), "\n")
		if !strings.Contains(said, "it cannot hand out tasks over the persistent connection") || !strings.Contains(said, "Leave persistent_connection out") {
			t.Errorf("%v: %s", dialect, said)
		}
		if err := s.RefreshServer(t.Context(), "PS009"); kind(err) != platform.KindUnsupported {
			t.Errorf("%v: %v", dialect, err)
		}
		for _, call := range s.server.Journal() {
			if call.Changes {
				t.Errorf("%v: it changed something: %s", dialect, call.Method)
			}
		}
	}
}

// TestLostPersistentRun: a run whose answer was lost is looked for by its name.
func TestLostPersistentRun(t *testing.T) {
	s := serveLab(t, "retire-ps008", nil, serve.Pace{}, func(d *declared.SMP) {
		d.RefreshPersistent = true
		without(d, declared.RowsRefreshes)
	})
	read(t, s)
	s.trouble(t, "ExecuteTCMTask:cut-after:1")
	if err := s.RefreshServer(t.Context(), "PS009"); kind(err) != platform.KindUnreachable {
		t.Fatal(err)
	}
	if err := s.RefreshServer(t.Context(), "PS009"); err != nil {
		t.Fatal(err)
	}
	if n := len(s.calls("ExecuteTCMTask")); n != 1 {
		t.Errorf("%d runs were started", n)
	}
}

// TestDoctorRunsNothing: the doctor looks whether the list task is there, and runs it
// only where it is told to; what earlier runs printed it shows.
func TestDoctorRunsNothing(t *testing.T) {
	s := printingLab(t, "retire-ps008", []string{"list_faults.PS009=com"}, nil)
	find := func(d *smp.Diagnosis, area, name string) smp.Check {
		t.Helper()
		for _, c := range d.Checks {
			if c.Area == area && c.Name == name {
				return c
			}
		}
		t.Fatalf("there is no check %s %s", area, name)
		return smp.Check{}
	}
	d := s.Doctor(t.Context(), smp.DoctorOptions{})
	if c := find(d, "rows", `rows "copies"`); c.Verdict != smp.Works || !strings.Contains(c.Help, "-run-tasks") {
		t.Error(c)
	}
	if c := find(d, "lists", "PS008"); c.Verdict != smp.Untried {
		t.Error(c)
	}
	if runs := s.started(); len(runs) != 0 || d.Count(smp.Fails) != 0 {
		t.Errorf("%v were started, %d checks fail", runs, d.Count(smp.Fails))
	}
	d = s.Doctor(t.Context(), smp.DoctorOptions{Tasks: true})
	if c := find(d, "lists", "PS008"); c.Verdict != smp.Works || !strings.Contains(c.Found, "printed 12 packages") {
		t.Error(c)
	}
	if c := find(d, "lists", "PS009"); c.Verdict != smp.Fails || !strings.Contains(c.Help, "enableCOMSecurity") {
		t.Error(c)
	}
	if runs := s.started(); len(runs) != 1 {
		t.Errorf("%v were started", runs)
	}
	s.open(t)
	if c := find(s.Doctor(t.Context(), smp.DoctorOptions{}), "lists", "PS010"); c.Verdict != smp.Works {
		t.Error(c)
	}
	if runs := s.started(); len(runs) != 1 {
		t.Errorf("%v were started", runs)
	}
}

// TestRunsOfOtherInstances: where a status goes by another GUID than the one that was
// given for the run, the run is found by its name, and started once.
func TestRunsOfOtherInstances(t *testing.T) {
	s := printingLab(t, "retire-ps008", []string{"task_instances=own"}, func(d *declared.SMP, _ *declared.SMPRows) {
		without(d, declared.RowsRefreshes)
	})
	read(t, s)
	if notes := texts(s.Notes()); len(notes) > 0 {
		t.Error(notes)
	}
	if runs := s.started(); len(runs) != 1 {
		t.Errorf("%v were started", runs)
	}
	if err := s.RefreshServer(t.Context(), "PS009"); err != nil {
		t.Fatal(err)
	}
	if err := s.lab.Advance(5 * time.Minute); err != nil {
		t.Fatal(err)
	}
	sync, err := s.ReadSync(t.Context())
	if err != nil || sync.Refreshed["PS009"].IsZero() {
		t.Errorf("not refreshed: %v, %v", sync, err)
	}
}
