package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/fileerror"
	"pslan/internal/packed"
)

// ReadFile reads a manifest with all its parts. With an error among the diagnostics
// there is no manifest.
func ReadFile(path string) (*Manifest, diag.Diagnostics) {
	p, ds := readPart(path, 1)
	if ds.HasErrors() {
		return nil, ds
	}
	m := &p.Manifest
	for i, name := range p.parts {
		at := filepath.Join(filepath.Dir(path), name)
		next, problems := readPart(at, i+2)
		ds = append(ds, problems...)
		switch {
		case problems.HasErrors():
		case estate.Fold(next.Server) != estate.Fold(m.Server) || next.TakenAt != m.TakenAt:
			ds = ds.Errorf(diag.Range{}, "Part of another manifest", "%s is part %d of %s, and is of another server or time. Probe the server again.", at, i+2, path)
		default:
			m.Packages = append(m.Packages, next.Packages...)
		}
	}
	m.sort()
	for i := 1; i < len(m.Packages); i++ {
		if m.Packages[i].GUID == m.Packages[i-1].GUID {
			ds = ds.Errorf(diag.Range{}, "Package twice", "The package %s stands in two parts of %s. Probe the server again.", m.Packages[i].GUID, path)
		}
	}
	if ds.HasErrors() {
		return nil, ds
	}
	return m, ds
}

// readPart reads one file of a manifest.
func readPart(path string, number int) (*part, diag.Diagnostics) {
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		var info fs.FileInfo
		if info, err = f.Stat(); err == nil && info.IsDir() {
			err = errors.New("it is a folder")
		}
	}
	switch {
	case fileerror.Missing(err) && number > 1:
		return nil, diag.Diagnostics(nil).Errorf(diag.Range{}, "Part of a manifest is missing",
			"There is no file %s, which is part %d of a manifest. All its files have to be copied together.", path, number)
	case err != nil:
		return nil, diag.Diagnostics(nil).Errorf(diag.Range{}, "Unreadable manifest", "%s cannot be read: %v.", path, fileerror.Reason(err))
	}
	return read(f, path, number)
}

// Read reads a manifest in one part. name stands in the places of problems.
func Read(in io.Reader, name string) (*Manifest, diag.Diagnostics) {
	p, ds := read(in, name, 1)
	if p == nil {
		return nil, ds
	}
	if len(p.parts) > 0 {
		return nil, ds.Errorf(diag.Range{}, "Part of a manifest", "%s has %d more parts beside it.", name, len(p.parts))
	}
	return &p.Manifest, ds
}

// part is one file of a manifest.
type part struct {
	Manifest
	number int
	parts  []string // names of the other files; of the first part only
}

func read(in io.Reader, name string, number int) (*part, diag.Diagnostics) {
	plain, closer, err := packed.Read(in, maxSize)
	if err != nil {
		return nil, diag.Diagnostics(nil).Errorf(diag.Range{}, "Unreadable manifest", "%s cannot be read: %v.", name, fileerror.Reason(err))
	}
	defer closer()
	r := newReader(plain, name)
	if r.document(number); r.failed || len(r.diags) > 0 {
		return nil, r.list()
	}
	r.sort()
	for i := range r.Packages {
		if a := r.Packages[i].Agent; a != nil && a.Snapshot != nil {
			a.Snapshot.From = r.Server
		}
	}
	return &r.part, nil
}

// reader reads one file.
type reader struct {
	problems
	part
	src     *source
	dec     *json.Decoder
	failed  bool // nothing more can be read
	given   map[string]bool
	numbers map[estate.GUID]bool
}

func newReader(in io.Reader, name string) *reader {
	src := &source{in: in, left: maxValue}
	r := &reader{src: src, given: map[string]bool{}, numbers: map[estate.GUID]bool{}}
	r.name, r.number = name, 1
	r.dec = json.NewDecoder(skipMark(src))
	return r
}

