//go:build unix

package peertest

import (
	"os/exec"
	"syscall"
)

// ownGroup lets a server and what it starts be ended together, and by nothing else.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended by itself
}
