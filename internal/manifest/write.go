package manifest

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pslan/internal/atomicfile"
	"pslan/internal/estate"
	"pslan/internal/fileerror"
	"pslan/internal/packed"
	"pslan/internal/pattern"
)

// formatVersion of what is written: minor numbers only add.
const formatVersion = "1.0"

// partFiles is how many files the packages of one part have before another part is
// begun: about 50 MB. A package is never divided.
const partFiles = 200_000

// WriteFile writes a manifest to a file, whole or not at all, compressed if the name
// ends in .zst or .gz. A very large one is divided: its other parts are written
// beside the file first, under names with the manifest's time in them, then the
// file, which names them; then the parts of the one it replaced are removed.
func WriteFile(path string, m *Manifest) error { return writeFile(path, m, partFiles) }

func writeFile(path string, m *Manifest, most int) error {
	var names []string
	parts := divide(m.Packages, most)
	for i := 1; i < len(parts); i++ {
		name := partName(filepath.Base(path), m.TakenAt, i+1)
		names = append(names, name)
		if err := writePart(filepath.Join(filepath.Dir(path), name), &writer{m: m, packages: parts[i], part: i + 1}); err != nil {
			return err
		}
	}
	if err := writePart(path, &writer{m: m, packages: parts[0], part: 1, parts: names}); err != nil {
		return err
	}
	return removeParts(path, names)
}

// Remove removes a manifest with all its parts. It is no error if there is none.
func Remove(path string) error {
	if err := os.Remove(path); err != nil && !fileerror.Missing(err) {
		return err
	}
	return removeParts(path, nil)
}

// divide cuts the packages into parts, at least one.
func divide(all []Package, most int) [][]Package {
	var parts [][]Package
	from, n := 0, 0
	for i := range all {
		if i > from && n+len(all[i].Files) > most {
			parts = append(parts, all[from:i])
			from, n = i, 0
		}
		n += len(all[i].Files)
	}
	return append(parts, all[from:])
}

// partStamp stands in the names of parts.
const partStamp = "20060102T150405.999999999Z"

// partOf recognises the name of a part: the file's name, a stamp, a number.
var partOf = pattern.Lazy(`^(.+)\.\d{8}T\d{6}(?:\.\d+)?Z\.part\d+(|\.json)(|\.gz|\.zst)$`)

// partName is ps010.20261122T100000Z.part2.json for ps010.json.
func partName(base string, at estate.Time, n int) string {
	base, ends := cutEnds(base)
	return fmt.Sprintf("%s.%s.part%d%s", base, at.Time().Format(partStamp), n, ends)
}

// cutEnds takes .json and what compresses off a name.
func cutEnds(name string) (base, ends string) {
	base = name[:len(name)-len(packed.Suffix(name))]
	if strings.HasSuffix(strings.ToLower(base), ".json") {
		base = base[:len(base)-len(".json")]
	}
	return base, name[len(base):]
}

// removeParts removes the parts that earlier manifests of this name have left.
func removeParts(path string, keep []string) error {
	base, ends := cutEnds(filepath.Base(path))
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	for _, e := range entries {
		m := partOf().FindStringSubmatch(e.Name())
		if m == nil || m[1] != base || m[2]+m[3] != ends || slices.Contains(keep, e.Name()) {
			continue
		}
		err = errors.Join(err, os.Remove(filepath.Join(filepath.Dir(path), e.Name())))
	}
	return err
}

func writePart(path string, w *writer) error {
	return atomicfile.Write(path, func(out io.Writer) error { return packed.Write(path, out, w.write) })
}

// Write writes a manifest as JSON in one part: sorted, one file on a line. The same
// manifest gives the same bytes. Its lists are put in order.
func Write(out io.Writer, m *Manifest) error {
	return (&writer{m: m, packages: m.Packages, part: 1}).write(out)
}

// writer writes one part.
type writer struct {
	m        *Manifest
	packages []Package
	part     int
	parts    []string
	out      *bufio.Writer
	text     bytes.Buffer
	err      error
}

