package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
)

// readMany parses and decodes the blocks of which there may be very many, unit by
// unit. What a unit declares is plain values; its syntax tree is dropped with it.
func (l *loading) readMany() {
	var jsonBlocks []block
	for _, kind := range []string{"image", "images", "pct_package"} {
		jsonBlocks = append(jsonBlocks, l.blocks[kind]...)
	}
	harvests := make([]harvest, len(l.late)+1)
	decoders := make([]*decoder, len(l.late)+1)
	inParallel(len(harvests), func(i int) {
		d := newDecoder(l.scope)
		decoders[i] = d
		if i == len(l.late) {
			d.decodeImages(jsonBlocks, &harvests[i])
			return
		}
		u := l.late[i]
		u.parse()
		d.decodeImages(u.blocks, &harvests[i])
		u.blocks = nil
	})
	images, groups := 0, 0
	for i := range harvests {
		images, groups = images+len(harvests[i].images), groups+len(harvests[i].groups)
	}
	l.found.images, l.found.groups = make([]declared.Image, 0, images), make([]declared.Group, 0, groups)
	for i := range harvests {
		if i < len(l.late) {
			l.settle(l.late[i])
		}
		l.take(decoders[i])
		l.found.images = append(l.found.images, harvests[i].images...)
		l.found.groups = append(l.found.groups, harvests[i].groups...)
		l.found.labels = append(l.found.labels, harvests[i].labels...)
		harvests[i] = harvest{}
	}
	slices.SortFunc(l.found.images, func(a, b declared.Image) int { return cmp.Compare(a.Address, b.Address) })
	slices.SortFunc(l.found.groups, func(a, b declared.Group) int { return cmp.Compare(a.Address, b.Address) })
	l.Declared.Images, l.Declared.Groups = l.found.images, l.found.groups
}

// crossCheck finds what is wrong between blocks.
func (l *loading) crossCheck() {
	l.checkLabels()
	l.checkSelectors()
}

// checkLabels refuses a label that stands on two blocks: copies and members have
// their addresses from it.
func (l *loading) checkLabels() {
	slices.SortStableFunc(l.found.labels, func(a, b labelUse) int {
		return cmp.Or(cmp.Compare(a.label, b.label), cmp.Compare(a.at.Filename, b.at.Filename), cmp.Compare(a.at.Start.Byte, b.at.Start.Byte))
	})
	for i := 1; i < len(l.found.labels); i++ {
		first, again := &l.found.labels[i-1], &l.found.labels[i]
		if first.label == again.label {
			l.diags = append(l.diags, &diag.Diagnostic{Subject: again.at, In: again.in, Summary: "Label used twice",
				Detail: fmt.Sprintf("The label %q stands on %s already (%s). Labels are unique over image, images and pct_package, because copies have their addresses from them.",
					again.label, first.in, linePlace(first.at))})
		}
	}
}

// checkSelectors refuses two blocks for one image, where that shows without the
// platform: the same name in blocks of the same kind, or the same GUID.
func (l *loading) checkSelectors() {
	type selector struct {
		kind      estate.Kind
		name      string
		guid, pkg estate.GUID
	}
	seen := make(map[selector]*declared.Image, len(l.Declared.Images))
	for i := range l.Declared.Images {
		img := &l.Declared.Images[i]
		key := selector{kind: img.Kind, name: estate.Fold(img.Name), guid: img.GUID, pkg: img.Package}
		first := seen[key]
		if first == nil {
			seen[key] = img
			continue
		}
		if earlier(img.SelectRange, first.SelectRange) {
			img, first = first, img
		}
		l.diags = append(l.diags, &diag.Diagnostic{Subject: img.SelectRange, In: img.In, Summary: "Image declared twice",
			Detail: fmt.Sprintf("%s means the same image as %s (%s). One image has one block.", img.Address, first.Address, linePlace(first.SelectRange))})
	}
}

func earlier(a, b diag.Range) bool {
	return cmp.Or(strings.Compare(a.Filename, b.Filename), cmp.Compare(a.Start.Byte, b.Start.Byte)) < 0
}

// dropNoise leaves, of a file with syntax errors, the syntax errors alone: what else
// was found there may be their consequence.
func (l *loading) dropNoise() {
	if len(l.broken) == 0 {
		return
	}
	l.diags = slices.DeleteFunc(l.diags, func(d *diag.Diagnostic) bool { return l.broken[d.Subject.Filename] && !l.syntax[d] })
}
