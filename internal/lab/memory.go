package lab

import (
	"context"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Memory is a Disk in memory, for simulations. Several labs may be opened on one
// Memory, one after the other or at once, as on a folder.
type Memory struct {
	lock sync.Mutex   // the lab's lock
	mu   sync.RWMutex // guards the tree: eyes read without the lab's lock
	root node
}

// node is a file or a folder. The bytes of a file are never changed in place.
type node struct {
	children map[string]*node // nil: a file
	data     []byte
	modified time.Time
}

// NewMemory makes an empty Disk in memory.
func NewMemory() *Memory { return &Memory{root: node{children: map[string]*node{}}} }

// Path implements Disk.
func (m *Memory) Path(name string) string { return name }

// Lock implements Disk.
func (m *Memory) Lock(ctx context.Context) (func(), error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.lock.Lock()
	return m.lock.Unlock, nil
}

// find returns what has a name, nil if there is nothing.
func (m *Memory) find(name string) *node {
	n := &m.root
	for name != "" && name != "." {
		first, rest, _ := strings.Cut(name, "/")
		if n = n.children[first]; n == nil {
			return nil
		}
		name = rest
	}
	return n
}

// makeDir returns the folder of a name, made if it is not there; nil if a file is
// in the way.
func (m *Memory) makeDir(name string) *node {
	n := &m.root
	for name != "" && name != "." {
		first, rest, _ := strings.Cut(name, "/")
		next := n.children[first]
		switch {
		case next == nil:
			next = &node{children: map[string]*node{}}
			n.children[first] = next
		case next.children == nil:
			return nil
		}
		n, name = next, rest
	}
	return n
}

func notThere(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// ReadFrom implements Disk.
func (m *Memory) ReadFrom(name string, offset int64) ([]byte, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	n := m.find(name)
	if n == nil || n.children != nil {
		return nil, notThere("read", name)
	}
	return n.data[min(offset, int64(len(n.data))):], nil
}

// Replace implements Disk.
func (m *Memory) Replace(name string, data []byte) error { return m.Write(name, data, time.Time{}) }

// Append implements Disk.
func (m *Memory) Append(name string, offset int64, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir := m.makeDir(path.Dir(name))
	if dir == nil {
		return notThere("append", name)
	}
	base := path.Base(name)
	n := dir.children[base]
	if n == nil {
		n = &node{}
		dir.children[base] = n
	}
	// Growing behind what readers hold is no change of it; what is cut off is copied.
	if int64(len(n.data)) > offset {
		n.data = slices.Clone(n.data[:offset])
	}
	n.data = append(n.data, data...)
	return nil
}

// Write implements Disk.
func (m *Memory) Write(name string, data []byte, modified time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir := m.makeDir(path.Dir(name))
	if dir == nil {
		return notThere("write", name)
	}
	dir.children[path.Base(name)] = &node{data: data, modified: modified}
	return nil
}

// SetTime implements Disk.
func (m *Memory) SetTime(name string, modified time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.find(name)
	if n == nil {
		return notThere("set the time of", name)
	}
	n.modified = modified
	return nil
}

// MakeDir implements Disk.
func (m *Memory) MakeDir(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.makeDir(name) == nil {
		return notThere("make", name)
	}
	return nil
}

// Rename implements Disk.
func (m *Memory) Rename(name, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, dir := m.find(name), m.makeDir(path.Dir(to))
	if n == nil || dir == nil {
		return notThere("rename", name)
	}
	delete(m.find(path.Dir(name)).children, path.Base(name))
	dir.children[path.Base(to)] = n
	return nil
}

// Remove implements Disk.
func (m *Memory) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if dir := m.find(path.Dir(name)); dir != nil && dir.children != nil {
		delete(dir.children, path.Base(name))
	}
	return nil
}

// Open implements Disk.
func (m *Memory) Open(dir string) (fs.FS, io.Closer, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	n := m.find(dir)
	if n == nil || n.children == nil {
		return nil, nil, notThere("open", dir)
	}
	return memoryFS{m, dir}, io.NopCloser(nil), nil
}

// FS shows everything as a file system, as it is at every moment.
func (m *Memory) FS() fs.FS { return memoryFS{m, "."} }

// Clone copies the whole disk; the two then go their own ways.
func (m *Memory) Clone() *Memory {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return &Memory{root: *m.root.clone()}
}

func (n *node) clone() *node {
	out := &node{data: slices.Clip(n.data), modified: n.modified}
	if n.children != nil {
		out.children = make(map[string]*node, len(n.children))
		for name, child := range n.children {
			out.children[name] = child.clone()
		}
	}
	return out
}
