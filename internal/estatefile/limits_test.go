package estatefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/diag"
)

const (
	minimalHead = `{"format_version": "1.0", "package_servers": [], "images": []`
	minimal     = minimalHead + `}`
)

// endless repeats a piece of text up to n bytes.
func endless(piece string, n int64) io.Reader {
	return io.LimitReader(repeat{piece: piece, at: new(int)}, n)
}

type repeat struct {
	piece string
	at    *int
}

func (r repeat) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = r.piece[*r.at]
		*r.at = (*r.at + 1) % len(r.piece)
	}
	return len(b), nil
}

// only is the one diagnostic that is expected.
func only(t *testing.T, diags diag.Diagnostics) *diag.Diagnostic {
	t.Helper()
	if len(diags) != 1 {
		t.Fatalf("%d diagnostics, want one:\n%s", len(diags), rendered(diags))
	}
	return diags[0]
}

func TestEndlessInput(t *testing.T) {
	const size = 100 << 20
	tests := []struct {
		name, head, piece string
		summary           string
		at                diag.Pos
	}{
		{"lists", minimalHead + `, "x": `, "[", "Nested too deeply", diag.Pos{Line: 1, Column: 133, Byte: 132}},
		{"objects", minimalHead + `, "x": `, `{"a":`, "Nested too deeply", diag.Pos{Line: 1, Column: 389, Byte: 388}},
		{"lists for an estate", "", "[", "Not an estate file", diag.Pos{Line: 1, Column: 1, Byte: 0}},
		{"a text", minimalHead + `, "x": "`, "x", "Text too long", diag.Pos{}},
		{"digits", minimalHead + `, "x": 1`, "0", "Broken JSON", diag.Pos{Line: 1, Column: 69, Byte: 68}},
		{"white space", minimalHead, " \n", "Truncated estate file", diag.Pos{Line: 52428801, Column: 1, Byte: 61 + size}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := io.MultiReader(strings.NewReader(tt.head), endless(tt.piece, size))
			r := newReader(in, "estate.json")
			r.document()
			d := only(t, r.list())
			if d.Summary != tt.summary {
				t.Errorf("got %s, want %s", d.Summary, tt.summary)
			}
			if tt.at != (diag.Pos{}) && d.Subject.Start != tt.at {
				t.Errorf("at %+v, want %+v", d.Subject.Start, tt.at)
			}
			if len(r.buf) > 4*maxText {
				t.Errorf("the buffer has grown to %d bytes", len(r.buf))
			}
			if len(d.Source) > 4*excerptCells {
				t.Errorf("the excerpt has %d bytes", len(d.Source))
			}
		})
	}
}

func TestManyProblems(t *testing.T) {
	images := strings.Repeat("{},\n", 500) + "{}"
	text := strings.Replace(minimal, `"images": []`, `"images": [`+images+`]`, 1)
	_, diags := Read(strings.NewReader(text), "estate.json")
	if len(diags) != maxProblems+1 {
		t.Fatalf("%d diagnostics, want %d", len(diags), maxProblems+1)
	}
	last := diags[maxProblems]
	if want := "estate.json has 952 more problems that are not shown."; last.Detail != want {
		t.Errorf("the last says %q, want %q", last.Detail, want)
	}
}

