package command

import (
	"os/exec"
	"unsafe"

	"golang.org/x/sys/windows"
)

// family is a program with its children: a job, which ends them all together. Where
// the job cannot be had, the program alone is ended.
type family struct {
	cmd *exec.Cmd
	job windows.Handle
}

func newFamily(cmd *exec.Cmd) *family {
	f := &family{cmd: cmd}
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return f
	}
	info := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{}
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_BREAKAWAY_OK
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err != nil {
		windows.CloseHandle(job)
		return f
	}
	f.job = job
	return f
}

// started puts the program into the job; what it starts from then on is in it too.
func (f *family) started() {
	if f.job == 0 {
		return
	}
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(f.cmd.Process.Pid))
	if err == nil {
		err = windows.AssignProcessToJobObject(f.job, process)
		windows.CloseHandle(process)
	}
	if err != nil {
		f.close()
	}
}

func (f *family) kill() error {
	if f.job != 0 {
		return windows.TerminateJobObject(f.job, 1)
	}
	return f.cmd.Process.Kill()
}

func (f *family) close() {
	if f.job != 0 {
		windows.CloseHandle(f.job)
		f.job = 0
	}
}
