package smp_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/lab/serve"
	"pslan/internal/platform"
	"pslan/internal/smp"
)

// byRows lets rows "assignments" of the lab tell assignments.
func byRows(t testing.TB) func(*declared.SMP) {
	return func(d *declared.SMP) {
		with(t, d, declared.RowsAssignments)
		d.Packages.Assignments = "rows"
	}
}

// since counts the calls since there were so many, by method; reports count as RunReport.
func (s *served) since(calls int) map[string]int {
	counts := map[string]int{}
	for _, c := range s.server.Journal()[calls:] {
		counts[strings.TrimSuffix(c.Method, "X")]++
	}
	return counts
}

func (s *served) readAll(t testing.TB, scope platform.Scope) *estate.Estate {
	t.Helper()
	e, err := s.ReadEstate(t.Context(), scope)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var secondhand = platform.Scope{Secondhand: true}

// assign changes an assignment as somebody else would.
func (s *served) assign(t testing.TB, img *estate.Image, to estate.AssignmentNames) {
	t.Helper()
	if err := s.lab.SetAssignment(t.Context(), ref(img), to); err != nil {
		t.Fatal(err)
	}
}

// sameImages is sameEstate for what assignments decide, and quick.
func sameImages(t *testing.T, want, got *estate.Estate) {
	t.Helper()
	if len(got.Images) != len(want.Images) {
		t.Fatalf("%d images, want %d", len(got.Images), len(want.Images))
	}
	for i := range want.Images {
		a, b := &want.Images[i], &got.Images[i]
		is, be := want.NameAssignment(&a.Assignment), got.NameAssignment(&b.Assignment)
		if a.GUID != b.GUID || want.ServerName(a.Owner) != got.ServerName(b.Owner) || !is.Equal(&be) || len(a.Copies) != len(b.Copies) {
			t.Errorf("%s: owner %s, assigned %v, %d copies; want owner %s, assigned %v, %d copies", a.Name,
				got.ServerName(b.Owner), be, len(b.Copies), want.ServerName(a.Owner), is, len(a.Copies))
		}
	}
}

func withPackage(e *estate.Estate) (n int) {
	for i := range e.Images {
		if !e.Images[i].Package.IsZero() {
			n++
		}
	}
	return n
}

// TestCallsOfReadings counts what readings of a large estate cost: by the service, by
// rows of a report, and by rows of a file, which do not replace the service.
func TestCallsOfReadings(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(testing.TB) func(*declared.SMP)
		// packages are those that a reading of everything asks for: three of each mode, or
		// all of them (-1).
		packages, reports int
	}{
		{"service", func(testing.TB) func(*declared.SMP) { return nil }, -1, 7},
		{"rows by report", byRows, 9, 8},
		{"rows by csv", func(t testing.TB) func(*declared.SMP) {
			return func(d *declared.SMP) {
				d.Rows = append(d.Rows, declared.SMPRows{Kind: declared.RowsAssignments, CSV: "assignments.csv"})
			}
		}, -1, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serveLab(t, "branch-offices", nil, serve.Pace{}, c.change(t))
			for round := range 2 {
				before := len(s.server.Journal())
				e := s.readAll(t, secondhand)
				sameImages(t, read(t, s.lab), e)
				want := c.packages
				if want < 0 {
					want = withPackage(e)
				}
				if got := s.since(before); got["GetPackage"] != want || got["RunReport"] != c.reports || got["RunDeploymentSolutionTask"] != 2 {
					t.Errorf("reading %d: %v, want %d packages and %d reports", round, got, want, c.reports)
				}
				if want < 0 || round > 0 {
					continue
				}
				images := []estate.GUID{e.Images[0].GUID, e.Images[7].GUID}
				before = len(s.server.Journal())
				if same, err := s.Confirm(t.Context(), images); !same || err != nil {
					t.Error(same, err)
				}
				if same, err := s.Confirm(t.Context(), images); !same || err != nil {
					t.Error(same, err)
				}
				if got := s.since(before)["GetPackage"]; c.packages >= 0 && got > 2 || c.packages < 0 && got != 0 {
					t.Errorf("Confirm asked for %d packages", got)
				}
			}
			// A reading that does not allow it is first-hand in any case.
			before := len(s.server.Journal())
			e := s.readAll(t, platform.Scope{})
			if got := s.since(before)["GetPackage"]; got != withPackage(e) {
				t.Errorf("a first-hand reading asked for %d packages", got)
			}
		})
	}
}

