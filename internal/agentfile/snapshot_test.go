package agentfile

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

const guidText = "6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f001"

func packageGUID(t testing.TB) estate.GUID {
	t.Helper()
	g, err := estate.ParseGUID(guidText)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

var (
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	none time.Time
)

// file is a file as the tests write it.
func file(path string, bytes int64, modified time.Time) platform.File {
	return platform.File{Path: path, Bytes: bytes, Modified: modified}
}

func TestReadSnapshot(t *testing.T) {
	tests := []struct {
		name, xml string
		files     []platform.File
		odd       int
	}{
		{"attributes", `<File Path="sub\a.gho" Size="3" Modified="2026-11-22T12:00:00Z"/>`, []platform.File{file("sub/a.gho", 3, noon)}, 0},
		{"children", `<Files><f><n>a.gho</n><s>3</s><t>2026-11-22 12:00:00</t></f></Files>`, []platform.File{file("a.gho", 3, noon)}, 0},
		{"both", `<f n="a.gho"><s> 3 </s></f>`, []platform.File{file("a.gho", 3, none)}, 0},
		{"a namespace", `<s:f xmlns:s="urn:x" s:n="a.gho" s:z="3"/>`, []platform.File{file("a.gho", 3, none)}, 0},
		{"FILETIME", `<f n="a.gho" s="3" t="134398224000000000"/>`, []platform.File{file("a.gho", 3, noon)}, 0},
		{"epoch, by its name", `<f n="a.gho" s="1700000000" mtime="1795348800"/>`, []platform.File{file("a.gho", 1700000000, noon)}, 0},
		{"two numbers, one called size", `<f n="a.gho" x="32" FileSize="3"/>`, []platform.File{file("a.gho", 3, none)}, 0},
		{"two numbers", `<f n="a.gho" x="32" y="3"/>`, nil, 1},
		{"a number that is no size", `<f n="a.gho" version="3"/>`, nil, 1},
		{"a hash is no path", `<f n="a.gho" s="3" h="5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03" ok="true"/>`, []platform.File{file("a.gho", 3, none)}, 0},
		{"a name and its path", `<f Name="a.gho" Path="sub/a.gho" s="3"/>`, []platform.File{file("sub/a.gho", 3, none)}, 0},
		{"a name and a folder", `<f Name="a.gho" Folder="sub" s="3"/>`, nil, 1},
		{"a called path among texts", `<f Name="a" kind="Archive" s="3"/>`, []platform.File{file("a", 3, none)}, 0},
		{"a shaped path among texts", `<f x="a.gho" kind="Archive" s="3"/>`, []platform.File{file("a.gho", 3, none)}, 0},
		{"two texts", `<f x="a" y="b" s="3"/>`, nil, 1},
		{"a file called 1", `<f Name="1" Size="3"/>`, []platform.File{file("1", 3, none)}, 0},
		{"created and modified", `<f n="a" s="3" created="2020-01-01" modified="2026-11-22T12:00:00+00:00"/>`, []platform.File{file("a", 3, noon)}, 0},
		{"a folder", `<f n="sub\" s="0"/>`, nil, 0},
		{"a folder without a size", `<f n="sub/"/>`, nil, 0},
		{"NFD", "<f n=\"Cafe\u0301\" s=\"3\"/>", []platform.File{file("Caf\u00e9", 3, none)}, 0},
		{"entities", `<f n="a&amp;b&#x2E;gho" s="3"/>`, []platform.File{file("a&b.gho", 3, none)}, 0},
		{"cleaned", `<f n=".\sub\\a.gho" s="3"/>`, []platform.File{file("sub/a.gho", 3, none)}, 0},
		{"absolute", `<f n="\a.gho" s="3"/><f n="C:\a.gho" s="3"/><f n="\\ps\s\a.gho" s="3"/>`, nil, 3},
		{"upwards", `<f n="sub\..\..\a.gho" s="3"/>`, nil, 1},
		{"negative", `<f n="a.gho" s="-3"/>`, nil, 1},
		{"too large", `<f n="a.gho" s="9223372036854775808"/><f n="b.gho" s="1125899906842625"/>`, nil, 2},
		{"no size", `<f n="a.gho"/>`, nil, 1},
		{"twice", `<f n="a.gho" s="3"/><f n="a.gho" s="3"/>`, []platform.File{file("a.gho", 3, none)}, 1},
		{"text between", `<x>words</x><y z="1">words</y><f n="a.gho" s="3"/>`, []platform.File{file("a.gho", 3, none)}, 1},
		{"a list with an attribute", `<Files Count="1"><f n="a.gho" s="3"/></Files>`, []platform.File{file("a.gho", 3, none)}, 1},
		{"no time that is known", `<f n="a.gho" s="3" t="22/11/2026"/>`, nil, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// A file that is always understood, so that the others may not be.
			got, err := ReadSnapshot(strings.NewReader(`<s id="{` + guidText + `}" version="7">` + tt.xml + `<f n="zz" s="1"/></s>`))
			if err != nil {
				t.Fatal(err)
			}
			want := &Snapshot{Package: packageGUID(t), Version: 7, Files: append(tt.files, file("zz", 1, none)), NotUnderstood: tt.odd}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func TestSnapshotRoot(t *testing.T) {
	g := packageGUID(t)
	tests := []struct {
		name, xml string
		want      Snapshot
	}{
		{"both", `<s PackageId="` + guidText + `" Version="7"/>`, Snapshot{Package: g, Version: 7}},
		{"children", `<s><p>{` + guidText + `}</p><v>7</v></s>`, Snapshot{Package: g, Version: 7}},
		{"counts are no version", `<s v="7" FileCount="0" Size="0"/>`, Snapshot{Version: 7}},
		{"several versions, one of the package", `<s Version="3" PackageVersion="7"/>`, Snapshot{Version: 7}},
		{"several, and none stands out", `<s a="3" b="7" c="` + guidText + `"/>`, Snapshot{Package: g}},
		{"several GUIDs", `<s Version="7" Source="{` + strings.ToUpper(guidText[:8]) + guidText[8:35] + `2}" Guid="{` + guidText + `}"/>`, Snapshot{Package: g, Version: 7}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadSnapshot(strings.NewReader(tt.xml))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(&tt.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// wide writes a text as UTF-16.
func wide(text string, little, mark bool) string {
	if mark {
		text = "\ufeff" + text
	}
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		if little {
			b.Write([]byte{byte(u), byte(u >> 8)})
		} else {
			b.Write([]byte{byte(u >> 8), byte(u)})
		}
	}
	return b.String()
}

func TestEncodings(t *testing.T) {
	body := `<s v="7"><f n="é.gho" s="3"/></s>`
	head := func(encoding string) string { return `<?xml version="1.0" encoding="` + encoding + `"?>` + "\r\n" }
	for name, text := range map[string]string{
		"UTF-8":                 head("UTF-8") + body,
		"UTF-8 with a mark":     "\ufeff" + head("utf-8") + body,
		"UTF-8 called UTF-16":   head("utf-16") + body,
		"marked, called Latin":  "\ufeff" + head("iso-8859-1") + body,
		"UTF-16 LE":             wide(head("utf-16")+body, true, true),
		"UTF-16 BE":             wide(head("utf-16")+body, false, true),
		"UTF-16 LE, no mark":    wide(head("utf-16")+body, true, false),
		"UTF-16 BE, no mark":    wide(head("utf-16")+body, false, false),
		"UTF-16, no header":     wide(body, true, true),
		"UTF-16, called Latin":  wide(head("windows-1252")+body, true, true),
		"Windows 1252":          strings.ReplaceAll(head("Windows-1252")+body, "é", "\xe9"),
		"a comment and a space": head("utf-8") + "<!-- made -->\n" + body + "\n",
	} {
		got, err := ReadSnapshot(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := &Snapshot{Version: 7, Files: []platform.File{file("é.gho", 3, none)}}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: -want +got:\n%s", name, d)
		}
	}
}

func TestRefused(t *testing.T) {
	many := func(n int, s string) string { return strings.Repeat(s, n) }
	tests := []struct{ name, xml, want string }{
		{"nothing", "", "it holds no XML element"},
		{"no XML", "hello", "it holds no XML element"},
		{"something else", "<html></html>", "it lists no files and names no package"},
		{"something else, longer", `<html><a href="x"/><b>text<i/></b></html>`, "none of its 2 elements was understood as a file"},
		{"two sizes", "<s>\n<f n='a' s='3'/>\n<f n='a' s='4'/></s>", "line 3: a is listed with 3 bytes and with 4"},
		{"two sizes, two spellings", "<s><f n='.\\x\\a' s='3'/><f n='x/a' s='4'/></s>", "x/a is listed with 3 bytes and with 4"},
		{"cut off", "<s>\n<f n='a' s='3'/>", "line 2: broken XML: unexpected EOF"},
		{"cut in a tag", "<s><f n='a", "broken XML: unexpected EOF"},
		{"two roots", "<s v='1'/><s v='2'/>", "a second root element"},
		{"DTD", `<!DOCTYPE s [<!ENTITY a "x">]><s>&a;</s>`, "document type definition"},
		{"an unknown entity", `<s>&a;</s>`, "invalid character entity &a;"},
		{"an unknown encoding", `<?xml version="1.0" encoding="ebcdic"?><s/>`, `its encoding "ebcdic" is not known`},
		{"not UTF-8", "<s v='\xff'/>", "invalid UTF-8"},
		{"too deep", many(70, "<a>"), "nested more than 64 deep"},
		{"a huge tag", "<s " + many(300_000, "a='' ") + "/>", "one element is larger than 1 MiB"},
		{"a huge text", "<s>" + many(2<<20, "a") + "</s>", "one element is larger than 1 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadSnapshot(strings.NewReader(tt.xml))
			var own *Error
			if !errors.As(err, &own) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// endless gives the same text for ever.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(b []byte) (int, error) {
	n := copy(b, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

// numbered gives files with numbers for ever.
type numbered struct {
	n    int
	rest string
}

func (e *numbered) Read(b []byte) (int, error) {
	if e.rest == "" {
		if e.n++; e.n == 1 {
			e.rest = "<s>"
		}
		e.rest += fmt.Sprintf("<f n='%d.gho' s='1'/>", e.n)
	}
	n := copy(b, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func TestEndless(t *testing.T) {
	for name, tt := range map[string]struct {
		in   interface{ Read([]byte) (int, error) }
		want string
	}{
		"elements": {&endless{text: "<a/></a><a>"}, "broken XML"},
		"files":    {&numbered{}, "lists more than 200000 files"},
		"spaces":   {&endless{text: " "}, "one element is larger"},
	} {
		if _, err := ReadSnapshot(tt.in); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

// TestWholeSize: comments and spaces are no elements, and end too.
func TestWholeSize(t *testing.T) {
	src, err := newSource(strings.NewReader("<s/>"))
	if err != nil {
		t.Fatal(err)
	}
	src.total = maxBytes
	if _, err := src.ReadByte(); !errors.Is(err, errTooLarge) {
		t.Error(err)
	}
}
