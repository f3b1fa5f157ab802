package estate

import (
	"strconv"
	"strings"
)

// Address names a thing in plans, reports and on the command line:
// image.win11, image.golden["WIN10"], copy.win11["PS010"], package_server.ps008.
type Address string

// BlockAddress is the address of a block, or of one instance of a for_each block
// where key is not nil: image.win11, image.golden["K"].
func BlockAddress(block, label string, key *string) Address {
	a := block + "." + label
	if key != nil {
		a += "[" + strconv.Quote(*key) + "]"
	}
	return Address(a)
}

// Member is the address of one image of a group, or of a copy on a server:
// images.branch["NAME"], copy.win11["PS010"].
func (a Address) Member(name string) Address {
	return a + Address("["+strconv.Quote(name)+"]")
}

// UndeclaredImage is the address of an image that no block names: image["NAME"];
// name is the package GUID where names repeat.
func UndeclaredImage(name string) Address {
	return Address("image[" + strconv.Quote(name) + "]")
}

// Undeclared reports whether the address is that of an image that no block names, or of
// a copy of one.
func (a Address) Undeclared() bool {
	label, ok := a.ImageLabel()
	return ok && strings.HasPrefix(label, "[")
}

// Copy is the address of the copy of an image on a server: the image's address
// under "copy", then the server.
func (a Address) Copy(server string) Address {
	rest := a
	for i := 0; i < len(a); i++ {
		if a[i] == '.' || a[i] == '[' {
			rest = a[i:]
			break
		}
	}
	return ("copy" + rest).Member(server)
}

// Type returns the first word of the address: image, images, pct_package, copy, package_server, …
func (a Address) Type() string {
	for i := 0; i < len(a); i++ {
		if a[i] == '.' || a[i] == '[' {
			return string(a[:i])
		}
	}
	return string(a)
}

// Name returns the address without its type: `win11`, `golden["K"]`, `["NAME"]`.
func (a Address) Name() string {
	t := len(a.Type())
	if t < len(a) && a[t] == '.' {
		t++
	}
	return string(a[t:])
}

// ImageLabel is what the addresses of an image and of its copies have in common:
// `win11`, `golden["K"]`, `["NAME"]`. It is unique over images, groups and PCT
// packages; ok is false for servers and preboot configurations.
func (a Address) ImageLabel() (label string, ok bool) {
	switch a.Type() {
	case "image", "images", "pct_package":
		return a.Name(), true
	case "copy":
		name := a.Name()
		return name[:len(name)-len(lastKey(name))], true
	}
	return "", false
}

// Words returns the address in the words of a block's header: its type, its label
// and its keys, none of them quoted. image.golden["K"] has the words image, golden, K.
func (a Address) Words() []string {
	words := []string{a.Type()}
	rest := a.Name()
	label := rest
	for i := range rest {
		if rest[i] == '[' {
			label = rest[:i]
			break
		}
	}
	if label != "" {
		words = append(words, label)
	}
	for rest = rest[len(label):]; rest != "" && rest[0] == '['; {
		quoted, err := strconv.QuotedPrefix(rest[1:])
		if err != nil {
			break
		}
		word, err := strconv.Unquote(quoted)
		if err != nil {
			break
		}
		words = append(words, word)
		rest = rest[min(len(quoted)+2, len(rest)):]
	}
	return words
}

// lastKey returns the last ["…"] of an address, a quoted text in brackets.
func lastKey(name string) string {
	for i := range name {
		if name[i] != '[' {
			continue
		}
		quoted, err := strconv.QuotedPrefix(name[i+1:])
		if err == nil && i+1+len(quoted)+1 == len(name) {
			return name[i:]
		}
	}
	return ""
}
