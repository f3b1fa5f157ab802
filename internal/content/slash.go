package content

import (
	"path"
	"strings"
)

// splitSlash splits a slash-separated folder into its parent and its name there. A
// folder on a share, //host/share/folder, keeps its two slashes.
func splitSlash(dir string) (parent, base string) {
	clean := path.Clean(dir)
	parent, base = path.Dir(clean), path.Base(clean)
	if strings.HasPrefix(dir, "//") {
		parent = "/" + parent
	}
	return parent, base
}

// joinSlash is path.Join, and keeps the two slashes of a share.
func joinSlash(parts ...string) string {
	joined := path.Join(parts...)
	if len(parts) > 0 && strings.HasPrefix(parts[0], "//") {
		joined = "/" + joined
	}
	return joined
}
