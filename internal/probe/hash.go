package probe

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pslan/internal/content"
	"pslan/internal/estate"
	"pslan/internal/manifest"
)

// each calls f for 0 … n-1 from several goroutines until ctx ends.
func each(ctx context.Context, n, parallel int, f func(int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(n, parallel) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	group.Wait()
}

// file is one file that may have to be hashed.
type file struct {
	of *pack
	n  int
}

func (f file) bytes() int64 { return f.of.files[f.n].Bytes }

// all returns the files of all packages that are without a fault so far.
func (p *Probe) all() []file {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []file
	for _, one := range p.packs {
		for n := range one.files {
			if len(one.errs) == 0 {
				all = append(all, file{one, n})
			}
		}
	}
	return all
}

// recognise takes the hashes of files that were not touched since they were hashed.
func (p *Probe) recognise(ctx context.Context) {
	if p.o.Rehash || len(p.o.Known) == 0 {
		return
	}
	all := p.all()
	each(ctx, len(all), listParallel, func(i int) {
		f := all[i]
		had := p.known(f)
		if len(had) == 0 {
			return
		}
		id, err := f.of.tree.Identity(f.n)
		p.mu.Lock()
		defer p.mu.Unlock()
		f.of.fail(ctx, err)
		for _, k := range had {
			if err == nil && id != "" && id == k.ID {
				to := &f.of.files[f.n]
				to.SHA256, to.ID, to.HashedAt = k.SHA256, k.ID, k.HashedAt
				p.state.BytesKnown += to.Bytes
				p.state.FilesDone++
				return
			}
		}
	})
}

// known returns what earlier manifests tell of a file of this size and time, the
// newest hash first. Hashes that are too old, or of a clock that was ahead, do not count.
func (p *Probe) known(f file) (all []*manifest.File) {
	now := &f.of.files[f.n]
	at := estate.TimeOf(p.started)
	young := func(k *manifest.File) bool {
		return !k.HashedAt.IsZero() && k.HashedAt <= at && (p.o.HashMaxAge == 0 || at-k.HashedAt <= estate.Time(p.o.HashMaxAge))
	}
	for _, m := range p.o.Known {
		one := m.Package(f.of.guid)
		if one == nil {
			continue
		}
		k := one.File(now.Path)
		if k != nil && k.Bytes == now.Bytes && estate.TimeOf(k.Modified) == estate.TimeOf(now.Modified) && !k.SHA256.IsZero() && young(k) {
			all = append(all, k)
		}
	}
	slices.SortStableFunc(all, func(a, b *manifest.File) int { return cmp.Compare(b.HashedAt, a.HashedAt) })
	return all
}

// hash hashes what is not hashed yet, the largest files first: a large one that
// comes last would leave all processors but one idle.
func (p *Probe) hash(ctx context.Context) {
	todo := slices.DeleteFunc(p.all(), func(f file) bool { return !f.of.files[f.n].HashedAt.IsZero() })
	slices.SortFunc(todo, func(a, b file) int {
		return cmp.Or(cmp.Compare(b.bytes(), a.bytes()), compareGUID(a.of.guid, b.of.guid),
			strings.Compare(a.of.files[a.n].Path, b.of.files[b.n].Path))
	})
	p.mu.Lock()
	p.state.Phase, p.state.hashing = Hashing, time.Now()
	p.mu.Unlock()
	buffers := sync.Pool{New: func() any { b := make([]byte, p.buffer); return &b }}
	each(ctx, len(todo), p.o.Parallel, func(i int) {
		buf := buffers.Get().(*[]byte)
		defer buffers.Put(buf)
		p.hashOne(ctx, todo[i], *buf)
	})
}

func (p *Probe) hashOne(ctx context.Context, f file, buf []byte) {
	o := content.HashOptions{Buffer: buf, After: p.readMore}
	if p.pace != nil {
		o.Before = p.pace.wait
	}
	id, err := f.of.tree.Hash(ctx, f.n, o)
	at := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.FilesDone++
	f.of.fail(ctx, err)
	if err == nil {
		to := &f.of.files[f.n]
		to.SHA256, to.ID, to.HashedAt = f.of.tree.Files[f.n].SHA256, id, at
	}
}

func (p *Probe) readMore(n int) {
	p.mu.Lock()
	p.state.BytesRead += int64(n)
	p.mu.Unlock()
}

// check lists every package once more: what is not as it was read is unknown.
func (p *Probe) check(ctx context.Context) {
	p.mu.Lock()
	p.state.Phase = Checking
	p.mu.Unlock()
	each(ctx, len(p.packs), listParallel, func(i int) {
		one := p.packs[i]
		if one.tree == nil || len(one.errs) > 0 {
			return
		}
		err := one.tree.Unchanged(ctx)
		p.mu.Lock()
		defer p.mu.Unlock()
		one.fail(ctx, err)
	})
}
