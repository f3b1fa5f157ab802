package content

import (
	"fmt"
	"io/fs"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// fileBasicInfo is FILE_BASIC_INFO.
type fileBasicInfo struct {
	created, accessed, written, changed int64
	attributes                          uint32
	_                                   uint32
}

// identity is what the file system knows a file by: its number on the volume, and
// when its record was changed last, which whoever writes a file seldom sets back as
// the file's own time.
func identity(in fs.File, _ fs.FileInfo) string {
	f, ok := in.(*os.File)
	if !ok {
		return ""
	}
	h := windows.Handle(f.Fd())
	var id windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(h, &id); err != nil {
		return ""
	}
	var basic fileBasicInfo
	err := windows.GetFileInformationByHandleEx(h, windows.FileBasicInfo, (*byte)(unsafe.Pointer(&basic)), uint32(unsafe.Sizeof(basic)))
	if err != nil || basic.changed == 0 {
		return ""
	}
	return fmt.Sprintf("%x%08x-%x", id.FileIndexHigh, id.FileIndexLow, basic.changed)
}
