package journal

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"

	"pgregory.net/rapid"
)

var (
	errFull  = errors.New("no space left on device")
	errFlush = errors.New("input/output error")
)

// crashDisk is a disk with a cache before it, as the operating systems have it.
// Programs see the cache. A power cut leaves what was flushed, and of the rest any
// beginning. A flush that fails forgets what it was to write: the cache still shows
// it, and no later flush brings it to the disk.
type crashDisk struct {
	files map[string]*crashFile
	draw  *rapid.T // decides what fails; nil: nothing does
	fails bool     // from now on writes and flushes may fail
}

type crashFile struct {
	disk    *crashDisk
	cache   []byte
	durable []byte
	dirty   []span // of the cache, in order: what the next flush writes
}

type span struct{ from, to int }

func newCrashDisk() *crashDisk { return &crashDisk{files: map[string]*crashFile{}} }

func (d *crashDisk) failing(what string) bool {
	return d.fails && d.draw != nil && rapid.IntRange(0, 4).Draw(d.draw, what) == 0
}

func (d *crashDisk) makeFolder(string) error { return nil }
func (d *crashDisk) syncFolder(string) error { return nil }

func (d *crashDisk) create(path string) (file, error) {
	if d.files[path] != nil {
		return nil, fs.ErrExist
	}
	d.files[path] = &crashFile{disk: d}
	return d.append(path)
}

func (d *crashDisk) append(path string) (file, error) {
	f := d.files[path]
	if f == nil {
		return nil, fs.ErrNotExist
	}
	return f, nil
}

func (d *crashDisk) read(path string) (io.ReadCloser, int64, error) {
	f := d.files[path]
	if f == nil {
		return nil, 0, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(f.cache)), int64(len(f.cache)), nil
}

func (d *crashDisk) remove(path string) error {
	delete(d.files, path)
	return nil
}

func (d *crashDisk) mend(path string, found, size, last int64) error {
	f := d.files[path]
	if f == nil {
		return fs.ErrNotExist
	}
	if int64(len(f.cache)) != found {
		return grown(path, int64(len(f.cache)), found)
	}
	f.cache = slices.Clone(f.cache[:size])
	f.dirty = append(slices.DeleteFunc(f.dirty, func(s span) bool { return s.to > int(size) }), span{int(max(size-last, 0)), int(size)})
	return f.Sync()
}

func (f *crashFile) Write(p []byte) (int, error) {
	n := len(p)
	var err error
	if f.disk.failing("write fails") {
		n, err = rapid.IntRange(0, len(p)).Draw(f.disk.draw, "bytes written"), errFull
	}
	f.dirty = append(f.dirty, span{len(f.cache), len(f.cache) + n})
	f.cache = append(f.cache, p[:n]...)
	return n, err
}

func (f *crashFile) Sync() error {
	spans := f.dirty
	f.dirty = nil
	if f.disk.failing("flush fails") {
		return errFlush
	}
	f.settle(spans, len(f.cache))
	return nil
}

// settle writes spans of the cache to the disk and gives the file its length.
func (f *crashFile) settle(spans []span, length int) {
	next := make([]byte, length) // what was never written reads as zeros
	copy(next, f.durable)
	for _, s := range spans {
		if s.from < length {
			copy(next[s.from:], f.cache[s.from:min(s.to, length)])
		}
	}
	f.durable = next
}

func (f *crashFile) Size() (int64, error) { return int64(len(f.cache)), nil }
func (f *crashFile) Close() error         { return nil }

// powerCut leaves of every file what is on the disk, and any beginning of what was
// on its way there.
func (d *crashDisk) powerCut() {
	for _, path := range slices.Sorted(maps.Keys(d.files)) {
		f := d.files[path]
		if on := len(f.durable); on < len(f.cache) && len(f.dirty) > 0 {
			until := rapid.IntRange(on, len(f.cache)).Draw(d.draw, "bytes that reached the disk")
			f.settle(f.dirty, until)
		}
		f.cache, f.dirty = slices.Clone(f.durable), nil
	}
}
