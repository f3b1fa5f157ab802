package cli

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"pslan/internal/content"
	"pslan/internal/credential"
	"pslan/internal/diag"
	"pslan/internal/platform"
	"pslan/internal/smb"
	"pslan/internal/unc"
)

// shareEyes gives the eyes of `content { method = "smb" }`: they read the package
// servers' shares. location finds the folders that the platform names, as a folder on
// a share (//host/share/folder) or of this machine; nil: they are where the platform
// says. now stamps the evidence.
//
// Nothing is dialled before the first look. The connections end with the command.
func (a *app) shareEyes(g *ground, location func(string) (string, error), now func() time.Time) (platform.Eyes, error) {
	c := g.loaded.Declared.Content
	who, err := credential.Read(credential.Source{Login: c.Login, Prefix: "PSLAN_SMB", Env: a.env.get,
		Path: func(name string) string { return a.path(filepath.FromSlash(name)) }})
	if err != nil {
		at := c.Range
		if c.Login != nil {
			at = c.Login.Range
		}
		return nil, &diag.Diagnostic{
			Severity: diag.Error, Summary: "Nobody to log in to the shares as",
			Detail: sentence(err.Error(), "") + " The page on the language tells more: content, login.", Subject: at, In: "content",
		}
	}
	pool := smb.New(smb.Options{Who: who, Port: c.Port, Now: a.now})
	a.closers = append(a.closers, pool)
	if location == nil {
		location = shareFolder
	}
	return content.NewPath(content.PathOptions{
		Root: func(server, host string) (string, error) {
			root, ds := g.loaded.ContentRoot(server, host)
			if ds.HasErrors() {
				return "", ds.Err()
			}
			return shareFolder(root)
		},
		Status:   a.statusRoots(g, shareFolder),
		Location: location,
		Open: func(dir string) (fs.FS, io.Closer, error) {
			if strings.HasPrefix(dir, "//") {
				return pool.Open(dir)
			}
			return openFolder(filepath.FromSlash(dir))
		},
		Now: now, By: "smb", Parallel: shareParallel, AgentFiles: true,
	}), nil
}

// shareParallel is how many copies are listed at once: most of the time is spent
// waiting for answers.
const shareParallel = 32

// shareFolder writes the name of a folder on a share with slashes.
func shareFolder(name string) (string, error) {
	p, err := unc.Parse(name)
	if err != nil {
		return "", fmt.Errorf("%s is no folder on a share: %w", name, err)
	}
	return "//" + path.Join(p.Host, p.Share, p.Dir), nil
}

// onThisMachine makes a finder of folders of this machine one for shareEyes.
func onThisMachine(find func(string) (string, error)) func(string) (string, error) {
	return func(location string) (string, error) {
		dir, err := find(location)
		return filepath.ToSlash(dir), err
	}
}

// openFolder opens a folder of this machine and keeps the reading inside it.
func openFolder(dir string) (fs.FS, io.Closer, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	return root.FS(), root, nil
}