// TestCallsOfPolls: a poll reads of few images what may have changed of them, and what
// belongs to no image once a minute.
func TestCallsOfPolls(t *testing.T) {
	s := serveLab(t, "branch-offices", nil, serve.Pace{}, nil)
	e := read(t, s)
	poll := platform.Scope{Images: []estate.GUID{e.Images[3].GUID, e.Images[200].GUID}, Recent: true}
	few := map[string]int{"RunReport": 2, "RunDeploymentSolutionTask": 2, "GetPackage": 2} // rows packages and copies
	whole := map[string]int{"RunReport": 7, "RunDeploymentSolutionTask": 2, "GetPackage": 2}
	for _, step := range []struct {
		name  string
		after time.Duration
		scope platform.Scope
		want  map[string]int
	}{
		{"soon after", 0, poll, few},
		{"50 s later", 50 * time.Second, poll, few},
		{"2 min later", 70 * time.Second, poll, whole},
		{"and soon again", time.Second, poll, few},
		{"a reading that begins something", 0, platform.Scope{Images: poll.Images}, whole},
	} {
		if err := s.lab.Advance(step.after); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ReadSync(t.Context()); err != nil { // its answers tell what time it is
			t.Fatal(err)
		}
		before := len(s.server.Journal())
		got := s.readAll(t, step.scope)
		if d := cmp.Diff(step.want, s.since(before)); d != "" {
			t.Errorf("%s: %s", step.name, d)
		}
		sameImages(t, read(t, s.lab, poll.Images...), got)
	}
}

// TestLaggingRows: what this process wrote is read from the service until the rows have
// followed, and then from the rows again.
func TestLaggingRows(t *testing.T) {
	s := serveLab(t, "branch-offices", []string{"report_lag.assignments=1h"}, serve.Pace{}, byRows(t))
	e := s.readAll(t, secondhand)
	img := &e.Images[17]
	if e.ServerName(0) == e.ServerName(img.Owner) {
		img = &e.Images[18]
	}
	to := estate.AssignmentNames{Mode: estate.AssignServers, Servers: []string{e.ServerName(0), e.ServerName(img.Owner)}}
	slices.Sort(to.Servers)
	if err := s.SetAssignment(t.Context(), ref(img), to); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name     string
		after    time.Duration
		packages int
	}{
		{"the rows are older", 0, 10}, {"still", time.Minute, 10}, {"they have followed", 2 * time.Hour, 10}, {"and are believed", 0, 9},
	} {
		if err := s.lab.Advance(step.after); err != nil {
			t.Fatal(err)
		}
		before := len(s.server.Journal())
		got := s.readAll(t, secondhand)
		sameImages(t, read(t, s.lab), got)
		if n := s.since(before)["GetPackage"]; n != step.packages {
			t.Errorf("%s: %d packages were asked for, want %d", step.name, n, step.packages)
		}
		if notes := texts(s.Notes()); len(notes) > 0 {
			t.Errorf("%s: %v", step.name, notes)
		}
	}
}

