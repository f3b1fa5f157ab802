package trust

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pslan/internal/peertest"
)

func TestRoots(t *testing.T) {
	dir := t.TempDir()
	text, _ := peertest.Certificate(t)
	for name, content := range map[string]string{"ca.crt": "a remark\r\n" + text, "none.pem": "nothing", "large.pem": strings.Repeat("x", maxFile+1)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if roots, err := Roots(""); roots != nil || err != nil {
		t.Error(roots, err)
	}
	roots, err := Roots(filepath.Join(dir, "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(text))
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "localhost"}); err != nil {
		t.Error(err)
	}
	for file, want := range map[string]string{"none.pem": "none.pem holds no certificate in PEM form", "large.pem": "larger than 1048576 bytes", "gone.pem": "cannot be read"} {
		if _, err := Roots(filepath.Join(dir, file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
