package lab

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"time"

	"pslan/internal/content"
	"pslan/internal/lab/world"
	"pslan/internal/platform"
)

// Eyes look into the lab's own folders. A server that is off cannot be seen.
func (l *Lab) Eyes() platform.Eyes { return eyes{l} }

type eyes struct{ lab *Lab }

// See implements platform.Eyes.
func (e eyes) See(ctx context.Context, requests []platform.Look) (seen []platform.Seen, err error) {
	l := e.lab
	err = l.held(ctx, "look at copies", "", func(w *world.World) error {
		now := w.Now.Time()
		inner := content.NewPath(content.PathOptions{
			Root:     func(server, _ string) (string, error) { return serverRoot(w, server) },
			Location: func(unc string) (string, error) { return locationRoot(w, unc) },
			Open:     func(dir string) (fs.FS, io.Closer, error) { return l.journal.disk.Open(dir) },
			Now:      func() time.Time { return now },
			By:       "lab",

			AgentFiles: true, // the lab's servers write them as a package server does
		})
		var err error
		seen, err = inner.See(ctx, requests)
		return err
	})
	return seen, err
}

func serverRoot(w *world.World, name string) (string, error) {
	s := w.ServerNumber(name)
	if s < 0 {
		return "", fmt.Errorf("there is no package server %s", name)
	}
	if w.Servers[s].Off {
		return "", fmt.Errorf("%s does not answer", w.Servers[s].Name)
	}
	return serverDir(w.Servers[s].Name) + "/" + deliveryDir, nil
}

func locationRoot(w *world.World, unc string) (string, error) {
	if s := w.ServerOfLocation(unc); s >= 0 && w.Servers[s].Off {
		return "", fmt.Errorf("%s does not answer", w.Servers[s].Name)
	}
	return placeOf(w, unc)
}
