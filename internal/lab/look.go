package lab

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"slices"
	"time"

	"pslan/internal/content"
	"pslan/internal/estate"
	"pslan/internal/lab/world"
	"pslan/internal/platform"
)

// file systems keep times to two seconds at worst.
const timeGrain = 2 * time.Second

// mutate does a command after what people changed by hand has been noticed. Call
// it in held.
func (l *Lab) mutate(ctx context.Context, c world.Command) error {
	if err := l.lookOnce(ctx); err != nil {
		return err
	}
	return l.do(c)
}

// lookOnce looks at all folders, the first time that this Lab is about to change something.
func (l *Lab) lookOnce(ctx context.Context) error {
	if l.looked {
		return nil
	}
	w := l.journal.world
	var found []world.Found
	for s := range w.Servers {
		some, err := l.lookAt(ctx, int32(s))
		if err != nil {
			return err
		}
		found = append(found, some...)
	}
	for n := range w.Folders {
		f := &w.Folders[n]
		have := world.Found{Server: int32(estate.SMP), Image: int32(n), Folder: f.Exists, Files: f.Files}
		seen, err := l.lookFolder(ctx, locationsDir, locationDir(f.Location)[len(locationsDir)+1:], have, -1)
		if err != nil {
			return err
		}
		found = append(found, seen...)
	}
	l.looked = true
	return l.take(found)
}

// lookServer looks at the package folders of one server.
func (l *Lab) lookServer(ctx context.Context, s int32) error {
	found, err := l.lookAt(ctx, s)
	if err != nil {
		return err
	}
	return l.take(found)
}

func (l *Lab) take(found []world.Found) error {
	if len(found) == 0 {
		return nil
	}
	return l.do(world.Command{Verb: world.Look, By: world.ByTime, Server: -1, Image: -1, Preboot: -1, Found: found})
}

// lookAt returns the copies of a server that are not what the state says.
func (l *Lab) lookAt(ctx context.Context, s int32) (found []world.Found, err error) {
	w := l.journal.world
	root := serverDir(w.Servers[s].Name) + "/" + deliveryDir
	spelled, err := l.packageFolders(root)
	if err != nil {
		return nil, err
	}
	for i := range w.Images {
		img := &w.Images[i]
		if img.Package.IsZero() {
			continue
		}
		have := world.Found{Server: s, Image: int32(i)}
		if c := w.Copy(s, int32(i)); c != nil {
			have.Folder, have.Files = c.Folder, c.Files
		}
		name, there := spelled[img.Package]
		if !there && !have.Folder {
			continue
		}
		if canonical := packageName(img.Package); there && name != canonical {
			if err := l.journal.disk.Rename(root+"/"+name, root+"/"+canonical); err != nil {
				return nil, err
			}
		}
		seen, err := l.lookFolder(ctx, root, packageName(img.Package)+"/cache", have, int32(i))
		if err != nil {
			return nil, err
		}
		found = append(found, seen...)
	}
	return found, nil
}

// packageFolders returns the folders of packages by GUID, as they are spelled. A
// root that somebody removed is made again.
func (l *Lab) packageFolders(root string) (map[estate.GUID]string, error) {
	fsys, closer, err := l.journal.disk.Open(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, l.journal.disk.MakeDir(root)
	}
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	spelled := make(map[estate.GUID]string, len(entries))
	for _, e := range entries {
		g, err := estate.ParseGUID(e.Name())
		if err != nil || g.IsZero() {
			continue
		}
		if _, twice := spelled[g]; !twice || e.Name() == packageName(g) {
			spelled[g] = e.Name()
		}
	}
	return spelled, nil
}

// lookFolder returns what lies in a folder, if it is not what the state says.
func (l *Lab) lookFolder(ctx context.Context, root, dir string, have world.Found, image int32) ([]world.Found, error) {
	fsys, closer, err := l.journal.disk.Open(root)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	files, folder, err := content.ReadTree(ctx, fsys, dir, false)
	if err != nil {
		return nil, err
	}
	if folder == have.Folder && asExpected(files, have.Files) {
		return nil, nil
	}
	now := world.Found{Server: have.Server, Image: have.Image, Folder: folder}
	for i := range files {
		f, err := l.identify(fsys, dir, &files[i], have.Files, image)
		if err != nil {
			return nil, err
		}
		now.Files = append(now.Files, f)
	}
	if folder == have.Folder && slices.EqualFunc(now.Files, have.Files, sameBytes) {
		return nil, nil // only times differ; the servers put those right themselves
	}
	return []world.Found{now}, nil
}

func sameBytes(a, b world.File) bool {
	return a.Path == b.Path && a.Bytes == b.Bytes && a.Label == b.Label
}

func asExpected(files []platform.File, want []world.File) bool {
	return slices.EqualFunc(files, want, func(f platform.File, w world.File) bool {
		return f.Path == w.Path && f.Bytes == w.Bytes && f.Modified.Sub(w.Mod.Time()).Abs() < timeGrain
	})
}

// identify tells whose bytes a file holds: those that were there, those that the
// image is meant to have, or some that nobody here has made.
func (l *Lab) identify(fsys fs.FS, dir string, f *platform.File, have []world.File, image int32) (world.File, error) {
	out := world.File{Path: f.Path, Bytes: f.Bytes, Mod: estate.TimeOf(f.Modified)}
	in, err := fsys.Open(dir + "/" + f.Path)
	if err != nil {
		return out, err
	}
	defer in.Close()
	h := sha256.New()
	if _, err := io.Copy(h, in); err != nil {
		return out, err
	}
	sum := [32]byte(h.Sum(nil))
	candidates := []*world.File{fileAt(have, f.Path)}
	if image >= 0 {
		candidates = append(candidates, fileAt(l.journal.world.Images[image].Right, f.Path))
	}
	for _, c := range candidates {
		if c == nil || c.IsFound() || f.Bytes > maxMade {
			continue
		}
		if sha256.Sum256(world.Bytes(c.Label, f.Path, f.Bytes)) == sum {
			out.Label = c.Label
			return out, nil
		}
	}
	out.Label = world.FoundLabel(sum)
	return out, nil
}

// maxMade is more than the size of any file that a lab makes.
const maxMade = 1 << 20
