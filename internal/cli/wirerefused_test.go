package cli

import (
	"strings"
	"testing"

	"pslan/internal/lab/serve"
)

// TestRefused: what a platform cannot do, or will not for this account, is said with
// what would help; beside the plan where it can be told beforehand. Nothing is changed
// where pslan knows it, and nothing is lost where it does not.
func TestRefused(t *testing.T) {
	const stops = "Apply would stop here before it changes anything."
	for _, c := range []struct {
		dialect     string
		plan, apply int    // exit codes
		says        string // both do
		warned      bool   // the plan says that apply would stop
	}{
		{"image_packages=invalid type", exitSuccess, exitError, "Whether these services take the packages of images is not documented.", true},
		{"image_packages=empty", exitSuccess, exitError, "no package service knows the package", true},
		{"not_installed=SMF", exitSuccess, exitError, "packages { default_folder = true }", true},
		{"unlicensed=SMF", exitSuccess, exitError, "packages { default_folder = true }", true},
		{"not_installed=Task", exitSuccess, exitError, "The refresh task cannot be run", true},
		{"unlicensed=Task", exitSuccess, exitError, "The refresh task cannot be run", true},
		{"denied=TaskManagementService", exitSuccess, exitError, "The refresh task cannot be run", true},
		{"denied=GetItemByGuid", exitSuccess, exitError, "The membership schedule cannot be run", true},
		{"not_installed=DeploymentSolution", exitError, exitError, "is not installed on this SMP", false},
		{"unlicensed=DeploymentSolution", exitError, exitError, "licence", false},
		{"not_installed=NS", exitError, exitError, "is not installed on this SMP", false},
		{"denied=*", exitError, exitError, "Symantec Administrators", false},
		{"return_xml=none", exitSuccess, exitSuccess, "No image is listed", false},
	} {
		t.Run(c.dialect, func(t *testing.T) {
			t.Parallel()
			w := steeredWire(t, "narrowed-assignment", []string{c.dialect})
			before := w.ends()
			code, said := w.run("plan")
			if code != c.plan || strings.Contains(said, stops) != c.warned || !saysAll(said, c.says) {
				t.Errorf("plan ended with %d:\n%s", code, said)
			}
			code, said = w.run("apply", "-auto-approve")
			if code != c.apply || !saysAll(said, c.says) || strings.Contains(said, "Nothing was changed.") != c.warned {
				t.Errorf("apply ended with %d:\n%s", code, said)
			}
			for _, call := range w.server.Journal() {
				if call.Changes {
					t.Errorf("it asked for %s", call.Method)
				}
			}
			if w.ends() != before {
				t.Error("something changed")
			}
		})
	}
}

// saysAll looks for a text however its lines are broken.
func saysAll(text, want string) bool {
	return strings.Contains(strings.Join(strings.Fields(text), " "), want)
}

// TestRefusedLate: what cannot be known beforehand fails by itself: that step, what
// needs it, and nothing else.
func TestRefusedLate(t *testing.T) {
	for _, c := range []struct{ dialect, says string }{
		{"image_packages=false", "accepted the request and did not follow it"},
		{"denied=SetPackageServerSettings", "give the account the right it lacks"},
		{"denied=ExecuteSchedulableItem", "give the account the right it lacks"},
		{"denied=ExecuteTask", "give the account the right it lacks"},
	} {
		t.Run(c.dialect, func(t *testing.T) {
			t.Parallel()
			w := steeredWire(t, "narrowed-assignment", []string{c.dialect})
			code, said := w.run("apply", "-auto-approve")
			if code != exitStepsFailed || !saysAll(said, c.says) || !strings.Contains(said, "Apply incomplete! Resources: 0 added, 0 changed, 0 destroyed.") {
				t.Errorf("apply ended with %d:\n%s", code, said)
			}
			w.steer(serve.Dialect{}) // somebody mends it
			w.applyUntil(onLab(t, "narrowed-assignment"))
		})
	}
}
