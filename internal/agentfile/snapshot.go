package agentfile

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// Snapshot is what a snapshot.xml says.
type Snapshot struct {
	Package estate.GUID // zero where it does not say, or not clearly
	Version int64       // of the package; 0 where it does not say, or not clearly
	// Files are the files that it lists, sorted by path as bytes, with paths as
	// platform.File has them and never a hash. Modified is zero where no time was
	// understood; times without a zone are read as UTC.
	Files []platform.File
	// NotUnderstood counts the elements that could not be made out.
	NotUnderstood int
}

// ReadSnapshot reads a snapshot.xml. The rule (I): an element with a value that looks
// like a relative path and one that is a whole number is a file, be they attributes
// or children; what looks like a GUID or a whole number at the root are the package
// and its version.
//
// Two sizes for one path are an error: then the list says nothing for sure. So is a
// file in which nothing was understood.
func ReadSnapshot(in io.Reader) (*Snapshot, error) {
	r := snapshotReader{sizes: map[string]int64{}}
	if err := walk(in, r.end); err != nil {
		return nil, err
	}
	s := &r.Snapshot
	if len(s.Files) == 0 {
		switch {
		case s.NotUnderstood > 0:
			return nil, &Error{Problem: fmt.Sprintf("none of its %d elements was understood as a file", s.NotUnderstood)}
		case s.Package.IsZero() && s.Version == 0:
			return nil, &Error{Problem: "it lists no files and names no package, so it may be something else than a snapshot"}
		}
	}
	slices.SortFunc(s.Files, func(a, b platform.File) int { return strings.Compare(a.Path, b.Path) })
	return s, nil
}

type snapshotReader struct {
	Snapshot
	sizes map[string]int64
}

// end takes an element whose end was read.
func (r *snapshotReader) end(e, parent *element) error {
	if parent == nil {
		return r.root(e)
	}
	c := classify(e.facts)
	switch {
	case c.folder:
		parent.useful = true
	case c.file:
		parent.useful = true
		return r.add(e, &c)
	case e.useful: // a list of files; what else it says is not needed
		parent.useful = true
		if len(e.facts) > 0 {
			r.NotUnderstood++
		}
	case len(e.facts) > 0 || e.long || strings.TrimSpace(string(e.text)) != "":
		r.NotUnderstood++
	}
	return nil
}

// add adds a file.
func (r *snapshotReader) add(e *element, c *values) error {
	if size, twice := r.sizes[c.path]; twice {
		if size != c.size {
			return &Error{Line: e.line, Problem: fmt.Sprintf("%s is listed with %d bytes and with %d", c.path, size, c.size)}
		}
		r.NotUnderstood++ // why it is there twice
		return nil
	}
	if len(r.Files) >= maxFiles {
		return &Error{Line: e.line, Problem: fmt.Sprintf("it lists more than %d files", maxFiles)}
	}
	r.sizes[c.path] = c.size
	r.Files = append(r.Files, platform.File{Path: c.path, Bytes: c.size, Modified: c.modified})
	return nil
}

// root reads the package and its version.
func (r *snapshotReader) root(e *element) error {
	var guids, versions []fact
	for _, f := range e.facts {
		if _, ok := guid(f.value); ok {
			guids = append(guids, f)
		} else if n, ok := number(f.value); ok && n > 0 && !hinted(f.name, "count", "files", "size", "length", "bytes", "formatversion", "schemaversion") {
			versions = append(versions, f)
		}
	}
	if f, ok := choose(guids, []string{"packageguid", "packageid", "package"}, []string{"guid", "id"}); ok {
		r.Package, _ = guid(f.value)
	}
	if f, ok := choose(versions, []string{"packageversion"}, []string{"version"}); ok {
		r.Version, _ = number(f.value)
	}
	return nil
}

// choose returns the only value there is, else the only one whose name has one of
// the words of the first group that any name has.
func choose(all []fact, groups ...[]string) (fact, bool) {
	if len(all) == 1 {
		return all[0], true
	}
	for _, words := range groups {
		var found []fact
		for _, f := range all {
			if hinted(f.name, words...) {
				found = append(found, f)
			}
		}
		if len(found) > 0 {
			return found[0], len(found) == 1
		}
	}
	return fact{}, false
}