// The objects of a manifest, as they are written and read.
type (
	fileObject struct {
		Path     string `json:"path"`
		Bytes    int64  `json:"bytes"`
		Modified string `json:"modified,omitempty"`
		SHA256   string `json:"sha256,omitempty"`
		ID       string `json:"id,omitempty"`
		HashedAt string `json:"hashed_at,omitempty"`
	}
	snapshotObject struct {
		Files   int64  `json:"files"`
		Bytes   int64  `json:"bytes"`
		Listing string `json:"listing,omitempty"`
		Version int64  `json:"version,omitempty"`
		TakenAt string `json:"taken_at,omitempty"`
	}
)

// raw writes a text as it is.
func (w *writer) raw(parts ...string) {
	for _, s := range parts {
		if w.err == nil {
			_, w.err = w.out.WriteString(s)
		}
	}
}

// json writes a value.
func (w *writer) json(v any) {
	w.text.Reset()
	e := json.NewEncoder(&w.text)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil && w.err == nil {
		w.err = err
	}
	if w.err == nil {
		_, w.err = w.out.Write(bytes.TrimSuffix(w.text.Bytes(), []byte("\n")))
	}
}

// member writes a key with its value, unless that is the zero value.
func member[T comparable](w *writer, before, key string, v T) {
	var zero T
	if v != zero {
		w.raw(before, `"`, key, `": `)
		w.json(v)
	}
}

func (w *writer) write(out io.Writer) error {
	w.out = bufio.NewWriterSize(out, 64<<10)
	w.m.sort()
	const next = ",\n  "
	w.raw("{\n  \"format_version\": \"" + formatVersion + "\"")
	member(w, next, "server", w.m.Server)
	member(w, next, "taken_at", w.m.TakenAt.String())
	if w.part == 1 {
		member(w, next, "root", w.m.Root)
		member(w, next, "partial", w.m.Partial)
		if len(w.parts) > 0 {
			w.raw(next, `"parts": `)
			w.json(w.parts)
		}
	} else {
		member(w, next, "part", w.part)
	}
	w.raw(next, `"packages": [`)
	for i := range w.packages {
		if i > 0 {
			w.raw(",")
		}
		w.pack(&w.packages[i])
	}
	w.raw("\n  ]\n}\n")
	if w.err != nil {
		return w.err
	}
	return w.out.Flush()
}

// pack writes a package.
func (w *writer) pack(p *Package) {
	const next = ", "
	w.raw("\n    {\"package\": \"", p.GUID.String(), "\"")
	member(w, next, "dir", p.Dir)
	w.raw(next, `"folder": `)
	w.json(p.Folder)
	member(w, next, "error", p.Error)
	if a := p.Agent; a != nil {
		if s := a.Snapshot; s != nil {
			w.raw(next, `"snapshot": `)
			w.json(snapshotObject{s.Files, s.Bytes, s.Listing.String(), s.Version, s.TakenAt.String()})
		}
		member(w, next, "deleted", a.Deleted.String())
		member(w, next, "not_understood", a.NotUnderstood)
		member(w, next, "agent_error", a.Error)
	}
	if p.Error == "" && p.Folder {
		w.raw(next, `"bytes": `)
		w.json(p.Sums.Bytes)
		member(w, next, "digest", p.Sums.Digest.String())
		member(w, next, "listing", p.Sums.Listing.String())
	}
	w.raw(next, `"files": [`)
	before := "\n      "
	for i := range p.Files {
		f := &p.Files[i]
		o := fileObject{Path: f.Path, Bytes: f.Bytes, Modified: estate.TimeOf(f.Modified).String(), ID: f.ID, HashedAt: f.HashedAt.String()}
		if !f.SHA256.IsZero() {
			o.SHA256 = hex.EncodeToString(f.SHA256[:])
		}
		w.raw(before)
		w.json(&o)
		before = ",\n      "
	}
	w.raw("]}")
}