// TestLyingRows: where rows and service contradict each other the service counts, both
// are named, and no rows are believed any more.
func TestLyingRows(t *testing.T) {
	t.Run("in all rows", func(t *testing.T) {
		for _, dialect := range []string{"assignment_rows=all", "assignment_rows=short"} {
			s := serveLab(t, "branch-offices", []string{dialect}, serve.Pace{}, byRows(t))
			e := s.readAll(t, secondhand)
			sameImages(t, read(t, s.lab), e)
			against(t, s, `Rows "assignments" contradict the package services`, "the rows say", "the package service says")
		}
	})
	t.Run("of an image that the plan concerns", func(t *testing.T) {
		s := serveLab(t, "branch-offices", []string{"report_lag.assignments=24h"}, serve.Pace{}, byRows(t))
		e := s.readAll(t, secondhand)
		img, other := &e.Images[150], &e.Images[151]
		s.assign(t, img, estate.AssignmentNames{Mode: estate.AssignAll})
		e = s.readAll(t, secondhand)
		if e.Images[150].Assignment.Mode == estate.AssignAll {
			t.Fatal("the rows do not lag")
		}
		if same, err := s.Confirm(t.Context(), []estate.GUID{other.GUID}); !same || err != nil {
			t.Error("an image that the rows tell rightly:", same, err)
		}
		if same, err := s.Confirm(t.Context(), []estate.GUID{img.GUID}); same || err != nil {
			t.Error("an image of which the rows are wrong:", same, err)
		}
		e = s.readAll(t, secondhand)
		sameImages(t, read(t, s.lab), e)
		against(t, s, img.Name+" (the rows say ", "the package service says all")
		if same, err := s.Confirm(t.Context(), []estate.GUID{img.GUID}); !same || err != nil {
			t.Error("after a first-hand reading:", same, err)
		}
	})
}

func against(t *testing.T, s *served, wants ...string) {
	t.Helper()
	notes := strings.Join(texts(s.Notes()), "\n")
	for _, want := range wants {
		if !strings.Contains(notes, want) {
			t.Errorf("%q is not in: %s", want, notes)
		}
	}
}

// TestMarkedCopies: rows alone never say that a copy which is marked for deletion is
// assigned again: an image that no plan concerns is read from the service for it.
func TestMarkedCopies(t *testing.T) {
	s := serveLab(t, "branch-offices", []string{"report_lag.assignments=240h"}, serve.Pace{}, byRows(t))
	e := s.readAll(t, secondhand)
	img := &e.Images[150]
	var gone string
	for i := range img.Copies {
		if id := img.Copies[i].Server; id != img.Owner && e.Covers(&img.Assignment, id) {
			gone = e.ServerName(id)
		}
	}
	if gone == "" {
		t.Fatal("the image has one copy")
	}
	// Somebody takes the assignment away, and the server learns of it: its copy is marked.
	s.assign(t, img, estate.AssignmentNames{Mode: estate.AssignServers, Servers: []string{e.ServerName(img.Owner)}})
	if err := s.lab.UpdateMembership(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.settle(t)
	if err := s.lab.RefreshServer(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	s.settle(t)
	want := read(t, s.lab)
	marked := want.Images[150].Copy(estate.NewIndex(want).Server(gone))
	if marked == nil || marked.DeleteAfter.IsZero() {
		t.Fatal("the copy was not marked")
	}
	got := s.readAll(t, secondhand)
	sameImages(t, want, got)
	against(t, s, img.Name+" (the rows say ", "the package service says servers "+e.ServerName(img.Owner))
}

func (s *served) settle(t *testing.T) {
	t.Helper()
	if err := s.lab.Advance(10 * time.Minute); err != nil {
		t.Fatal(err)
	}
}

// TestAgreement: the doctor says whether rows could tell assignments.
func TestAgreement(t *testing.T) {
	for dialect, want := range map[string]struct {
		verdict smp.Verdict
		found   string
	}{
		"assignment_rows=right": {smp.Works, "12 packages alike"},
		"assignment_rows=short": {smp.Fails, "the rows say servers PS008, the service says servers PS008, PS009"},
		"assignment_rows=all":   {smp.Fails, "the rows say all, the service says servers"},
	} {
		s := serveLab(t, "retire-ps008", []string{dialect}, serve.Pace{}, func(d *declared.SMP) { with(t, d, declared.RowsAssignments) })
		var found []smp.Check
		for _, c := range s.Doctor(t.Context(), smp.DoctorOptions{}).Checks {
			if c.Name == `rows "assignments" and the package services` {
				found = append(found, c)
			}
		}
		if len(found) != 1 || found[0].Verdict != want.verdict || !strings.Contains(found[0].Found, want.found) {
			t.Errorf("%s: %+v", dialect, found)
		}
	}
}
