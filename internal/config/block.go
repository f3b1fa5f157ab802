package config

import (
	"maps"
	"runtime"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"pslan/internal/diag"
	"pslan/internal/wording"
)

func workers() int { return runtime.GOMAXPROCS(0) }

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// block is a block of either syntax.
type block struct {
	kind        string
	labels      []string
	body        hcl.Body // *hclsyntax.Body for native syntax
	typeRange   hcl.Range
	labelRanges []hcl.Range
}

func nativeBlock(b *hclsyntax.Block) block {
	return block{kind: b.Type, labels: b.Labels, body: b.Body, typeRange: b.TypeRange, labelRanges: b.LabelRanges}
}

func jsonBlock(b *hcl.Block) block {
	return block{kind: b.Type, labels: b.Labels, body: b.Body, typeRange: b.TypeRange, labelRanges: b.LabelRanges}
}

// label returns the one label, "" where there is none.
func (b *block) label() string {
	if len(b.labels) == 0 {
		return ""
	}
	return b.labels[0]
}

// header is the place of the block's type and label. In JSON, where they stand
// apart, it is that of the label.
func (b *block) header() diag.Range {
	if len(b.labelRanges) == 0 {
		return place(b.typeRange)
	}
	if _, native := b.body.(*hclsyntax.Body); native {
		return place(hcl.RangeBetween(b.typeRange, b.labelRanges[len(b.labelRanges)-1]))
	}
	return place(b.labelRanges[len(b.labelRanges)-1])
}

// name is the block for people: image "win11".
func (b *block) name() string {
	if len(b.labels) == 0 {
		return b.kind
	}
	return b.kind + ` "` + b.labels[0] + `"`
}

// attribute is an argument of a block of either syntax.
type attribute struct {
	name      string
	expr      hcl.Expression
	nameRange hcl.Range
	required  bool
}

// place is that of the whole argument: owner = package_server.ps010.
func (a *attribute) place() diag.Range {
	return place(hcl.RangeBetween(a.nameRange, a.expr.Range()))
}

// bodySpec says what may stand in a body.
type bodySpec struct {
	attrs  []string
	blocks []blockSpec
	// hints are answers to arguments and blocks that people would expect here.
	hints map[string]string
}

// blockSpec says how a block may stand in a body.
type blockSpec struct {
	kind    string
	labels  int
	once    bool // at most one
	example string
	// anyLabel: the label is no name and part of no address
	anyLabel bool
}

func (s *bodySpec) block(kind string) *blockSpec {
	for i := range s.blocks {
		if s.blocks[i].kind == kind {
			return &s.blocks[i]
		}
	}
	return nil
}

func (s *bodySpec) blockKinds() []string {
	kinds := make([]string, len(s.blocks))
	for i := range s.blocks {
		kinds[i] = s.blocks[i].kind
	}
	return kinds
}

func schemaOf(attrs []string, blocks []blockSpec) *hcl.BodySchema {
	schema := &hcl.BodySchema{}
	for _, name := range attrs {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name})
	}
	for _, b := range blocks {
		header := hcl.BlockHeaderSchema{Type: b.kind}
		if b.labels == 1 {
			header.LabelNames = []string{"label"}
		}
		schema.Blocks = append(schema.Blocks, header)
	}
	return schema
}

// content is a body that was held against its spec.
type content struct {
	native *hclsyntax.Body // nil for JSON
	json   hcl.Attributes
	blocks []block
	of     *block
	// suggested are names that an unknown argument or block was probably meant to be:
	// that they are missing is no further news.
	suggested []string
}

