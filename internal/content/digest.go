package content

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"
	"strconv"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// Sums stand for the content of a package: number and size of its files, and the
// digests by which two contents are compared.
type Sums struct {
	Files, Bytes int64
	Digest       estate.Digest // over hashes, sizes and paths; zero where a file was not hashed
	Listing      estate.Digest // over sizes and paths
}

// Digest sums up the files of a package, in any order. Both digests are zero for
// no files: nothing empty ever equals anything. Anyone can check them with
// sha256sum, stat and sort: Digest is the SHA-256 of the lines
// "<sha256>  <size>  <path>\n", Listing that of "<size>  <path>\n", sorted by path
// as bytes.
func Digest(files []platform.File) Sums {
	if len(files) == 0 {
		return Sums{}
	}
	byPath := func(a, b platform.File) int { return cmp.Compare(a.Path, b.Path) }
	if !slices.IsSortedFunc(files, byPath) {
		files = slices.Clone(files)
		slices.SortFunc(files, byPath)
	}
	s := Sums{Files: int64(len(files))}
	digest, listing := sha256.New(), sha256.New()
	hashed := true
	var line []byte
	for i := range files {
		f := &files[i]
		s.Bytes += f.Bytes
		hashed = hashed && !f.SHA256.IsZero()
		line = hex.AppendEncode(line[:0], f.SHA256[:])
		line = append(line, "  "...)
		sizeAt := len(line)
		line = strconv.AppendInt(line, f.Bytes, 10)
		line = append(line, "  "...)
		line = append(line, f.Path...)
		line = append(line, '\n')
		digest.Write(line)
		listing.Write(line[sizeAt:])
	}
	s.Listing = sum(listing)
	if hashed {
		s.Digest = sum(digest)
	}
	return s
}

func sum(h hash.Hash) (d estate.Digest) {
	h.Sum(d[:0])
	return d
}