// document reads the whole file.
func (r *reader) document(number int) {
	if !r.open('{', "a manifest") {
		return
	}
	for r.more() {
		key := r.key()
		if r.given[key] {
			r.problem("Key twice", "%q stands twice. Remove one of the two.", key)
		}
		r.given[key] = true
		r.member(key)
	}
	r.close()
	if r.failed {
		return
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		r.problem("Data after the end", "The manifest ends before this place, and nothing may follow it. Were two files joined?")
		return
	}
	r.required(number)
}

func (r *reader) member(key string) {
	switch key {
	case "format_version":
		r.version(r.text(key))
	case "server":
		r.Server = r.text(key)
	case "taken_at":
		r.TakenAt = r.moment(key)
	case "root":
		r.Root = r.text(key)
	case "partial":
		r.decode(key, &r.Partial)
	case "part":
		r.decode(key, &r.number)
	case "parts":
		r.partNames()
	case "packages":
		r.packages()
	default:
		r.skip()
	}
}

// version refuses a file whose format is not known.
func (r *reader) version(s string) {
	major, minor, ok := strings.Cut(s, ".")
	_, err1 := strconv.ParseUint(major, 10, 16)
	_, err2 := strconv.ParseUint(minor, 10, 16)
	switch {
	case r.failed:
	case !ok || err1 != nil || err2 != nil:
		r.problem("Broken format version", `"format_version" is %s. It looks like "1.0".`, shown(s))
	case major != "1":
		r.diags, r.unsaid = nil, 0 // everything else may mean something else there
		r.problem("Unknown format version", "The manifest has format version %s, and this pslan reads version 1. Use the pslan that wrote it, or a newer one.", s)
		r.failed = true
	}
}

// partNames reads the names of the other parts, which lie beside the file.
func (r *reader) partNames() {
	r.decode("parts", &r.parts)
	for _, name := range r.parts {
		if name == "" || name != filepath.Base(name) || strings.ContainsAny(name, `/\:`) || name == ".." || len(r.parts) > maxParts {
			r.problem("Broken list of parts", "A part is called %s, and parts lie beside the file. Probe the server again.", shown(name))
			return
		}
	}
}

// required reports what a manifest cannot do without: another JSON document must not
// be taken for a server with nothing on its disk.
func (r *reader) required(number int) {
	var missing []string
	for _, key := range []string{"format_version", "server", "taken_at", "packages"} {
		if !r.given[key] {
			missing = append(missing, strconv.Quote(key))
		}
	}
	switch {
	case len(missing) > 0:
		r.problem("Not a manifest", "The file has no %s, so it is no whole manifest. A manifest is written by \"pslan probe\".", strings.Join(missing, ", no "))
	case len(r.diags) > 0:
	case strings.TrimSpace(r.Server) == "":
		r.problem("Manifest of no server", `"server" is empty, so nobody can tell whose disk this is. Probe again with -server=NAME.`)
	case r.TakenAt.IsZero():
		r.problem("Manifest of no time", `"taken_at" is empty, so nobody can tell how old it is. Probe the server again.`)
	case r.number != number && number == 1:
		r.problem("Part of a manifest", "This is part %d of a manifest. Name its first file, which names the others.", r.number)
	case r.number != number:
		r.problem("Part of a manifest", "This is part %d of a manifest, where part %d is expected.", r.number, number)
	}
}

// moment takes a time; "" is none.
func (r *reader) moment(key string) estate.Time {
	s := r.text(key)
	t, ok := parseTime(s)
	if !ok {
		r.problem("Broken time", "%q is %s. A time looks like 2026-11-22T10:00:00Z.", key, shown(s))
	}
	return t
}

func parseTime(s string) (estate.Time, bool) {
	if s == "" {
		return 0, true
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() < 1678 || t.Year() > 2261 {
		return 0, false
	}
	return estate.TimeOf(t), true
}

// shown quotes a text for a message, cut where it is long.
func shown(s string) string {
	const limit = 80
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
