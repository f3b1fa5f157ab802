package content

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"pslan/internal/agentfile"
	"pslan/internal/estate"
	"pslan/internal/fileerror"
	"pslan/internal/platform"
)

// Where the agent keeps its files, seen from its own folder.
const (
	deliveryFolder = "Package Delivery" // {GUID}/cache and {GUID}/snapshot.xml (D, KB 150861, KB 163475)
	snapshotFile   = "snapshot.xml"
	statusFile     = "PackageStatus.xml"
)

// statusFolders hold {GUID}/PackageStatus.xml: the present spelling (D, KB 237210) and
// the older one with a blank (D, KB 178503, KB 181052).
var statusFolders = [...][2]string{
	{"Package Server Agent", "PackageStatus"},
	{"Package Server Agent", "Package Status"},
}

// StatusBeside returns the folders that may hold the status files of the packages
// below a root, in both spellings: they lie beside it in the agent's folder. There are
// none to be told where the root is not called Package Delivery. split and join are
// those of package filepath for folders of this machine, else those of package path.
func StatusBeside(root string, split func(string) (parent, base string), join func(...string) string) []string {
	parent, base := split(root)
	if !strings.EqualFold(base, deliveryFolder) {
		return nil
	}
	var all []string
	for _, names := range statusFolders {
		all = append(all, join(parent, names[0], names[1]))
	}
	return all
}

// openStatus opens those of the folders for status files that exist.
func (p *place) openStatus(open func(string) (fs.FS, io.Closer, error)) {
	if p.err != nil {
		return
	}
	for _, dir := range p.statusDirs {
		s := &place{dir: dir, packages: true}
		s.open(open)
		if !fileerror.Missing(s.err) {
			p.status = append(p.status, s)
		}
	}
}

// agentFiles reads what the agent left beside a copy; nil where there is nothing.
func (p *place) agentFiles(r *platform.Look) *estate.AgentFiles {
	g := r.Image.Package
	if p.err != nil || p.parent != nil || g.IsZero() {
		return nil
	}
	var a estate.AgentFiles
	var problems []error
	if name, ok := p.folders[g]; ok && p.twice[g] == "" {
		problems = append(problems, readSnapshot(&a, p.fsys, name, r))
	}
	for _, s := range p.status {
		problems = append(problems, s.readStatus(&a, g))
	}
	if err := errors.Join(problems...); err != nil {
		a.Error = strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	if a == (estate.AgentFiles{}) {
		return nil
	}
	return &a
}

// readSnapshot reads the snapshot.xml in a package's folder.
func readSnapshot(a *estate.AgentFiles, fsys fs.FS, dir string, r *platform.Look) error {
	snapshot, info, err := readAgentFile(fsys, dir+"/"+snapshotFile, agentfile.ReadSnapshot)
	if snapshot == nil {
		return err
	}
	if !snapshot.Package.IsZero() && snapshot.Package != r.Image.Package {
		return fmt.Errorf("%s/%s is that of another package, %s", dir, snapshotFile, snapshot.Package)
	}
	s := Digest(snapshot.Files)
	a.NotUnderstood += snapshot.NotUnderstood
	a.Snapshot = &estate.Content{
		Files: s.Files, Bytes: s.Bytes, Listing: s.Listing, Version: snapshot.Version,
		From: r.Server, TakenAt: estate.TimeOf(info.ModTime()),
	}
	return nil
}

// readStatus reads the status file of a package in a folder of status files.
func (p *place) readStatus(a *estate.AgentFiles, g estate.GUID) error {
	if p.err != nil {
		return p.err
	}
	name, ok := p.folders[g]
	if !ok {
		return nil
	}
	if other := p.twice[g]; other != "" {
		return fmt.Errorf("there are two folders for the package's status, %s and %s, below %s", name, other, p.dir)
	}
	status, _, err := readAgentFile(p.fsys, name+"/"+statusFile, agentfile.ReadStatus)
	if status == nil {
		return err
	}
	a.NotUnderstood += status.NotUnderstood
	switch at := estate.TimeOf(status.Time); {
	case !status.Deleted:
		return nil
	case status.Time.IsZero():
		return fmt.Errorf("%s/%s marks the copy as deleted at a time that is not understood", name, statusFile)
	default: // of two marks in the two spellings the later one
		a.Deleted = max(a.Deleted, at)
	}
	return nil
}

// readAgentFile reads one file of the agent. There is no value where there is no file.
func readAgentFile[T any](fsys fs.FS, name string, read func(io.Reader) (*T, error)) (*T, fs.FileInfo, error) {
	info, err := fs.Lstat(fsys, name)
	switch {
	case fileerror.Missing(err):
		return nil, nil, nil
	case err == nil && !info.Mode().IsRegular():
		return nil, nil, fmt.Errorf("%s is no file", name)
	case err != nil:
		return nil, nil, fmt.Errorf("%s cannot be read: %w", name, fileerror.Reason(err))
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("%s cannot be read: %w", name, fileerror.Reason(err))
	}
	defer f.Close()
	v, err := read(f)
	if err != nil {
		return nil, nil, fmt.Errorf("%s cannot be used: %w", name, fileerror.Reason(err))
	}
	return v, info, nil
}
