//go:build unix

package command

import (
	"os/exec"
	"syscall"
)

// family is a program with its children: a process group of its own.
type family struct{ cmd *exec.Cmd }

func newFamily(cmd *exec.Cmd) *family {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return &family{cmd}
}

func (f *family) started() {}

func (f *family) kill() error { return syscall.Kill(-f.cmd.Process.Pid, syscall.SIGKILL) }

func (f *family) close() {}
