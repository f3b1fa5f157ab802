package examples_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"pslan/examples"
)

// story is what an example tells: what the plan shows, how apply ends, and what is
// on the disks afterwards.
type story struct {
	name string
	// shows are lines (or parts of lines) of the first plan, in this order.
	shows []string
	// blocked: something cannot be done; plan and apply end with 10.
	blocked bool
	applied string // the fixed line of apply
	again   string // the fixed line of the second plan
	// holds says which servers must hold, after apply, what was good of an image
	// before: its new owner first.
	holds func(image string) []string
	// untouched are images of which no server that is up has the files: what lies on
	// the disks stays as it is.
	untouched []string
}

var stories = []story{
	{
		name: "retire-ps008",
		shows: []string{
			`# package_server.ps008 will be destroyed`,
			`take_ownership`, `ORIGIN MOVES`, `verify_drained`, `retire_server`,
			`[PSL106]`, `[PSL301]`, `[PSL403]`,
		},
		applied: "Apply complete! Resources: ",
		again:   "No changes. Your infrastructure matches the configuration.",
		holds:   everyImage("PS010", "PS009"),
	},
	{
		name:    "owner-off",
		shows:   []string{`take_ownership`, `PS008 -> PS009`, `PS009 -> PS010`, `[PSL106]`, `[PSL401]`},
		applied: "Apply complete! Resources: ",
		again:   "No changes. Your infrastructure matches the configuration.",
		holds:   everyImage("PS010"),
	},
	{
		name:    "narrowed-assignment",
		shows:   []string{`assign`, `sync`, `take_ownership`, `[PSL204]`},
		applied: "Apply complete! Resources: ",
		again:   "No changes. Your infrastructure matches the configuration.",
		holds:   everyImage("PS010", "PS009"),
	},
	{
		name:      "no-copy-left",
		shows:     []string{`take_ownership`, `[PSL202]`, `Blocked: 1 images.`},
		blocked:   true,
		applied:   "Apply incomplete! Resources: ",
		again:     "Blocked: 1 images.",
		holds:     images(map[string][]string{"WIN11-23H2": {"PS010", "PS009"}}),
		untouched: []string{"CAD-WORKSTATION", "WIN7-LEGACYAPP"},
	},
	{
		name:      "empty-copy",
		shows:     []string{`take_ownership`, `[PSL101]`, `Blocked: 1 images.`},
		blocked:   true,
		applied:   "Apply incomplete! Resources: ",
		again:     "Blocked: 1 images.",
		holds:     images(map[string][]string{"WIN11-23H2": {"PS010", "PS009"}, "SRV2022-STD": {"PS009", "PS010"}}),
		untouched: []string{"WIN10-22H2"},
	},
	{
		name:    "legacy-and-pct",
		shows:   []string{`convert`, `retire_server`, `[PSL501]`, `[PSL505]`, `[PSL506]`},
		applied: "Apply complete! Resources: ",
		again:   "No changes. Your infrastructure matches the configuration.",
		holds: images(map[string][]string{
			"WIN11-23H2": {"PS010"}, "Office settings": {"PS010", "PS009"},
			"POS-TERMINAL": {"PS010"}, "POS-TERMINAL-OLD": {"PS010"}, "WINXP-SCALE": {"PS010"},
		}),
	},
	{
		name:    "new-smp",
		shows:   []string{`change_profile`, `rebuild_preboot`, `copy_files`, `set_location`, `[PSL508]`},
		applied: "Apply complete! Resources: ",
		again:   "No changes. Your infrastructure matches the configuration.",
		holds: images(map[string][]string{
			"WIN7-GOLD": {"smp02", "PS009", "PS010"}, "WIN10-GOLD": {"smp02", "PS009", "PS010"},
			"Office settings": {"smp02", "PS009", "PS010"}, "WIN11-23H2": {"PS010", "PS009"},
		}),
	},
	{
		name:    "branch-offices",
		shows:   []string{`take_ownership`, `[PSL303]`},
		applied: "Apply complete! Resources: ",
		again:   "No changes. Your infrastructure matches the configuration.",
		holds:   inItsOffice,
	},
}

