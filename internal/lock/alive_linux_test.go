package lock

import (
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestDefunct: a process that has ended, and whose parent has not asked for it yet, is
// not alive, though its number is still there.
func TestDefunct(t *testing.T) {
	child := exec.Command(os.Args[0], "-test.run=^$")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if alive, known := processAlive(os.Getpid()); !alive || !known {
		t.Error("this process is not alive")
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, out); err != nil { // until it closes it, by its end
		t.Fatal(err)
	}
	for alive := true; alive; { // between that and its end lies a moment
		alive, _ = processAlive(child.Process.Pid)
	}
	if err := syscall.Kill(child.Process.Pid, 0); err != nil {
		t.Errorf("its number is gone already: %v", err)
	}
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
	if alive, known := processAlive(child.Process.Pid); alive || !known {
		t.Error("a process that is gone is alive")
	}
}
