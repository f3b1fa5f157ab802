package config

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"pgregory.net/rapid"
)

// fragments are what random files are made of: everything that could make a border
// of blocks look like what it is not.
var fragments = []string{
	"image \"a\" {\n", "}\n", "{", "}", "(", ")", "[", "]", "\n", "\r\n", "name = ", "\"text\"", "\"${", "\"%{ if true }", "%{ endif }", "}\"", "\"",
	"\"$${\"", "\"$$${\"", "\"%%{\"", "\"\\\"\"", "\\", "<<EOT\n", "<<-EOT\n", "EOT\n", "  EOT\n", "<<É\n", "É\n", "# comment { \"\n", "// }\n", "/* { \n */", "/*", "*/",
	"$", "%", "~}", "${", "%{", "é", "e\u0301", "1.5e+3-2", "1e-1-1", ",", "a.b[0]", "image", "images \"g\" {\n  match {\n    name = [\"*\"]\n  }\n}\n", "locals { a = 1 }\n", "\t", "\ufeff",
}

// drawSource draws a file: mostly sound blocks, with fragments thrown in.
func drawSource(t *rapid.T) []byte {
	sound := rapid.SampledFrom([]string{
		"image \"a\" {\n  name = \"A\" # {\n}\n",
		"/* } */ image \"b\" {\n  name = <<EOT\n} ${\"x}\"} \"\nEOT\n}\n",
		"locals {\n  x = \"%{ for a in [1] }${a}{%{ endfor }\"\n  y = {\n    k = [1, 2,\n 3]\n  }\n}\r\n",
		"images \"c\" {\n  match { name = [\"$${\", \"é*\"] }\n  owner = <<-EOT\n    $x {\n    EOT\n}\n",
		"# }\npct_package \"d\" { name = \"\\\"}\" }\n\n",
		"variable \"v\" { default = (1 +\n 2) }\n",
	})
	parts := rapid.SliceOfN(rapid.OneOf(sound, sound, sound, rapid.SampledFrom(fragments)), 0, 30).Draw(t, "parts")
	if rapid.Bool().Draw(t, "clean") {
		parts = rapid.SliceOfN(sound, 0, 30).Draw(t, "sound")
	}
	return []byte(strings.Join(parts, ""))
}

// cutFine cuts after every item, as if each were a piece of its own.
func cutFine(src []byte) ([]piece, *overLimit) { return cutAt(src, 1) }

// TestPiecesAreTheWhole: parsed piece by piece, a file without errors gives the
// blocks, values and places that it gives as a whole; one with errors has errors in
// some piece.
func TestPiecesAreTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := drawSource(t)
		pieces, over := cutFine(src)
		if over != nil {
			t.Fatalf("over a bound: %s", over.what)
		}
		whole, wholeDiags := hclsyntax.ParseConfig(src, "f.hcl", hcl.InitialPos)
		var blocks hclsyntax.Blocks
		attrs := hclsyntax.Attributes{}
		var joined []byte
		failed := false
		for _, p := range pieces {
			file, diags := hclsyntax.ParseConfig(p.src, "f.hcl", p.pos)
			failed = failed || diags.HasErrors()
			body := file.Body.(*hclsyntax.Body)
			blocks = append(blocks, body.Blocks...)
			for name, a := range body.Attributes {
				failed = failed || attrs[name] != nil
				attrs[name] = a
			}
			joined = append(joined, p.src...)
		}
		if !bytes.HasPrefix(src, joined) || len(bytes.TrimRight(bytes.TrimPrefix(src[len(joined):], []byte(byteOrderMark)), " \t\r\n")) > 0 && !wholeDiags.HasErrors() && !onlyComments(src[len(joined):]) {
			t.Fatalf("pieces are not the file: %q of %q", joined, src)
		}
		if failed != wholeDiags.HasErrors() {
			t.Fatalf("pieces failed: %v, whole failed: %v (%v)\n%s", failed, wholeDiags.HasErrors(), wholeDiags, src)
		}
		if failed {
			return
		}
		body := whole.Body.(*hclsyntax.Body)
		options := cmp.Options{
			cmpopts.EquateEmpty(), cmp.Comparer(func(a, b cty.Value) bool { return a.RawEquals(b) }),
			cmp.Comparer(func(a, b *hclsyntax.Operation) bool { return a == b }),
			cmp.Exporter(func(reflect.Type) bool { return true }),
		}
		if diff := cmp.Diff(body.Blocks, blocks, options); diff != "" {
			t.Fatalf("blocks differ (-whole +pieces):\n%s", diff)
		}
		if diff := cmp.Diff(body.Attributes, attrs, options); diff != "" {
			t.Fatalf("attributes differ (-whole +pieces):\n%s", diff)
		}
	})
}

// onlyComments reports whether a text holds no item.
func onlyComments(src []byte) bool {
	file, diags := hclsyntax.ParseConfig(src, "", hcl.InitialPos)
	body := file.Body.(*hclsyntax.Body)
	return !diags.HasErrors() && len(body.Blocks)+len(body.Attributes) == 0
}

// TestScannerSeesNoLess: whatever the file, sound or not, the scanner finds the
// nesting as deep as the tokens of the real lexer are, unless it says that it is not
// sure.
func TestScannerSeesNoLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := drawSource(t)
		s := scanner{src: src}
		deepest := 0
		for s.i < len(s.src) {
			s.step()
			deepest = max(deepest, len(s.stack))
		}
		if real := tokenDepth(src); !s.odd && deepest < real {
			t.Fatalf("scanner saw %d levels, the lexer %d:\n%s", deepest, real, src)
		}
	})
}

// tokenDepth is how deep the brackets and templates of a file's tokens nest.
func tokenDepth(src []byte) int {
	tokens, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)
	depth, deepest := 0, 0
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			depth = max(depth-1, 0)
		}
		deepest = max(deepest, depth)
	}
	return deepest
}
