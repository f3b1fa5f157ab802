//go:build peers

package smb

import (
	"os"
	"path/filepath"
	"testing"

	"pslan/internal/content"
	"pslan/internal/peertest"
)

// BenchmarkHash hashes a gibibyte over loopback: signed, encrypted, and the same file
// on the disk.
func BenchmarkHash(b *testing.B) {
	const size = 1 << 30
	dir := b.TempDir()
	name := filepath.Join(dir, "p", "f.gho")
	if err := os.Mkdir(filepath.Dir(name), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(name, make([]byte, size), 0o644); err != nil {
		b.Fatal(err)
	}
	hash := func(b *testing.B, global ...string) {
		s := peertest.Samba{Global: global, Shares: map[string]string{"packages": dir}}.Start(b)
		if s == nil {
			return
		}
		fsys := open(b, pool(b, s, nil), "//127.0.0.1/packages")
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := content.ReadTree(b.Context(), fsys, "p", true); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("signed", func(b *testing.B) { hash(b) })
	b.Run("encrypted", func(b *testing.B) { hash(b, "server smb encrypt = required") })
	b.Run("signed SMB 2.1", func(b *testing.B) { hash(b, "server max protocol = SMB2_10") })
	b.Run("disk", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			if _, _, err := content.ReadTree(b.Context(), os.DirFS(dir), "p", true); err != nil {
				b.Fatal(err)
			}
		}
	})
}
