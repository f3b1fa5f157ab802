package smp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/lab/serve"
	"pslan/internal/platform"
	"pslan/internal/schematest"
	"pslan/internal/smp"
)

// actVariable has this test program play the command of an action: it copies what it
// reads to the file of that name, and ends with the code that its first argument says.
const actVariable = "PSLAN_TEST_ACT"

func TestMain(m *testing.M) {
	if file := os.Getenv(actVariable); file != "" && len(os.Args) > 1 && strings.HasPrefix(os.Args[1], "end=") {
		os.Exit(act(file, os.Args[1]))
	}
	os.Exit(m.Run())
}

func act(file, end string) int {
	data := make([]byte, 1<<16)
	n, _ := os.Stdin.Read(data) // a short document comes in one piece
	if err := os.WriteFile(file, data[:n], 0o600); err != nil {
		return 9
	}
	os.Stdout.WriteString("doing it\n")
	os.Stderr.WriteString("it went wrong\n")
	return int(end[len(end)-1] - '0')
}

// TestTaskJSON: every operator's task is what the schema says.
func TestTaskJSON(t *testing.T) {
	s := schematest.Strict(t, "action")
	image := platform.ImageRef{Image: estate.GUID{1}, Package: estate.GUID{2}, Name: "W"}
	for _, task := range []platform.OperatorTask{
		{Op: platform.OpTakeOwnership, Image: image, Server: "PS1", From: "PS2"},
		{Op: platform.OpClearCopy, Image: image, Server: "PS1", Files: []string{"a.gho"}},
		{Op: platform.OpCopyFiles, Image: image, Server: "smp", From: `\\a\b`, To: `\\c\d`},
		{Op: platform.OpConvert, Image: image, Server: "PS1"},
		{Op: platform.OpChangeProfile, Preboot: estate.GUID{3}, From: "smp01", To: "smp02", Image: platform.ImageRef{Name: "WinPE"}},
		{Op: platform.OpRetireServer, Server: "PS1"}, {Op: platform.OpRefresh, Server: "PS1"}, {Op: "update_membership"},
	} {
		data, err := smp.TaskJSON(&task, task.Image.Package, "ps1.contoso.com")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Check(data); err != nil {
			t.Errorf("%v: %s", err, data)
		}
	}
}

// TestAction: the command gets the task and none of pslan's passwords; its code decides
// whether the request was accepted.
func TestAction(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "task.json")
	t.Setenv(actVariable, file)
	for _, c := range []struct {
		end  string
		want platform.Kind
		says string
	}{{"end=0", 0, ""}, {"end=3", platform.KindRefused, "ended with code 3; the last it wrote: doing it / it went wrong"}} {
		s := serveLab(t, "retire-ps008", nil, serve.Pace{}, func(d *declared.SMP) {
			d.Actions = []declared.SMPAction{{Op: "take_ownership", Command: []string{self, c.end}, Timeout: time.Minute}}
		})
		win := image(t, read(t, s), "WIN11-23H2")
		err := s.TakeOwnership(t.Context(), ref(win), "PS010")
		if (err == nil) != (c.says == "") || err != nil && (kind(err) != c.want || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v", c.end, err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := schematest.Strict(t, "action").Check(data); err != nil {
			t.Errorf("%v: %s", err, data)
		}
		for _, want := range []string{`"op": "take_ownership"`, win.Package.String(), `"host": "ps010.contoso.com"`, `"from": "PS008"`} {
			if !strings.Contains(string(data), want) {
				t.Errorf("%s is not in %s", want, data)
			}
		}
	}
	s := serveLab(t, "retire-ps008", nil, serve.Pace{}, nil)
	win := image(t, read(t, s), "WIN11-23H2")
	if err := s.TakeOwnership(t.Context(), ref(win), "PS010"); kind(err) != platform.KindUnsupported {
		t.Errorf("without a command: %v", err)
	}
	if err := s.AskOperator(t.Context(), platform.OperatorTask{Op: platform.OpTakeOwnership, Image: ref(win), Server: "PS010"}); err != nil {
		t.Errorf("an operator is asked: %v", err)
	}
}
