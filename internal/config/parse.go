package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"golang.org/x/sync/errgroup"

	"pslan/internal/diag"
	"pslan/internal/wording"
)

// unit is what is parsed in one go: a piece of a native file, or a whole JSON file.
type unit struct {
	file  *sourceFile
	piece piece

	blocks []block
	broken bool // has syntax errors: nothing of its file is decoded
	diags  diag.Diagnostics
}

// cutFiles checks the bounds of the files and divides them into units, those that
// others can refer to first.
func cutFiles(files []*sourceFile) (early, late []*unit, diags diag.Diagnostics) {
	cuts := make([][]piece, len(files))
	overs := make([]*overLimit, len(files))
	inParallel(len(files), func(i int) {
		if f := files[i]; f.isJSON() {
			overs[i] = checkJSON(f.src)
			cuts[i] = []piece{{src: f.src}}
		} else {
			cuts[i], overs[i] = cut(f.src)
		}
	})
	for i, f := range files {
		if overs[i] != nil {
			diags = diags.Errorf(f.rangeAt(overs[i].offset, 1), "File is too deep or too dense",
				"%s The file is not read. Divide what stands here into smaller parts.", overs[i].what)
			continue
		}
		for _, p := range cuts[i] {
			u := &unit{file: f, piece: p}
			if p.late {
				late = append(late, u)
			} else {
				early = append(early, u)
			}
		}
	}
	return early, late, diags
}

// inParallel calls work for 0 … n-1 on as many goroutines as there are processors.
func inParallel(n int, work func(int)) {
	var g errgroup.Group
	g.SetLimit(workers())
	for i := range n {
		g.Go(func() error { work(i); return nil })
	}
	_ = g.Wait() // work returns no error
}

// parse fills in the blocks of a unit.
func (u *unit) parse() {
	if u.file.isJSON() {
		u.parseJSON()
	} else {
		u.parseNative()
	}
}

func (u *unit) parseNative() {
	file, diags := hclsyntax.ParseConfig(u.piece.src, u.file.name, u.piece.pos)
	if diags.HasErrors() {
		u.broken, u.diags = true, syntaxErrors(u.file.name, u.piece, diags)
		return
	}
	body := file.Body.(*hclsyntax.Body)
	for _, name := range sortedNames(body.Attributes) {
		u.strayArgument(name, body.Attributes[name].NameRange)
	}
	u.blocks = make([]block, 0, len(body.Blocks))
	for _, b := range body.Blocks {
		u.addBlock(nativeBlock(b))
	}
}

func (u *unit) strayArgument(name string, at hcl.Range) {
	u.diags = u.diags.Errorf(place(at), "Argument outside of a block",
		"%q stands in no block. Arguments belong into blocks, and values of variables into files named *.vars.hcl.", name)
}

func (u *unit) addBlock(b block) {
	if u.checkHeader(&b) {
		u.blocks = append(u.blocks, b)
	}
}

func (u *unit) checkHeader(b *block) bool {
	spec, ok := topLevel[b.kind]
	switch {
	case !ok:
		u.diags = u.diags.Errorf(place(b.typeRange), "Unknown block", "There is no block %q.%s", b.kind, wording.DidYouMean(b.kind, topLevelNames()))
		return false
	case len(b.labels) > spec.labels:
		detail := fmt.Sprintf("%s block has no label: %s { … }.", withArticle(b.kind), b.kind)
		if spec.labels == 1 {
			detail = fmt.Sprintf("%s block has one label: %s %q { … }.", withArticle(b.kind), b.kind, b.labels[0])
		}
		u.diags = u.diags.Errorf(place(b.labelRanges[spec.labels]), "Too many labels", "%s", detail)
		return false
	case len(b.labels) < spec.labels:
		u.diags = u.diags.Errorf(place(b.typeRange), "Label missing", "%s block needs a label: %s %q { … }.", withArticle(b.kind), b.kind, spec.example)
		return false
	}
	if spec.labels == 1 && !spec.anyLabel && !isName(b.labels[0]) {
		u.diags = u.diags.Errorf(place(b.labelRanges[0]), "Label is no name",
			"%q cannot be part of an address. A label begins with a letter or an underscore and goes on with letters, digits, underscores and hyphens.", b.labels[0])
		return false
	}
	return true
}

// withArticle is "A policy", "An image".
func withArticle(kind string) string {
	if kind[0] == 'i' || kind[0] == 'a' {
		return "An " + kind
	}
	return "A " + kind
}

// isName reports whether a text can stand in an address and be referred to.
func isName(s string) bool {
	if s == "" || len(s) > 256 {
		return false
	}
	for i := range len(s) {
		if s[i] >= 0x80 {
			return hclsyntax.ValidIdentifier(s)
		}
		if !isWord(s[i]) || i == 0 && !isLetter(s[i]) {
			return false
		}
	}
	return true
}

func (u *unit) parseJSON() {
	file, diags := hcljson.Parse(u.file.src, u.file.name)
	if diags.HasErrors() {
		u.broken, u.diags = true, firstErrors(diags)
		return
	}
	content, diags := file.Body.Content(topLevelSchema())
	for _, d := range diags {
		u.diags = append(u.diags, translate(d, "", false))
	}
	for _, b := range content.Blocks {
		u.addBlock(jsonBlock(b))
	}
}
