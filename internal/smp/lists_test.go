package smp_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"pslan/examples"
	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/lab/serve"
	"pslan/internal/platform"
)

// printing has package servers print the rows "copies".
func printing(t testing.TB, d *declared.SMP) *declared.SMPRows {
	t.Helper()
	for i := range d.Rows {
		if r := &d.Rows[i]; r.Kind == declared.RowsCopies {
			r.Report, r.Task, r.Wait = estate.GUID{}, guid(t, serve.PackageListTask), 30*time.Second
			return r
		}
	}
	t.Fatal("there are no rows copies")
	return nil
}

// printingLab serves a lab whose package servers print, and whose time passes as
// somebody looks again.
func printingLab(t testing.TB, example string, dialect []string, change func(*declared.SMP, *declared.SMPRows)) *served {
	t.Helper()
	return serveLab(t, example, dialect, serve.Pace{Jump: true, Most: time.Minute}, func(d *declared.SMP) {
		r := printing(t, d)
		if change != nil {
			change(d, r)
		}
	})
}

// started are the computers of each run of the list task that was asked for.
func (s *served) started() (runs [][]string) {
	for _, call := range s.server.Journal() {
		if strings.HasPrefix(call.Method, "ExecuteTask") && call.Arg("taskGuid") == serve.PackageListTask {
			_, rest, _ := strings.Cut(call.Arg("inputParameters"), "<name>@AssignedResources</name><value>")
			list, _, _ := strings.Cut(rest, "<")
			runs = append(runs, strings.Split(list, ","))
		}
	}
	return runs
}

// TestPrintedCopies: package servers have the copies that the lab knows. Status and
// version are the servers' own, who know better than the SMP.
func TestPrintedCopies(t *testing.T) {
	for _, name := range examples.Names() {
		for _, dialect := range append([]string{"", "task_output=shuffled", "task_output=escaped"}, serve.Variants()...) {
			if dialect != "" && name != "new-smp" {
				continue
			}
			t.Run(name+" "+dialect, func(t *testing.T) {
				var dialects []string
				if dialect != "" {
					dialects = []string{dialect}
				}
				s := printingLab(t, name, dialects, nil)
				got := read(t, s)
				if d := cmp.Diff(read(t, s.lab), got,
					cmpopts.IgnoreFields(estate.Estate{}, "TakenAt", "Source"), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(estate.PackageServer{}, "LastSeen"),
					cmpopts.IgnoreFields(estate.Copy{}, "Managed", "DeleteAfter", "StatusAt", "Status", "Version"),
					cmp.Transformer("seconds", func(t estate.Time) int64 { return int64(t) / 1e9 })); d != "" {
					t.Error("-lab +lists:\n" + d)
				}
				for i := range got.Images {
					for _, c := range got.Images[i].Copies {
						if !c.StatusAt.IsZero() || c.Managed != estate.ManagedUnknown || strings.HasPrefix(c.Status, "unknown") {
							t.Errorf("%s on %s: %+v", got.Images[i].Name, got.ServerName(c.Server), c)
						}
					}
				}
				if notes := texts(s.Notes()); len(notes) > 0 {
					t.Error(notes)
				}
				if runs := s.started(); len(runs) != 1 || len(runs[0]) != up(got) {
					t.Errorf("started: %v", runs)
				}
			})
		}
	}
}

// up counts the package servers that are not known to be off.
func up(e *estate.Estate) (n int) {
	for i := range e.Servers {
		if e.Servers[i].State != estate.Offline {
			n++
		}
	}
	return n
}

// statuses are those of the copies of an image by server.
func statusesOf(e *estate.Estate, img *estate.Image) string {
	var list []string
	for i := range img.Copies {
		list = append(list, e.ServerName(img.Copies[i].Server)+" "+img.Copies[i].Status)
	}
	return strings.Join(list, ", ")
}

