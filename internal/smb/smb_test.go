//go:build peers

package smb

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pslan/internal/content"
	"pslan/internal/credential"
	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/peertest"
)

// as is a credential with a password.
func as(t testing.TB, user, password string) *credential.Credential {
	t.Helper()
	who, err := credential.Read(credential.Source{
		Login: &declared.Login{User: user, Method: "ntlm"}, Prefix: "PSLAN_SMB",
		Env: func(name string) string { return map[string]string{"PSLAN_SMB_PASSWORD": password}[name] },
	})
	if err != nil {
		t.Fatal(err)
	}
	return who
}

// pool is a pool for a server.
func pool(t testing.TB, s *peertest.FileServer, change func(*Options)) *Pool {
	t.Helper()
	o := Options{Who: as(t, s.User, peertest.Password), Port: s.Port}
	if change != nil {
		change(&o)
	}
	p := New(o)
	t.Cleanup(func() { p.Close() })
	return p
}

// open opens a folder until the test ends.
func open(t testing.TB, p *Pool, name string) fs.FS {
	t.Helper()
	fsys, closer, err := p.Open(name)
	// Now and then a Samba that was just started finds itself short of memory.
	for e := (*Error)(nil); errors.As(err, &e) && e.Kind == Overloaded && t.Context().Err() == nil; {
		t.Log(err)
		fsys, closer, err = p.Open(name)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closer.Close() })
	return fsys
}

func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReadTree: a tree on a share is what it is on the disk.
func TestReadTree(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"pkg/cache/a.gho": "hello", "pkg/cache/sub/b": strings.Repeat("x", 5<<20+3), "pkg/cache/empty": ""})
	s := peertest.Samba{Shares: map[string]string{"packages": dir}}.Start(t)
	if s == nil {
		return
	}
	remote, folder, err := content.ReadTree(t.Context(), open(t, pool(t, s, nil), "//127.0.0.1/packages"), "pkg/cache", true)
	if err != nil || !folder {
		t.Fatal(folder, err, s.Log())
	}
	local, _, err := content.ReadTree(t.Context(), os.DirFS(dir), "pkg/cache", true)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := content.Digest(remote), content.Digest(local); a != b || a.Digest.IsZero() {
		t.Errorf("on the share %+v, on the disk %+v", a, b)
	}
}

func guidOf(t testing.TB, text string) estate.GUID {
	t.Helper()
	g, err := estate.ParseGUID(text)
	if err != nil {
		t.Fatal(err)
	}
	return g
}
