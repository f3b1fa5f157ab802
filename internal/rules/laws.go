package rules

import (
	"fmt"
	"strconv"
	"strings"

	"pslan/internal/pattern"
)

// law is one fact of the platform that the rules rest on, by its number.
func law(n int) string {
	return [...]string{
		1:  "Other servers download an image from its owner and from nobody else. Without an owner that is up and holds the files, nobody can get it.",
		2:  "Taking ownership moves the owner and nothing else: assignments stay as they are.",
		3:  "Taking ownership is silent. That it worked shows later, when the blue and the yellow icon have changed places.",
		4:  "A server that takes ownership of an empty copy becomes the owner of an empty package. There is nowhere left to download from, a refresh makes a snapshot of the emptiness, and the other servers follow it.",
		5:  "The status Ready proves nothing. Only a file listing held against a snapshot proves a copy (KB 433153, KB 181405).",
		6:  "A package server checks its files by name, size and time only. A file of the right size with wrong bytes is kept for ever; only hashing finds it (TECH140644).",
		7:  "Losing an assignment deletes data: the server marks the package with a time, and removes the files at a refresh after it, often a week later. Being assigned again before that saves them (KB 178503, 181052, 237210).",
		8:  "A change of assignment does nothing until a delta membership update has run and the server has refreshed its policy; left alone, that can take a day (KB 237210, 422201).",
		9:  "If the owner is gone and another server still holds the files, that server can take ownership; then the final server is assigned, downloads from it, and takes ownership in turn.",
		10: "After the first of two such hops the assignment must not be narrowed to the server in between: the final server would mark its copy for deletion.",
		11: "If no server holds the files and they exist anywhere else, they can be put by hand into the package folder of the server that is to be the owner, followed by a refresh and a look at the snapshot: the GUID stays. An import makes a new image with a new GUID.",
		12: "A legacy image has a folder and no package. If its folder does not exist, it can be converted only after an empty one is made, and an empty image is the result. Several legacy images may share one folder (KB 206726).",
		13: "Removing the package service role from a server deletes its Package Delivery folder with everything in it (KB 180585).",
		14: "Images kept on the SMP itself are moved by changing their package location, one by one.",
		15: "A server may be switched off when it owns nothing, holds no last copy of anything, is named in no location, its sites have another package server, and no preboot configuration needs it.",
	}[n]
}

const lawCount = 15

var lawNumber = pattern.Lazy(`\blaw (\d+)`)

// laws are the laws that a rule's documentation names, in order.
func (r *Rule) laws() string {
	var named [lawCount + 1]bool
	for _, text := range []string{r.Doc.Means, r.Doc.Why, r.Doc.Quiet, r.Doc.Do} {
		for _, m := range lawNumber().FindAllStringSubmatch(text, -1) {
			if n, err := strconv.Atoi(m[1]); err == nil && n <= lawCount {
				named[n] = true
			}
		}
	}
	var b strings.Builder
	for n, is := range named {
		if is {
			b.WriteString(wrap(fmt.Sprintf("Law %d: %s", n, law(n)), "- ", "  "))
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// columns is how wide generated text is.
const columns = 88

// wrap breaks a text into lines, the first with one prefix, the others with another.
func wrap(text, first, rest string) string {
	var b strings.Builder
	line := first
	started := false
	for word := range strings.FieldsSeq(text) {
		if started && len(line)+1+len(word) > columns {
			b.WriteString(line + "\n")
			line, started = rest, false
		}
		if started {
			line += " "
		}
		line += word
		started = true
	}
	b.WriteString(line + "\n")
	return b.String()
}
