package observe

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
	"sync"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// HashStore remembers the hashes of copies: for each, the listing (paths, sizes
// and times) that it had when it was hashed. It may be used from several
// goroutines.
type HashStore struct {
	path string // "" for one that is only in memory

	mu      sync.Mutex
	hashes  map[hashKey]remembered
	few     int // up to how many files of a copy all are remembered by themselves
	changed bool
}

// hashKey names a copy.
type hashKey struct {
	image    estate.GUID
	server   string // without case
	location string
}

// remembered is one hash.
type remembered struct {
	listing  estate.Digest // stamp of the listing that was hashed
	digest   estate.Digest
	hashedAt estate.Time // of the file that was hashed first
	files    []hashedFile
}

// hashedFile is one file of a copy: where others of it change, it need not be hashed
// again, and where two copies differ, it can be told in which files.
type hashedFile struct {
	platform.File
	at estate.Time
}

// Of a copy with many files only the large ones are remembered by themselves: what is
// smaller is hashed again sooner than it is looked up in a store that must stay small.
const (
	largeFile = 16 << 20
	manyFiles = 16
)

// NewHashStore makes an empty store without a file.
func NewHashStore() *HashStore { return &HashStore{hashes: map[hashKey]remembered{}, few: manyFiles} }

func keyOf(look *platform.Look) hashKey {
	return hashKey{image: look.Image.Image, server: estate.Fold(look.Server), location: look.Location}
}

func (s *HashStore) get(look *platform.Look) (remembered, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, ok := s.hashes[keyOf(look)]
	return h, ok
}

func (s *HashStore) set(look *platform.Look, h remembered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hashes[keyOf(look)] = h
	s.changed = true
}

// byThemselves are the files of a copy that are remembered, hashed at a time or, where
// look knew them, as they are remembered.
func (s *HashStore) byThemselves(look *platform.Look, listing []platform.File, at estate.Time) []hashedFile {
	old, _ := s.get(look)
	var files []hashedFile
	for i := range listing {
		f := &listing[i]
		if len(listing) > s.few && f.Bytes < largeFile || f.SHA256.IsZero() {
			continue
		}
		h := hashedFile{*f, at}
		_, known := slices.BinarySearchFunc(look.Known, f.Path, func(k platform.File, path string) int { return strings.Compare(k.Path, path) })
		n, remembered := slices.BinarySearchFunc(old.files, f.Path, func(k hashedFile, path string) int { return strings.Compare(k.Path, path) })
		if known && remembered {
			if was := &old.files[n]; was.Bytes == f.Bytes && was.Modified.Equal(f.Modified) && was.SHA256 == f.SHA256 {
				h.at = was.at
			}
		}
		files = append(files, h)
	}
	return files
}

// forgetChanged drops the hashes of what a listing shows to be gone or changed: a file
// that comes back later, with the size and the time that it had, is another one. Where
// wrong bytes were cleared and downloaded again, it is the right one.
func (s *HashStore) forgetChanged(look *platform.Look, listing []platform.File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, ok := s.hashes[keyOf(look)]
	if !ok || h.listing == stamp(listing) {
		return
	}
	var left []hashedFile
	for _, f := range h.files {
		n, listed := slices.BinarySearchFunc(listing, f.Path, func(k platform.File, path string) int { return strings.Compare(k.Path, path) })
		if listed && listing[n].Bytes == f.Bytes && listing[n].Modified.Equal(f.Modified) {
			left = append(left, f)
		}
	}
	switch {
	case len(left) == 0:
		delete(s.hashes, keyOf(look))
	case len(left) == len(h.files) && h.listing == nothing:
		return
	default:
		h.listing, h.files = nothing, left
		s.hashes[keyOf(look)] = h
	}
	s.changed = true
}

// nothing is the stamp of no file: a hash that is kept under it counts for none as a
// whole, only file by file.
var nothing = stamp(nil)

// forget drops what was hashed before a time.
func (s *HashStore) forget(before estate.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, h := range s.hashes {
		if h.hashedAt < before {
			delete(s.hashes, k)
			s.changed = true
		}
	}
}

// stamp is the digest of a listing with its times, which tells whether anything
// was touched. It never leaves this machine, unlike the Listing of a content.
func stamp(files []platform.File) (d estate.Digest) {
	h := sha256.New()
	var line []byte
	for i := range files {
		f := &files[i]
		line = strconv.AppendInt(line[:0], f.Bytes, 10)
		line = append(line, ' ')
		line = strconv.AppendInt(line, f.Modified.UnixNano(), 10)
		line = append(line, ' ')
		line = append(line, f.Path...)
		line = append(line, '\n')
		h.Write(line)
	}
	h.Sum(d[:0])
	return d
}
