package smb

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	smb2 "github.com/cloudsoda/go-smb2"
)

// Facts are what a server tells of a file or folder, given by FileInfo.Sys.
type Facts struct {
	// FileID tells files of one volume apart (the file reference number of NTFS, the
	// inode of Samba); 0 where the server gave none, as Lstat does.
	FileID     uint64
	Attributes uint32 // as Windows has them: [MS-FSCC] 2.6
	// ReparseTag says what a reparse point stands for; 0 where the server did not say.
	ReparseTag uint32
	Created    time.Time
	Changed    time.Time // when anything about it changed last
}

// Of [MS-FSCC] 2.6 and 2.1.2.1.
const (
	attributeDirectory = 0x10
	attributeDevice    = 0x40
	attributeReparse   = 0x400

	tagDedup         = 0x80000013 // a file whose bytes are stored once for several: a file like any other
	tagNameSurrogate = 0x20000000 // stands for something elsewhere: symbolic links, junctions
)

// info is what is known of a file.
type info struct {
	name     string
	size     int64
	modified time.Time
	mode     fs.FileMode
	facts    Facts
}

func (i *info) Name() string       { return i.name }
func (i *info) Size() int64        { return i.size }
func (i *info) Mode() fs.FileMode  { return i.mode }
func (i *info) ModTime() time.Time { return i.modified }
func (i *info) IsDir() bool        { return i.mode.IsDir() }
func (i *info) Sys() any           { return &i.facts }

var errFacts = errors.New("the server's facts about it cannot be read")

// newFacts takes what the library tells, and nothing of what it concludes.
func newFacts(name string, from fs.FileInfo) (*info, error) {
	st, ok := from.Sys().(*smb2.FileStat)
	if !ok || st.EndOfFile < 0 {
		return nil, failed("stat", name, errFacts)
	}
	i := &info{
		name: name, size: st.EndOfFile, modified: st.LastWriteTime.UTC(),
		facts: Facts{FileID: st.FileId, Attributes: st.FileAttributes, ReparseTag: st.ReparsePointTag, Created: st.CreationTime.UTC(), Changed: st.ChangeTime.UTC()},
	}
	i.mode = modeOf(&i.facts)
	return i, nil
}

func modeOf(f *Facts) fs.FileMode {
	directory := f.Attributes&attributeDirectory != 0
	if f.Attributes&attributeReparse != 0 {
		switch {
		case f.ReparseTag == tagDedup && !directory:
			return 0o444
		case f.ReparseTag == 0 || f.ReparseTag&tagNameSurrogate != 0:
			return fs.ModeSymlink | 0o444
		}
		return fs.ModeIrregular | 0o444
	}
	switch {
	case directory:
		return fs.ModeDir | 0o555
	case f.Attributes&attributeDevice != 0:
		return fs.ModeDevice | 0o444
	}
	return 0o444
}

// isName reports whether a server may call a file so: nothing that leads elsewhere.
func isName(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/\\:\x00")
}

// Identity is what the server knows the file by: its ID, and when anything about it
// changed last, which whoever writes a file seldom sets back as the file's own time.
// It is "" where the server did not say.
func (f *Facts) Identity() string {
	if f.FileID == 0 || f.Changed.IsZero() {
		return ""
	}
	return fmt.Sprintf("%x-%x", f.FileID, f.Changed.UnixNano())
}
