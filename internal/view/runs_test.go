package view_test

import (
	"strings"
	"testing"
	"time"

	"pslan/internal/view"
)

func TestRuns(t *testing.T) {
	ended, code := runAt.Add(time.Hour), 13
	paused := view.Run{
		ID: "run-20261122T100000Z", State: view.RunPaused, User: "admin", Host: "runner-7", PlanID: "sha256:5f0c", StartedAt: runAt,
		EndedAt: &ended, ExitCode: &code, Why: "1 task for an operator, who is not there", Steps: 2, Done: 1,
		Detail: []view.RunStep{
			{ID: "verify_copy:image.win11:PS010", State: "observed", At: runAt, Note: "3 files, by hash"},
			{ID: "take_ownership:image.win11:PS010", State: view.NotBegun},
		},
	}
	running := view.Run{
		ID: "run-20261122T120000Z", State: view.RunRunning, Host: "runner-8\x1b[2J", PlanID: "sha256:5f0c", StartedAt: ended, Steps: 7, Done: 3,
		WaitsFor: []string{"wait_copy:image.win11:PS010: the copy is complete"},
	}
	lock := view.RunLock{ID: "PMFUK4WXPQ7C", State: view.LockSilent, User: "admin", Host: "runner-7", PID: 42, Run: paused.ID, Operation: "apply", StartedAt: runAt, Heartbeat: runAt.Add(time.Minute)}
	held := lock
	held.State = view.LockHeld
	var b strings.Builder
	for _, write := range []func() error{
		func() error { return view.WriteRuns(&b, nil) },
		func() error { return view.WriteRuns(&b, []view.Run{paused, running}) },
		func() error { return view.WriteRun(&b, &paused) },
		func() error { return view.WriteRun(&b, &running) },
		func() error { return view.WriteRunsJSON(&b, nil) },
		func() error { return view.WriteRunJSON(&b, &paused) },
		func() error { return view.WriteStatus(&b, nil, nil) },
		func() error { return view.WriteStatus(&b, nil, &held) },
		func() error { return view.WriteStatus(&b, &paused, &lock) },
		func() error { return view.WriteStatusJSON(&b, nil, nil) },
		func() error { return view.WriteStatusJSON(&b, &running, &held) },
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
		b.WriteString("----\n")
	}
	golden(t, "runs.txt", b.String())
}
