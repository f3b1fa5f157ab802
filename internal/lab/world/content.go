package world

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"pslan/internal/estate"
)

// found is how labels of files begin that somebody put into the folders by hand:
// their bytes lie on the disks only.
const found = "found:"

// FoundLabel names bytes that the world did not make, by their hash.
func FoundLabel(sum [32]byte) string { return found + hex.EncodeToString(sum[:]) }

// IsFound reports whether the bytes of a file cannot be made and must be copied.
func (f *File) IsFound() bool { return strings.HasPrefix(f.Label, found) }

// Bytes makes the first n bytes of what a label stands for under a path: the same
// for equal labels, others for other labels. The stream is written out here, and
// not taken from a library, so that it is the same for ever.
func Bytes(label, path string, n int64) []byte {
	key := sha256.Sum256([]byte(label + "\x00" + path))
	x, step := binary.LittleEndian.Uint64(key[:]), binary.LittleEndian.Uint64(key[8:])|1
	b := make([]byte, 0, n+8)
	for int64(len(b)) < n {
		x += step
		b = binary.LittleEndian.AppendUint64(b, mix(x))
	}
	return b[:n:n]
}

// Digests returns the two digests of a package that holds these files, sorted by
// path; both are zero for none.
func Digests(files []File) (digest, listing estate.Digest) {
	if len(files) == 0 {
		return digest, listing
	}
	d, l := sha256.New(), sha256.New()
	var line []byte
	for i := range files {
		f := &files[i]
		sum := sha256.Sum256(Bytes(f.Label, f.Path, f.Bytes))
		line = hex.AppendEncode(line[:0], sum[:])
		line = append(line, "  "...)
		short := len(line)
		line = strconv.AppendInt(line, f.Bytes, 10)
		line = append(line, "  "...)
		line = append(line, f.Path...)
		line = append(line, '\n')
		d.Write(line)
		l.Write(line[short:])
	}
	d.Sum(digest[:0])
	l.Sum(listing[:0])
	return digest, listing
}

// Limits of what is made for one image.
const (
	maxFiles    = 1000
	maxFileSize = 4096
	minFileSize = 1024
)

// maker makes the files of one image's contents: equal digests give equal bytes,
// equal listings give equal names and sizes.
type maker struct {
	base  string
	ext   string
	next  string
	mod   estate.Time
	sizes map[string][]int64 // by listing
	files map[string][]File  // by label
}

func newMaker(img *estate.Image, name string, taken estate.Time) *maker {
	m := &maker{base: fileName(name), ext: ".gho", next: ".ghs", sizes: map[string][]int64{}, files: map[string][]File{}}
	if img.Kind == estate.KindPCT {
		m.ext, m.next = ".exe", ".pbt"
	}
	// A version looks like Unix time; the files are a little older than it.
	m.mod = taken - estate.Time(24*3600*1e9)
	if v := img.Version; v > 1e8 && v < int64(taken)/1e9 {
		m.mod = estate.Time(v * 1e9)
	}
	return m
}

// fileName makes a name that every file system takes.
func fileName(name string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r < 32 || strings.ContainsRune(`<>:"/\|?*`, r):
			return '_'
		}
		return r
	}, name)
	if len(clean) > 60 {
		clean = strings.ToValidUTF8(clean[:60], "")
	}
	if clean = strings.TrimRight(clean, ". "); clean == "" {
		return "image"
	}
	return clean
}

func (m *maker) path(i int) string {
	if i == 0 {
		return m.base + m.ext
	}
	n := strconv.Itoa(i)
	return m.base + strings.Repeat("0", max(0, 3-len(n))) + n + m.next
}

// make returns the files that stand for a content, sorted by path.
func (m *maker) make(label, listing string, count, total int64) []File {
	if have, ok := m.files[label]; ok {
		return have
	}
	n := int(min(count, maxFiles))
	sizes, ok := m.sizes[listing]
	if !ok || len(sizes) != n {
		sizes = m.newSizes(listing, n, total)
		m.sizes[listing] = sizes
	}
	files := make([]File, n)
	for i := range files {
		files[i] = File{Path: m.path(i), Bytes: sizes[i], Mod: m.mod, Label: label}
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	m.files[label] = files
	return files
}

// newSizes makes the sizes for a listing: those of a small content add up to its
// total, those of a large one are scaled down. Other listings get other sizes.
func (m *maker) newSizes(listing string, n int, total int64) []int64 {
	sizes := make([]int64, n)
	if n == 0 {
		return sizes
	}
	if total >= 0 && total <= int64(n)*maxFileSize {
		for i := range sizes {
			sizes[i] = total / int64(n)
		}
		sizes[0] += total % int64(n)
	} else {
		sum := sha256.Sum256([]byte("sizes\x00" + listing))
		x := binary.LittleEndian.Uint64(sum[:])
		for i := range sizes {
			x = mix(x)
			sizes[i] = minFileSize + int64(x%(maxFileSize-minFileSize))
		}
	}
	for m.taken(sizes) {
		sizes[n-1]++
	}
	return sizes
}

func (m *maker) taken(sizes []int64) bool {
	for _, other := range m.sizes {
		if slices.Equal(other, sizes) {
			return true
		}
	}
	return false
}

// prefix returns the files as they lie when only the first n bytes of all have
// come; keep is how many files there are at least, empty ones included.
func prefix(files []File, n int64, keep int) []File {
	out := make([]File, 0, len(files))
	for i := range files {
		if n <= 0 && i >= keep {
			break
		}
		f := files[i]
		f.Bytes = min(f.Bytes, max(n, 0))
		n -= files[i].Bytes
		out = append(out, f)
	}
	return out
}

func entriesOf(files []File) []Entry {
	es := make([]Entry, len(files))
	for i := range files {
		es[i] = Entry{Path: files[i].Path, Bytes: files[i].Bytes, Mod: files[i].Mod}
	}
	return es
}

// lists reports whether a snapshot lists exactly these files, by path and size.
func lists(snapshot []Entry, files []File) bool {
	if len(snapshot) != len(files) {
		return false
	}
	for i := range files {
		if files[i].Path != snapshot[i].Path || files[i].Bytes != snapshot[i].Bytes {
			return false
		}
	}
	return true
}

func findFile(files []File, path string) *File {
	n, ok := slices.BinarySearchFunc(files, path, func(f File, p string) int { return strings.Compare(f.Path, p) })
	if !ok {
		return nil
	}
	return &files[n]
}
