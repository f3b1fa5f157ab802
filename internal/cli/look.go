package cli

import (
	"context"
	"path/filepath"
	"time"

	"pslan/internal/content"
	"pslan/internal/diag"
	"pslan/internal/manifest"
	"pslan/internal/platform"
)

// contentEyes gives the eyes that the content block asks for. location finds the
// folders that the platform names, as folders of this machine; nil: those cannot be
// seen, or, on shares, lie where the platform says. now stamps the evidence.
func (a *app) contentEyes(g *ground, location func(string) (string, error), now func() time.Time) (platform.Eyes, error) {
	switch g.loaded.Declared.Content.Method {
	case "path":
		return content.NewPath(content.PathOptions{
			Root: func(server, host string) (string, error) {
				root, ds := g.loaded.ContentRoot(server, host)
				return a.path(filepath.FromSlash(root)), ds.Err()
			},
			Status:     a.statusRoots(g, func(name string) (string, error) { return a.path(filepath.FromSlash(name)), nil }),
			Location:   location,
			Now:        now,
			AgentFiles: true,
		}), nil
	case "smb":
		if location != nil {
			location = onThisMachine(location)
		}
		return a.shareEyes(g, location, now)
	case "manifests":
		root, ds := g.loaded.ContentRoot("", "")
		if ds.HasErrors() {
			return nil, ds
		}
		eyes := manifest.NewEyes(a.path(filepath.FromSlash(root)))
		a.tellManifests(eyes)
		return eyes, nil
	default:
		return content.None(), nil
	}
}

// tellManifests warns of manifests that cannot be used: what they would tell is unknown,
// and the others count.
func (a *app) tellManifests(eyes *manifest.Eyes) {
	_, problems, err := eyes.Manifests(context.Background()) // files of this machine, and bounded
	if err != nil {
		return // told with every copy that could not be seen for it
	}
	for i, d := range problems {
		c := *d
		c.Severity = diag.Warning
		problems[i] = &c
	}
	a.view.Diagnostics(problems)
}

// statusRoots finds the folders of the agent's status files by content.status_root; nil
// where it is not given, and they lie beside the package folders. folder names them as
// the eyes do.
func (a *app) statusRoots(g *ground, folder func(string) (string, error)) func(server, host string) ([]string, error) {
	if !g.loaded.HasContentStatus() {
		return nil
	}
	return func(server, host string) ([]string, error) {
		root, ds := g.loaded.ContentStatus(server, host)
		if ds.HasErrors() {
			return nil, ds.Err()
		}
		dir, err := folder(root)
		return []string{dir}, err
	}
}
