package observe

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pslan/internal/atomicfile"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/fileerror"
	"pslan/internal/platform"
)

// maxHashFile bounds what is read of a store: two million hashes.
const maxHashFile = 1 << 30

// hashLine is one hash in the store's file.
type hashLine struct {
	Image    string `json:"image"`
	Server   string `json:"server"`
	Location string `json:"location,omitempty"`
	Listing  string `json:"listing"`
	Digest   string `json:"digest"`
	HashedAt string `json:"hashed_at"`
	// Files are those that are remembered by themselves, since version 1.1.
	Files []fileLine `json:"files,omitempty"`
}

// fileLine is one file of a copy in the store's file.
type fileLine struct {
	Path     string `json:"path"`
	Bytes    int64  `json:"bytes"`
	Modified string `json:"modified"`
	SHA256   string `json:"sha256"`
	HashedAt string `json:"hashed_at"`
}

// OpenHashes reads a store from its file. A file that is not there is an empty
// store. One that cannot be read or understood is too, and a warning says so:
// then everything is hashed again, which is slow and safe.
func OpenHashes(path string) (*HashStore, diag.Diagnostics) {
	s := NewHashStore()
	s.path = path
	f, err := os.Open(path)
	if fileerror.Missing(err) {
		return s, nil
	}
	if err == nil {
		defer f.Close()
		err = s.read(io.LimitReader(f, maxHashFile))
	}
	if err != nil {
		clear(s.hashes)
		return s, diag.Diagnostics(nil).Warnf(diag.Range{}, "Remembered hashes cannot be used",
			"%s cannot be used: %v. It is left out of account, and copies are hashed again where a hash is needed. Delete the file to be rid of this warning.", path, fileerror.Reason(err))
	}
	return s, nil
}

func (s *HashStore) read(in io.Reader) error {
	d := json.NewDecoder(in)
	if err := head(d); err != nil {
		return err
	}
	for n := 1; d.More(); n++ {
		var l hashLine
		if err := d.Decode(&l); err != nil {
			return fmt.Errorf("hash %d: %w", n, err)
		}
		if err := s.add(&l); err != nil {
			return fmt.Errorf("hash %d: %w", n, err)
		}
	}
	for range 2 { // ] and }
		if _, err := d.Token(); err != nil {
			return fmt.Errorf("it is cut off: %w", err)
		}
	}
	return nil
}

// head reads {"format_version": "1.…", "hashes": [
func head(d *json.Decoder) error {
	var t [5]json.Token
	for i := range t {
		var err error
		if t[i], err = d.Token(); err != nil {
			return err
		}
	}
	version, _ := t[2].(string)
	if t[0] != json.Delim('{') || t[1] != "format_version" || t[3] != "hashes" || t[4] != json.Delim('[') {
		return errors.New("it is no file of remembered hashes")
	}
	if major, _, _ := strings.Cut(version, "."); major != "1" {
		return fmt.Errorf("its format version is %q, and this pslan reads version 1", version)
	}
	return nil
}

func (s *HashStore) add(l *hashLine) error {
	image, err1 := estate.ParseGUID(l.Image)
	listing, err2 := estate.ParseDigest(l.Listing)
	digest, err3 := estate.ParseDigest(l.Digest)
	at, err4 := time.Parse(time.RFC3339Nano, l.HashedAt)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	if image.IsZero() || listing.IsZero() || digest.IsZero() || at.IsZero() || l.Server == "" {
		return errors.New("a part of it is missing")
	}
	h := remembered{listing: listing, digest: digest, hashedAt: estate.TimeOf(at)}
	for i := range l.Files {
		f, err := l.Files[i].read()
		if err != nil {
			return fmt.Errorf("file %d: %w", i+1, err)
		}
		h.files = append(h.files, f)
	}
	slices.SortFunc(h.files, func(a, b hashedFile) int { return cmp.Compare(a.Path, b.Path) })
	s.hashes[hashKey{image, estate.Fold(l.Server), l.Location}] = h
	return nil
}

func (l *fileLine) read() (f hashedFile, err error) {
	modified, err1 := time.Parse(time.RFC3339Nano, l.Modified)
	hash, err2 := estate.ParseDigest(l.SHA256)
	at, err3 := time.Parse(time.RFC3339Nano, l.HashedAt)
	if err := errors.Join(err1, err2, err3); err != nil {
		return f, err
	}
	if l.Path == "" || l.Bytes < 0 || hash.IsZero() || at.IsZero() {
		return f, errors.New("a part of it is missing")
	}
	return hashedFile{platform.File{Path: l.Path, Bytes: l.Bytes, Modified: modified.UTC(), SHA256: hash}, estate.TimeOf(at)}, nil
}

// line is a hash as it is written.
func (h *remembered) line(k hashKey) *hashLine {
	l := &hashLine{Image: k.image.String(), Server: k.server, Location: k.location, Listing: h.listing.String(), Digest: h.digest.String(), HashedAt: h.hashedAt.String()}
	for i := range h.files {
		f := &h.files[i]
		l.Files = append(l.Files, fileLine{f.Path, f.Bytes, f.Modified.Format(time.RFC3339Nano), f.SHA256.String(), f.at.String()})
	}
	return l
}

// Save writes the store to its file if anything changed since it was read, whole
// or not at all.
func (s *HashStore) Save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.path == "" || !s.changed {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o777); err != nil {
		return fmt.Errorf("remembering hashes: %w", err)
	}
	if err := atomicfile.Write(s.path, s.write); err != nil {
		return fmt.Errorf("remembering hashes: %w", err)
	}
	s.changed = false
	return nil
}

func (s *HashStore) write(w io.Writer) error {
	keys := make([]hashKey, 0, len(s.hashes))
	for k := range s.hashes {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b hashKey) int {
		return cmp.Or(slices.Compare(a.image[:], b.image[:]), cmp.Compare(a.server, b.server), cmp.Compare(a.location, b.location))
	})
	if _, err := io.WriteString(w, "{\n  \"format_version\": \"1.1\",\n  \"hashes\": ["); err != nil {
		return err
	}
	before := "\n    "
	for _, k := range keys {
		h := s.hashes[k]
		line, err := json.Marshal(h.line(k))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s%s", before, line); err != nil {
			return err
		}
		before = ",\n    "
	}
	_, err := io.WriteString(w, "\n  ]\n}\n")
	return err
}