// TestListsThatCannotBeUsed: whatever goes wrong on a package server, it tells nothing
// of its copies, the others do, and a warning says what is wrong and what to do.
func TestListsThatCannotBeUsed(t *testing.T) {
	const whole = "PS008 Ready, PS009 Ready, PS010 Unavailable"
	for _, c := range []struct {
		name     string
		dialect  []string
		change   func(*declared.SMP, *declared.SMPRows)
		statuses string // of WIN11-23H2
		want     []string
	}{
		{"all well", nil, nil, whole, nil},
		{"a server never begins", []string{"list_faults.PS009=never"}, func(_ *declared.SMP, r *declared.SMPRows) { r.Wait = 2 * time.Second }, "PS008 Ready, PS009 , PS010 Unavailable",
			[]string{"PS009 (it has not run the task within 2s; look whether its agent reaches its task server, or raise wait)"}},
		{"a server fails", []string{"list_faults.PS009=failed"}, nil, "PS008 Ready, PS009 , PS010 Unavailable",
			[]string{"PS009 (the task failed there with the code -1; run the task in the console and look at its output)"}},
		{"COM is blocked", []string{"list_faults.ps009=com"}, nil, "PS008 Ready, PS009 , PS010 Unavailable",
			[]string{"PS009 (the script cannot create the agent's object Altiris.AeXNSClient: Altiris.AeXNSClient: Access is denied. (0x80070005); run the task as System, and look whether the agent's settings block COM (enableCOMSecurity))"}},
		{"the output is cut", []string{"task_output=cut"}, nil, "PS008 , PS009 , PS010 ",
			[]string{"PS008 (its output is cut off after ", "PS009 (", "PS010 ("}},
		{"another version", []string{"task_output=version"}, nil, "PS008 , PS009 , PS010 ",
			[]string{"PS008 (its script is version 2, and this pslan reads version 1; put the script of this version of pslan into the task)"}},
		{"the output is not kept", []string{"task_output=none"}, nil, "PS008 , PS009 , PS010 ",
			[]string{"PS010 (the task gave no output; save the output of the script with the status of the task, and put the script of this version of pslan into the task)"}},
		{"two faults", []string{"list_faults.PS009=failed", "list_faults.PS008=com"}, nil, "PS008 , PS009 , PS010 Unavailable", []string{"PS008 (", "PS009 ("}},
		{"a column order that nobody knows", []string{"task_output=shuffled"}, nil, whole, nil},
		{"words of the connection", nil, func(_ *declared.SMP, r *declared.SMPRows) { r.Words = map[string]string{"1": "Bereit"} }, "PS008 Bereit, PS009 Bereit, PS010 Unavailable", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := printingLab(t, "retire-ps008", c.dialect, c.change)
			e := read(t, s)
			if got := statusesOf(e, image(t, e, "WIN11-23H2")); got != c.statuses {
				t.Errorf("%s, want %s", got, c.statuses)
			}
			notes := strings.Join(texts(s.Notes()), "\n")
			if (notes == "") != (len(c.want) == 0) {
				t.Error(notes)
			}
			for _, want := range c.want {
				if !strings.Contains(notes, want) || !strings.Contains(notes, "Package servers whose package list cannot be used") {
					t.Errorf("%q is not in:\n%s", want, notes)
				}
			}
		})
	}
}

// TestNoTask: a task that is not there, or may not be run, ends the reading.
func TestNoTask(t *testing.T) {
	s := printingLab(t, "retire-ps008", nil, func(_ *declared.SMP, r *declared.SMPRows) { r.Task = guid(t, "0e3a5b0c-0d7e-4f5c-9d9a-3a5b0c0d7e4f") })
	if _, err := s.ReadEstate(t.Context(), platform.Scope{}); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Error(err)
	}
	s = printingLab(t, "retire-ps008", []string{"denied=TaskManagementService"}, nil)
	if _, err := s.ReadEstate(t.Context(), platform.Scope{}); kind(err) != platform.KindDenied {
		t.Error(err)
	}
}

