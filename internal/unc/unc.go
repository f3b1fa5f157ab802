// Package unc reads the names of folders on shares, as Windows writes them:
// \\host\share\folder\folder.
//
// What it promises: slashes and backslashes are the same; what it accepts names a
// host, a share on it, and a folder below that which no ".." leads out of; what it
// refuses, it refuses with a reason that says what to write instead.
//
// It must not know whether there is such a host, or how it is asked.
package unc

import (
	"errors"
	"fmt"
	"strings"
)

// Path is a folder on a share.
type Path struct {
	Host  string // a name or an IPv4 address, as written
	Share string
	Dir   string // slash-separated, "" for the share itself
}

// maxLength is what Windows allows a path to be, in its long form.
const maxLength = 32_767

// Parse reads a folder's name.
func Parse(text string) (Path, error) {
	slashed := strings.ReplaceAll(text, `\`, "/")
	switch {
	case text == "":
		return Path{}, errors.New("it is empty")
	case len(text) > maxLength:
		return Path{}, fmt.Errorf("it is longer than %d bytes", maxLength)
	case strings.HasPrefix(strings.ToLower(slashed), "smb://"):
		return Path{}, fmt.Errorf("it is a URL: write it without smb:, as %s", slashed[len("smb:"):])
	case len(slashed) >= 2 && slashed[1] == ':':
		return Path{}, errors.New("it is a folder on a drive, and not on a share")
	case !strings.HasPrefix(slashed, "//"):
		return Path{}, errors.New("it does not begin with two slashes or backslashes")
	case strings.HasPrefix(slashed, "//?/") || strings.HasPrefix(slashed, "//./"):
		return Path{}, errors.New(`it is a device path: write \\host\share\folder`)
	}
	host, rest, _ := strings.Cut(slashed[2:], "/")
	share, dir, _ := strings.Cut(rest, "/")
	p := Path{Host: host, Share: share, Dir: strings.TrimRight(dir, "/")}
	return p, p.check()
}

func (p Path) check() error {
	if p.Host == "" {
		return errors.New("it names no host")
	}
	if i := strings.IndexFunc(p.Host, notInHost); i >= 0 {
		hint := ""
		if p.Host[i] == ':' || p.Host[i] == '@' {
			hint = "; a port does not stand in it"
		}
		return fmt.Errorf("the host %q holds the character %q%s", p.Host, p.Host[i:i+1], hint)
	}
	if p.Share == "" {
		return fmt.Errorf("it names no share on %s", p.Host)
	}
	if err := checkName(p.Share); err != nil {
		return fmt.Errorf("the share %w", err)
	}
	if p.Dir == "" {
		return nil
	}
	for name := range strings.SplitSeq(p.Dir, "/") {
		if err := checkName(name); err != nil {
			return fmt.Errorf("the folder %w", err)
		}
	}
	return nil
}

func notInHost(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune(`:@/\"<>|*?[](){},;&=+#%`, r)
}

// checkName refuses what no folder on Windows can be called.
func checkName(name string) error {
	switch name {
	case "":
		return errors.New("between two slashes has no name")
	case ".", "..":
		return fmt.Errorf("%q is no name: a folder is named from the share down", name)
	}
	for i := range len(name) {
		if c := name[i]; c < ' ' || strings.IndexByte(`:"<>|*?`, c) >= 0 {
			return fmt.Errorf("%q holds the character %q, which no name on Windows can hold", name, c)
		}
	}
	return nil
}

// String writes the folder's name with backslashes.
func (p Path) String() string {
	s := `\\` + p.Host + `\` + p.Share
	if p.Dir != "" {
		s += `\` + strings.ReplaceAll(p.Dir, "/", `\`)
	}
	return s
}
