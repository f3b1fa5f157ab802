package probe_test

import (
	"path/filepath"
	"testing"

	"pslan/internal/content/contenttest"
	"pslan/internal/manifest"
	"pslan/internal/platform"
	"pslan/internal/probe"
)

// TestCases looks at copies that are damaged in every way there is, as a manifest
// tells of them.
func TestCases(t *testing.T) {
	contenttest.Run(t, "", func(t *testing.T, c *contenttest.Case, root string) platform.Eyes {
		m, err := probe.New(probe.Options{Server: "ps1.contoso.com", Root: root, ListOnly: c.ListOnly}).Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := manifest.WriteFile(filepath.Join(dir, "ps1.json.zst"), m); err != nil {
			t.Fatal(err)
		}
		return manifest.NewEyes(dir)
	})
}