// TestListsAreKept: a list is used as long as it is young enough, by a later command as
// well; a poll asks the servers that its images concern.
func TestListsAreKept(t *testing.T) {
	s := serveLab(t, "retire-ps008", nil, serve.Pace{Jump: true, Most: time.Second}, func(d *declared.SMP) {
		printing(t, d)
		d.Owner.Sources = []string{"location", "originator"}
	})
	e := read(t, s)
	win := image(t, e, "WIN11-23H2")
	count := func(want int, what string) {
		t.Helper()
		if runs := s.started(); len(runs) != want {
			t.Errorf("%s: %d runs were started, want %d: %v", what, len(runs), want, runs)
		}
	}
	count(1, "the first reading")
	read(t, s)
	count(1, "another reading")
	s.open(t)
	if got := statusesOf(e, image(t, read(t, s), "WIN11-23H2")); !strings.Contains(got, "PS009 Ready") {
		t.Error(got)
	}
	count(1, "another process")
	poll := func() *estate.Estate {
		t.Helper()
		e, err := s.ReadEstate(t.Context(), platform.Scope{Images: []estate.GUID{win.GUID}, Recent: true})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	poll()
	count(1, "a poll at once")
	if err := s.lab.Advance(3 * time.Minute); err != nil {
		t.Fatal(err)
	}
	poll()
	count(2, "a poll after three minutes")
	for range 20 {
		poll()
	}
	if runs := s.started(); len(runs) > 4 {
		t.Errorf("polls started %d runs", len(runs))
	}
	if err := s.lab.Advance(20 * time.Minute); err != nil {
		t.Fatal(err)
	}
	before := len(s.started())
	read(t, s)
	count(before+1, "a reading after twenty minutes")
	s.open(t)
	if err := s.lab.Advance(20 * time.Minute); err != nil {
		t.Fatal(err)
	}
	read(t, s)
	count(before+2, "another process after twenty minutes")
}

// TestLostRun: a run whose answer was lost is found by its name, and not started twice;
// one that never began is started again.
func TestLostRun(t *testing.T) {
	for _, c := range []struct {
		kind string
		runs int
	}{{serve.TroubleReset, 1}, {serve.TroubleTruncated, 1}} {
		s := printingLab(t, "retire-ps008", nil, nil)
		s.trouble(t, "ExecuteTask:"+c.kind+":1")
		e := read(t, s)
		if got := statusesOf(e, image(t, e, "WIN11-23H2")); got != "PS008 Ready, PS009 Ready, PS010 Unavailable" {
			t.Errorf("%s: %s", c.kind, got)
		}
		if runs := s.started(); len(runs) != c.runs {
			t.Errorf("%s: %v", c.kind, runs)
		}
	}
}

// TestOriginator: what package servers hold for the originator of a package is a source
// of its owner where it is named as one, and only another one that agrees makes an owner.
func TestOriginator(t *testing.T) {
	for _, c := range []struct {
		sources []string
		words   map[string]string
		owner   string // of WIN11-23H2; "": in doubt
		notes   []string
	}{
		{[]string{"location", "originator"}, nil, "PS008", nil},
		{[]string{"packages", "originator"}, nil, "PS008", nil},
		{[]string{"originator", "copies"}, nil, "", []string{"Owners that no two sources agree on"}},
		{[]string{"location", "copies"}, nil, "", []string{"Owners that no two sources agree on"}},
		{[]string{"location", "originator"}, map[string]string{"ps008.contoso.com": "PS009"}, "", []string{"Owners that no two sources agree on"}},
		{[]string{"location", "originator"}, map[string]string{"ps008.contoso.com": "{13303f4f}"}, "", []string{"Owners that no two sources agree on", "Originators that name nobody"}},
		{[]string{"location", "packages", "originator"}, map[string]string{"ps008.contoso.com": "somebody"}, "PS008", []string{"Originators that name nobody"}},
		{[]string{"location", "packages", "originator"}, map[string]string{"ps008.contoso.com": "NS"}, "", []string{"Owners that no two sources agree on"}},
	} {
		t.Run(fmt.Sprint(c.sources, c.words), func(t *testing.T) {
			s := printingLab(t, "retire-ps008", nil, func(d *declared.SMP, r *declared.SMPRows) { d.Owner.Sources, r.Words = c.sources, c.words })
			e := read(t, s)
			if got := e.ServerName(image(t, e, "WIN11-23H2").Owner); got != c.owner {
				t.Errorf("the owner is %q, want %q", got, c.owner)
			}
			var got []string
			for _, n := range s.Notes() {
				got = append(got, n.Summary)
			}
			if d := cmp.Diff(c.notes, got); d != "" {
				t.Error(d, texts(s.Notes()))
			}
		})
	}
}
