package observe

import (
	"crypto/sha256"
	"strconv"
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
	hashedAt estate.Time
}

// NewHashStore makes an empty store without a file.
func NewHashStore() *HashStore { return &HashStore{hashes: map[hashKey]remembered{}} }

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
