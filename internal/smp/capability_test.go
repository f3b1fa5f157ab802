package smp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/lab/serve"
	"pslan/internal/platform"
)

// with adds rows by the reports of the lab.
func with(t testing.TB, d *declared.SMP, kinds ...declared.RowKind) {
	t.Helper()
	for _, r := range serve.Reports() {
		for _, kind := range kinds {
			if r.Name == string(kind) {
				d.Rows = append(d.Rows, declared.SMPRows{Kind: kind, Report: r.GUID})
			}
		}
	}
}

// TestCapabilities: what an installation lacks is told when it is read or prepared for,
// and no request changes anything then.
func TestCapabilities(t *testing.T) {
	for _, c := range []struct {
		name    string
		dialect []string
		change  func(*testing.T, *declared.SMP)
		notes   []string // summaries
		refuses string   // what Prepare says of an assignment; "": nothing
	}{
		{"all there", nil, nil, nil, ""},
		{"image packages are no software packages", []string{"image_packages=invalid type"}, nil,
			[]string{"Packages whose assignment is not told"}, "no package service knows the package"},
		{"image packages are unknown", []string{"image_packages=empty"}, nil,
			[]string{"Packages whose assignment is not told"}, "no package service knows the package"},
		{"rows tell what no service does", []string{"image_packages=invalid type"}, func(t *testing.T, d *declared.SMP) { with(t, d, declared.RowsAssignments) },
			nil, "no package service knows the package"},
		{"rows alone", nil, func(t *testing.T, d *declared.SMP) {
			with(t, d, declared.RowsAssignments)
			d.Packages.Interface = "rows"
		}, nil, "no web service may be used for assignments"},
		{"no software management", []string{"not_installed=SMF"}, nil, []string{"Packages whose assignment is not told"}, "does not tell in which folder servers keep it"},
		{"no software management, no folders of their own", []string{"not_installed=SMF"}, func(_ *testing.T, d *declared.SMP) { d.Packages.DefaultFolder = true },
			[]string{"Packages whose assignment is not told"}, ""},
		{"no rights to packages", []string{"denied=SoftwarePackageManagementService,SWDSolnPackageManagementService"}, nil,
			[]string{"Packages whose assignment is not told"}, "software_management: rights"},
		{"the images from rows", []string{"not_installed=DeploymentSolution"}, func(t *testing.T, d *declared.SMP) { with(t, d, declared.RowsImages) }, nil, ""},
		{"no states", nil, func(_ *testing.T, d *declared.SMP) {
			for i := range d.Rows {
				if d.Rows[i].Kind == declared.RowsServers {
					d.Rows[i].CSV, d.Rows[i].Report = "servers.csv", estate.GUID{}
				}
			}
		}, []string{"Whether package servers are up is not told"}, ""},
		{"one source for the owner", nil, func(_ *testing.T, d *declared.SMP) { d.Owner.Sources = []string{"location", "owners"} },
			[]string{"Owners that no two sources agree on"}, ""},
		{"no links", nil, func(_ *testing.T, d *declared.SMP) { d.Packages.Links = []string{"record"} }, []string{"Images whose package is not known"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serveLab(t, "retire-ps008", c.dialect, serve.Pace{}, func(d *declared.SMP) {
				if c.change != nil {
					c.change(t, d)
				}
			})
			s.csv(t, "servers.csv")
			e := read(t, s)
			var got []string
			for _, n := range s.Notes() {
				got = append(got, n.Summary)
			}
			if d := cmp.Diff(c.notes, got); d != "" {
				t.Error(d)
			}
			win := image(t, e, "WIN11-23H2")
			ds := s.Prepare(t.Context(), platform.Needs{Assign: []platform.ImageRef{ref(win)}, Update: true, Refresh: true})
			if text := strings.Join(texts(ds), "\n"); (c.refuses == "") != (len(ds) == 0) || !strings.Contains(text, c.refuses) {
				t.Errorf("Prepare: %s", text)
			}
			if c.refuses == "" {
				return
			}
			err := s.SetAssignment(t.Context(), ref(win), estate.AssignmentNames{Mode: estate.AssignServers, Servers: []string{"PS009", "PS010"}})
			if kind(err) != platform.KindUnsupported || !strings.Contains(err.Error(), c.refuses) {
				t.Errorf("SetAssignment: %v", err)
			}
			for _, call := range s.server.Journal() {
				if call.Changes {
					t.Errorf("it changed something: %s", call.Method)
				}
			}
		})
	}
}

// csv writes the package servers to a file as somebody exported them, and has the
// connection read it.
func (s *served) csv(t *testing.T, name string) {
	t.Helper()
	e := read(t, s.lab)
	var b strings.Builder
	b.WriteString("\ufeffHost;GUID;Sites\r\n")
	for i := range e.Servers {
		b.WriteString(e.Servers[i].Host + ";{" + strings.ToUpper(e.Servers[i].GUID.String()) + "};" + strings.Join(e.Servers[i].Sites, ",") + "\r\n")
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	s.files = map[string]string{name: file}
	s.open(t)
}

// TestPrepare names what is missing of tasks, schedules and commands.
func TestPrepare(t *testing.T) {
	s := serveLab(t, "retire-ps008", nil, serve.Pace{}, func(d *declared.SMP) {
		d.Refresh = guid(t, "0e3a5b0c-0d7e-4f5c-9d9a-3a5b0c0d7e4f")
		d.Membership.Schedule = guid(t, serve.RefreshTask)
		d.Actions = []declared.SMPAction{{Op: "take_ownership", Command: []string{"no-such-program-here"}}}
	})
	read(t, s)
	text := strings.Join(texts(s.Prepare(t.Context(), platform.Needs{Update: true, Refresh: true, Operator: []platform.OperatorOp{platform.OpTakeOwnership}})), "\n")
	for _, want := range []string{"The refresh task cannot be run", "is no schedule", `Action "take_ownership": no-such-program-here cannot be run`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in:\n%s", want, text)
		}
	}
}

// TestDescribe: what is not configured is an operator's.
func TestDescribe(t *testing.T) {
	s := serveLab(t, "retire-ps008", nil, serve.Pace{}, nil)
	if d := s.Describe(); !d.OwnershipByOperator || d.SyncByOperator || d.OperatorPresent || d.ReadOnly || d.Simulated || d.Poll != 10*time.Millisecond {
		t.Errorf("%+v", d)
	}
	s.settings.Membership, s.settings.Refresh = declared.SMPMembership{}, estate.GUID{}
	s.settings.Actions = []declared.SMPAction{{Op: "take_ownership", Command: []string{"x"}}, {Op: "convert", Command: []string{"x"}}, {Op: "refresh", Command: []string{"x"}}}
	s.open(t)
	if d := s.Describe(); d.OwnershipByOperator || !d.SyncByOperator || !cmp.Equal(d.Acts, []platform.OperatorOp{platform.OpTakeOwnership, platform.OpConvert}) {
		t.Errorf("%+v", d)
	}
}
