package contentfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"pslan/internal/atomicfile"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/fileerror"
)

const formatVersion = "1.0"

// maxSize bounds what is read: half a million images stay below it.
const maxSize = 256 << 20

// line is one image in the file.
type line struct {
	Image   string `json:"image"`
	Package string `json:"package,omitempty"`
	Name    string `json:"name"`
	Files   int64  `json:"files"`
	Bytes   int64  `json:"bytes"`
	Digest  string `json:"digest,omitempty"`
	Listing string `json:"listing"`
	Version int64  `json:"version,omitempty"`
	From    string `json:"from,omitempty"`
	TakenAt string `json:"taken_at,omitempty"`
}

// Open reads a record. A file that is not there is an empty record. One that cannot be
// read to its end is an error: to go on without it would forget what is right.
func Open(path string) (*Record, diag.Diagnostics) {
	f, err := os.Open(path)
	if fileerror.Missing(err) {
		return &Record{path: path, entries: map[estate.GUID]*entry{}}, nil
	}
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err == nil && len(text) > maxSize {
		err = fmt.Errorf("it is larger than %d MiB", maxSize>>20)
	}
	if err != nil {
		return nil, unreadable(path, err)
	}
	r, diags := Parse(text, path)
	if r != nil {
		r.path = path
	}
	return r, diags
}

func unreadable(path string, err error) diag.Diagnostics {
	return diag.Diagnostics(nil).Errorf(diag.Range{}, "Unreadable record of contents", "%s cannot be read: %v. It is what content.record names.", path, fileerror.Reason(err))
}

// Save writes the record to its file if something was learned since it was read.
func (r *Record) Save() error {
	if !r.changed {
		return nil
	}
	if err := atomicfile.Write(r.path, r.Write); err != nil {
		return err
	}
	r.changed = false
	return nil
}

// Write writes the record: sorted, one image on a line.
func (r *Record) Write(w io.Writer) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteString("{\n  \"format_version\": \"" + formatVersion + "\",\n  \"contents\": [")
	before := "\n    "
	for _, g := range r.sorted() {
		e := r.entries[g]
		b.WriteString(before)
		if err := enc.Encode(e.written(g)); err != nil {
			return err
		}
		b.Truncate(b.Len() - 1) // the line end that Encode adds
		before = ",\n    "
	}
	b.WriteString("\n  ]\n}\n")
	_, err := w.Write(b.Bytes())
	return err
}

func (e *entry) written(g estate.GUID) *line {
	c := &e.content
	l := &line{Image: g.String(), Name: e.name, Files: c.Files, Bytes: c.Bytes, Version: c.Version, From: c.From}
	if !e.pack.IsZero() {
		l.Package = e.pack.String()
	}
	if !c.Digest.IsZero() {
		l.Digest = c.Digest.String()
	}
	if !c.Listing.IsZero() {
		l.Listing = c.Listing.String()
	}
	if !c.TakenAt.IsZero() {
		l.TakenAt = c.TakenAt.String()
	}
	return l
}