// open holds a block against a spec and tells of everything that does not belong.
func (d *decoder) open(b *block, spec *bodySpec) content {
	c := content{of: b}
	if native, ok := b.body.(*hclsyntax.Body); ok {
		c.native = native
		for name, attr := range native.Attributes {
			if !slices.Contains(spec.attrs, name) {
				c.suggested = append(c.suggested, wording.Nearest(name, spec.attrs))
				d.unknownArgument(spec, name, attr.NameRange)
			}
		}
		for _, nested := range native.Blocks {
			c.blocks = append(c.blocks, nativeBlock(nested))
		}
	} else {
		got, diags := b.body.Content(schemaOf(spec.attrs, spec.blocks))
		d.translate(diags)
		c.json = got.Attributes
		for _, nested := range got.Blocks {
			c.blocks = append(c.blocks, jsonBlock(nested))
		}
	}
	for i := range c.blocks {
		if kind := c.blocks[i].kind; spec.block(kind) == nil {
			c.suggested = append(c.suggested, wording.Nearest(kind, spec.blockKinds()))
		}
	}
	c.blocks = d.known(c.blocks, spec)
	return c
}

// lacks reports whether something is missing from a body and was not merely misspelt.
func (c *content) lacks(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(c.suggested, name) })
}

func (d *decoder) unknownArgument(spec *bodySpec, name string, at hcl.Range) {
	hint := wording.DidYouMean(name, spec.attrs)
	if spec.block(name) != nil {
		hint = " It is a block, written without the equals sign: " + name + " { … }."
	} else if own := spec.hints[name]; own != "" {
		hint = " " + own
	} else if looksSecret(name+"=x") && spec.hints["password"] != "" {
		hint = " " + spec.hints["password"]
	}
	d.errorf(at, "Unknown argument", "%s has no argument %q.%s", d.what(), name, hint)
}

// known leaves out the blocks that may not stand in a body, and says why.
func (d *decoder) known(blocks []block, spec *bodySpec) []block {
	kept := blocks[:0]
	for i := range blocks {
		b := blocks[i]
		rule := spec.block(b.kind)
		switch {
		case rule == nil:
			hint := wording.DidYouMean(b.kind, spec.blockKinds())
			if slices.Contains(spec.attrs, b.kind) {
				hint = " It is an argument, written with an equals sign: " + b.kind + " = …"
			} else if own := spec.hints[b.kind]; own != "" {
				hint = " " + own
			}
			d.errorf(b.typeRange, "Unknown block", "%s has no block %q.%s", d.what(), b.kind, hint)
		case len(b.labels) < rule.labels:
			d.errorf(b.typeRange, "Label missing", "%s block needs a label: %s %q { … }.", withArticle(b.kind), b.kind, rule.example)
		case len(b.labels) > rule.labels:
			d.errorf(b.labelRanges[rule.labels], "Too many labels", "%s block has %s.", withArticle(b.kind), [...]string{"no label", "one label"}[rule.labels])
		case rule.once && slices.ContainsFunc(kept, func(k block) bool { return k.kind == b.kind }):
			d.errorf(b.typeRange, "Block given twice", "%s has more than one %s block. One is enough.", d.what(), b.kind)
		default:
			kept = append(kept, b)
		}
	}
	return kept
}

// attr returns an argument, nil where it is left out.
func (c *content) attr(name string) *attribute {
	if c.native != nil {
		if a := c.native.Attributes[name]; a != nil {
			return &attribute{name: name, expr: a.Expr, nameRange: a.NameRange}
		}
		return nil
	}
	if a := c.json[name]; a != nil {
		return &attribute{name: name, expr: a.Expr, nameRange: a.NameRange}
	}
	return nil
}

// required returns an argument that must be given, nil with a diagnostic where it is not.
func (d *decoder) required(c *content, name string) *attribute {
	a := c.attr(name)
	if a == nil {
		if c.lacks(name) {
			d.report(c.of.header(), "Missing argument", "%s needs the argument %q.", d.what(), name)
		}
		return nil
	}
	a.required = true
	return a
}

// only returns the nested block of a kind, nil where there is none.
func (c *content) only(kind string) *block {
	for i := range c.blocks {
		if c.blocks[i].kind == kind {
			return &c.blocks[i]
		}
	}
	return nil
}