// TestPieces reads the same file in pieces of any size: no token may be lost where
// the buffer ends.
func TestPieces(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"format_version": "1.0", "package_servers": [{"name": "PS1"}], "images": [`)
	for i := range 3000 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n{\"guid\": \"%08d-0000-0000-0000-000000000000\", \"name\": \"Büro \\u00e9 %d\", \"location\": %q, \"version\": %d, \"copies\": [{\"server\": \"PS1\"}]}",
			i+1, i, strings.Repeat(`\é`, i%90), i)
	}
	b.WriteString("]}")
	want, diags := Read(strings.NewReader(b.String()), "estate.json")
	noErrors(t, diags, nil)
	if len(want.Images) != 3000 {
		t.Fatalf("%d images", len(want.Images))
	}
	readers := map[string]io.Reader{
		"bytes":     iotest.OneByteReader(strings.NewReader(b.String())),
		"halves":    iotest.HalfReader(strings.NewReader(b.String())),
		"early end": iotest.DataErrReader(strings.NewReader(b.String())),
	}
	for name, in := range readers {
		got, diags := Read(in, "estate.json")
		noErrors(t, diags, nil)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: -want +got:\n%s", name, d)
		}
	}
}

// TestPlaceFarInside looks for a problem behind many buffers' worth of lines.
func TestPlaceFarInside(t *testing.T) {
	line := `  {"x": "` + strings.Repeat("ü", 100) + `"},` + "\n"
	const lines = 5000
	text := minimalHead + ", \"more\": [\n" + strings.Repeat(line, lines) + `  "üü", oops]}`
	_, diags := Read(strings.NewReader(text), "estate.json")
	d := only(t, diags)
	want := diag.Pos{Line: lines + 2, Column: 9, Byte: int32(strings.Index(text, "oops"))}
	if d.Subject.Start != want {
		t.Errorf("at %+v, want %+v", d.Subject.Start, want)
	}
	if d.Source != `  "üü", oops]}` {
		t.Errorf("source %q", d.Source)
	}
}

// TestDuplicateFarApart names the line of the first, which is long gone.
func TestDuplicateFarApart(t *testing.T) {
	var b strings.Builder
	b.WriteString("{\"format_version\": \"1.0\", \"package_servers\": [], \"images\": [\n")
	for i := range 20000 {
		fmt.Fprintf(&b, "{\"name\": \"x\", \"guid\": \"%08d-0000-0000-0000-000000000000\"},\n", i)
	}
	b.WriteString("{\"name\": \"y\", \"guid\": \"00000777-0000-0000-0000-000000000000\"}]}")
	text := strings.Replace(b.String(), `"00000000-`, `"99999999-`, 1)
	_, diags := Read(strings.NewReader(text), "estate.json")
	d := only(t, diags)
	if d.Subject.Start.Line != 20002 || !strings.Contains(d.Detail, "at line 779.") {
		t.Errorf("line %d: %s", d.Subject.Start.Line, d.Detail)
	}
}

func TestEncodings(t *testing.T) {
	wide := func(order func(uint16) []byte) []byte {
		var b []byte
		for _, u := range utf16.Encode([]rune("\uFEFF" + minimal)) {
			b = append(b, order(u)...)
		}
		return b
	}
	tests := []struct {
		name    string
		in      []byte
		summary string // "" for none
	}{
		{"utf-8", []byte(minimal), ""},
		{"byte order mark", []byte("\uFEFF" + minimal), ""},
		{"crlf", []byte(strings.ReplaceAll(minimal, ",", ",\r\n")), ""},
		{"nothing", nil, "Empty estate file"},
		{"only a byte order mark", []byte("\uFEFF"), "Empty estate file"},
		{"utf-16 little", wide(func(u uint16) []byte { return []byte{byte(u), byte(u >> 8)} }), "Not UTF-8"},
		{"utf-16 big", wide(func(u uint16) []byte { return []byte{byte(u >> 8), byte(u)} }), "Not UTF-8"},
		{"utf-16 without mark", wide(func(u uint16) []byte { return []byte{byte(u), byte(u >> 8)} })[2:], "Not UTF-8"},
		{"latin-1 in a text", []byte(minimalHead + ", \"x\": \"B\xFCro\"}"), "Not UTF-8"},
		{"latin-1 beside an escape", []byte(minimalHead + ", \"x\": \"\\n B\xFCro\"}"), "Not UTF-8"},
		{"latin-1 outside", []byte(minimalHead + ", \xFC}"), "Not UTF-8"},
		{"a zero byte at the end", []byte(minimal + "\x00"), "Data after the end"},
		{"only white space", []byte(strings.Repeat(" \r\n", 1000)), "Empty estate file"},
		{"a zero byte", []byte(minimalHead + ", \x00}"), "Broken JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, diags := Read(bytes.NewReader(tt.in), "estate.json")
			if tt.summary == "" {
				if e == nil || len(diags) > 0 {
					t.Fatal(rendered(diags))
				}
				return
			}
			if d := only(t, diags); d.Summary != tt.summary {
				t.Error(rendered(diags))
			}
		})
	}
}

// TestBrokenInput reads from something that breaks off with an error.
func TestBrokenInput(t *testing.T) {
	in := io.MultiReader(strings.NewReader(minimalHead+",\n"), iotest.ErrReader(errors.New("the cable was pulled")))
	e, diags := Read(in, "estate.json")
	d := only(t, diags)
	if e != nil || d.Summary != "Unreadable estate file" || d.Subject.Start.Line != 2 || !strings.Contains(d.Detail, "the cable was pulled") {
		t.Error(rendered(diags))
	}
}
