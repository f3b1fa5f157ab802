package manifest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"pslan/internal/content"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/platform"
)

// By is the word for evidence out of manifests.
const By = "manifests"

// Eyes see copies as the manifests of a folder tell of them: the newest manifest of
// each server counts, and what it tells is as old as it is. The folder is looked at
// anew by every call of See, so that manifests which arrive meanwhile count.
type Eyes struct {
	dir string

	mu   sync.Mutex
	last *folder
}

// NewEyes makes eyes for a folder of manifests.
func NewEyes(dir string) *Eyes { return &Eyes{dir: dir} }

// refresh reads what is new in the folder.
func (e *Eyes) refresh(ctx context.Context) (*folder, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f, err := load(ctx, e.dir, e.last)
	if err == nil {
		e.last = f
	}
	return f, err
}

// Manifests returns the manifests that count, one of each server, sorted by server,
// and what is wrong with those that cannot be used: the others count all the same.
func (e *Eyes) Manifests(ctx context.Context) ([]Taken, diag.Diagnostics, error) {
	f, err := e.refresh(ctx)
	if err != nil {
		return nil, nil, err
	}
	return f.taken(), f.problems(), nil
}

// See implements platform.Eyes.
func (e *Eyes) See(ctx context.Context, requests []platform.Look) ([]platform.Seen, error) {
	f, err := e.refresh(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	seen := make([]platform.Seen, len(requests))
	for i := range requests {
		if err != nil {
			seen[i] = notSeen(err, 0)
			continue
		}
		seen[i] = f.see(&requests[i], e.dir)
	}
	return seen, nil
}

func notSeen(why error, at estate.Time) platform.Seen {
	return platform.Seen{Evidence: estate.Evidence{Sight: estate.NotSeen, By: By, CheckedAt: at, Error: why.Error()}}
}

var (
	errLocation  = errors.New("manifests tell of packages, and this image has only a location")
	errNoPackage = errors.New("the image has no package, and manifests tell of packages only")
)

// see tells of one copy.
func (f *folder) see(r *platform.Look, dir string) platform.Seen {
	switch {
	case r.Location != "":
		return notSeen(errLocation, 0)
	case r.Image.Package.IsZero():
		return notSeen(errNoPackage, 0)
	}
	l, err := f.of(r.Server, r.Host)
	if err != nil {
		return notSeen(err, 0)
	}
	if l == nil {
		return notSeen(f.noneOf(r.Server, dir), 0)
	}
	p := l.m.Package(r.Image.Package)
	switch {
	case p == nil:
		return content.Evidence(nil, false, By, l.m.TakenAt)
	case p.Error != "":
		s := notSeen(errors.New(p.Error), l.m.TakenAt)
		s.Evidence.Agent = p.Agent
		return s
	}
	s := content.EvidenceOf(p.Sums, p.Listing(), p.Folder, By, l.m.TakenAt)
	if at := p.HashedAt(); !at.IsZero() && !p.Sums.Digest.IsZero() {
		s.Evidence.HashedAt = at
	}
	s.Evidence.Agent = p.Agent
	return s
}

// noneOf says that there is no manifest of a server, and how to make one.
func (f *folder) noneOf(server, dir string) error {
	broken := 0
	for i := range f.files {
		if f.files[i].m == nil {
			broken++
		}
	}
	text := fmt.Sprintf("there is no manifest of %s in %s", server, dir)
	if broken > 0 {
		text += fmt.Sprintf(" (%d of the files there cannot be used)", broken)
	}
	return fmt.Errorf("%s: run \"pslan probe -server=%s\" on it, and put the file that this writes there", text, server)
}