// values is what was made of the values of an element.
type values struct {
	path         string
	size         int64
	modified     time.Time
	file, folder bool
}

// classify makes a file of the values of an element, if they are one.
func classify(facts []fact) (v values) {
	var paths, numbers []fact
	for _, f := range facts {
		if t, _, ok := textTime(f.value); ok {
			v.time(f.name, t)
		} else if t, ok := fileTime(f.value); ok {
			v.time(f.name, t)
		} else if _, ok := number(f.value); ok {
			numbers = append(numbers, f)
		} else if _, _, ok := relativePath(f.value); ok && (hinted(f.name, pathWords...) || !looksOther(f.value)) {
			paths = append(paths, f)
		}
	}
	// A file may well be called 1 or 20261122: then the name of the value tells.
	if len(paths) == 0 {
		paths, numbers = named(numbers)
	}
	at, ok := choosePath(paths)
	if !ok {
		return values{}
	}
	v.path, v.folder, _ = relativePath(at.value)
	if v.folder {
		return v
	}
	size, ok := v.chooseSize(numbers)
	if !ok {
		return values{}
	}
	v.size, _ = number(size.value)
	v.file = true
	return v
}

// time notes the time of last change; of several the one whose name says so.
func (v *values) time(name string, t time.Time) {
	if v.modified.IsZero() || hinted(name, "modified", "write", "writetime", "lastwritetimeutc", "modifieddate", "modifiedtime") {
		v.modified = t
	}
}

// named takes out of some numbers the one whose name says that it is a path.
func named(numbers []fact) (paths, rest []fact) {
	for _, f := range numbers {
		if hinted(f.name, pathWords...) {
			paths = append(paths, f)
		} else {
			rest = append(rest, f)
		}
	}
	return paths, rest
}

var (
	pathWords   = []string{"path", "file", "name"}
	folderWords = []string{"folder", "directory", "dir", "parent", "location"}
)

// choosePath chooses the path among the texts of an element: the only one; else the
// only one that is called a path, a file or a name; else, where none is, the only
// one with a slash or an extension. A name beside a path that ends in it is no
// contradiction; a name beside a folder is one, because nobody tells whether they
// belong together.
func choosePath(all []fact) (fact, bool) {
	var called, shaped []fact
	for _, f := range all {
		if hinted(f.name, pathWords...) || hinted(f.name, folderWords...) {
			called = append(called, f)
		}
		if strings.ContainsAny(f.value, `./\`) {
			shaped = append(shaped, f)
		}
	}
	switch {
	case len(all) == 1:
		return all[0], true
	case len(called) == 1:
		return called[0], true
	case len(called) == 2:
		return longer(called[0], called[1])
	case len(called) == 0 && len(shaped) == 1:
		return shaped[0], true
	}
	return fact{}, false
}

// longer returns the one of two paths that ends in the other.
func longer(a, b fact) (fact, bool) {
	if len(a.value) < len(b.value) {
		a, b = b, a
	}
	long, _, _ := relativePath(a.value)
	short, _, _ := relativePath(b.value)
	return a, long == short || path.Base(long) == short
}

// maxFileSize is beyond any file of a package: 1 PiB.
const maxFileSize = 1 << 50

// otherWords end the names of numbers that are no size.
var otherWords = []string{"version", "id", "attributes", "attrs", "flags", "crc", "crc32", "checksum", "index", "count", "type", "status"}

// chooseSize chooses the size among the numbers of an element, and takes a time in
// seconds since 1970 from the others if its name says that it is one.
func (v *values) chooseSize(all []fact) (fact, bool) {
	var rest []fact
	for _, f := range all {
		t, ok := epoch(f.value)
		if ok && hinted(f.name, "time", "date", "modified", "mtime", "write", "changed", "timeutc", "timestamp") {
			v.time(f.name, t)
			continue
		}
		if n, _ := number(f.value); n <= maxFileSize && !hinted(f.name, otherWords...) {
			rest = append(rest, f)
		}
	}
	return choose(rest, []string{"size", "length", "bytes"})
}
