package content_test

import (
	"testing"

	"pslan/internal/content"
	"pslan/internal/content/contenttest"
	"pslan/internal/platform"
)

// TestCases looks at copies that are damaged in every way there is.
func TestCases(t *testing.T) {
	contenttest.Run(t, "", func(_ *testing.T, _ *contenttest.Case, root string) platform.Eyes {
		return content.NewPath(content.PathOptions{Root: func(string, string) (string, error) { return root, nil }})
	})
}