// everyImage: all images lie on the same servers.
func everyImage(servers ...string) func(string) []string {
	return func(string) []string { return servers }
}

// images: each lies on its own servers; of those not named nothing is said.
func images(servers map[string][]string) func(string) []string {
	return func(name string) []string { return servers[name] }
}

// inItsOffice: an image of an office lies on all five servers there, a golden one on
// the first of each office.
func inItsOffice(name string) []string {
	offices := []string{"BER", "CGN", "GRZ", "HAM", "LEJ", "MUC", "VIE", "ZRH"}
	var servers []string
	for i, prefix := range offices {
		for n := 1; n <= 5; n++ {
			if strings.HasPrefix(name, prefix) || strings.HasPrefix(name, "GOLD") && n == 1 {
				servers = append(servers, fmt.Sprintf("PS%d%02d", i+1, n))
			}
		}
	}
	return servers
}

func TestStories(t *testing.T) {
	told := map[string]bool{}
	for _, s := range stories {
		told[s.name] = true
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.tell(t)
		})
	}
	for _, name := range examples.OnLab() {
		if !told[name] {
			t.Errorf("no test tells the story of %s", name)
		}
	}
}

func (s *story) tell(t *testing.T) {
	e := unpack(t, s.name)

	want := 2
	if s.blocked {
		want = 10
	}
	plan := e.pslan(t, want, "plan", "-detailed-exitcode")
	for _, line := range s.shows {
		if !strings.Contains(plan, line) {
			t.Errorf("the plan does not show %q", line)
		}
	}
	before := e.look(t)
	held := e.heldBefore(t, before)

	want = 0
	if s.blocked {
		want = 10
	}
	if out := e.pslan(t, want, "apply", "-auto-approve"); !strings.Contains(out, s.applied) {
		t.Errorf("apply does not end with %q:\n%s", s.applied, lastLines(out, 30))
	}
	after := e.look(t)
	e.nothingLost(t, held, after)
	s.where(t, e, held, before, after)

	want = 0
	if s.blocked {
		want = 10
	}
	if out := e.pslan(t, want, "plan", "-detailed-exitcode"); !strings.Contains(out, s.again) {
		t.Errorf("the second plan does not say %q:\n%s", s.again, lastLines(out, 40))
	}
	if t.Failed() {
		t.Logf("the first plan:\n%s", plan)
	}
}

// where holds the disks against what the story says about each image.
func (s *story) where(t *testing.T, e *example, held map[string]string, before, after disks) {
	t.Helper()
	for i := range e.images {
		img := &e.images[i]
		for _, server := range s.holds(img.Name) {
			if !after.has(server, held[img.Name]) {
				t.Errorf("%s does not hold the files of %s", server, img.Name)
			}
		}
	}
	for _, name := range s.untouched {
		pack := e.image(t, name).Package
		for server := range after {
			if was, is := before[server][pack], after[server][pack]; was != is {
				t.Errorf("%s held %d files of %s before, and holds %d: it was not to be touched", server, was.files, name, is.files)
			}
		}
	}
}

// TestTheWayOut follows the README of no-copy-left: somebody finds the files of the
// lost image and puts them into the new owner's folder.
func TestTheWayOut(t *testing.T) {
	e := unpack(t, "no-copy-left")
	e.pslan(t, 10, "apply", "-auto-approve")
	e.pslan(t, 0, "lab", "do", "put-files", "PS010", "CAD-WORKSTATION")
	if out := e.pslan(t, 0, "apply", "-auto-approve"); !strings.Contains(out, "Apply complete! ") {
		t.Errorf("apply does not complete:\n%s", lastLines(out, 30))
	}
	disks := e.look(t)
	pack := e.image(t, "CAD-WORKSTATION").Package
	want := disks["PS008"][pack] // it is off, and its disk has what was lost
	for _, server := range []string{"PS009", "PS010"} {
		if got := disks[server][pack]; got != want || got.files == 0 {
			t.Errorf("%s holds %d files of CAD-WORKSTATION, not the %d that PS008 had", server, got.files, want.files)
		}
	}
	e.pslan(t, 0, "plan", "-detailed-exitcode")
}

func TestMain(m *testing.M) {
	code, err := withBinary(m.Run)
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	os.Exit(code)
}
