package agentfile

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"pslan/internal/platform"
)

// FuzzReadSnapshot reads anything at all. Whatever it makes of it, paths stay below
// the package's folder and no file stands twice.
func FuzzReadSnapshot(f *testing.F) {
	body := `<s id="{` + guidText + `}" v="7"><f n="sub\a.gho" s="3" t="2026-11-22T12:00:00Z"/><f><n>b</n><s>4</s></f><x y="z"/></s>`
	f.Add([]byte(body))
	f.Add([]byte(`<?xml version="1.0" encoding="windows-1252"?>` + body))
	f.Add([]byte(wide(body, true, true)))
	f.Add([]byte(wide(body, false, false)))
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := ReadSnapshot(bytes.NewReader(in))
		if err != nil {
			if s != nil || err.Error() == "" {
				t.Fatalf("%+v, %v", s, err)
			}
			return
		}
		sorted := func(a, b platform.File) int { return strings.Compare(a.Path, b.Path) }
		if !slices.IsSortedFunc(s.Files, sorted) || s.Version < 0 || s.NotUnderstood < 0 {
			t.Fatalf("%+v", s)
		}
		for i, file := range s.Files {
			p := file.Path
			bad := p == "" || p[0] == '/' || !norm.NFC.IsNormalString(p) || !utf8.ValidString(p) || strings.ContainsAny(p, "\\:\x00\n")
			for part := range strings.SplitSeq(p, "/") {
				bad = bad || part == "" || part == ".." || part == "."
			}
			if bad || file.Bytes < 0 || !file.SHA256.IsZero() || i > 0 && s.Files[i-1].Path == p {
				t.Fatalf("%+v", file)
			}
		}
	})
}

// FuzzReadStatus reads anything at all.
func FuzzReadStatus(f *testing.F) {
	f.Add([]byte(`<PackageStatus Status="Deleted" Time="2026-11-22T12:00:00Z"/>`))
	f.Add([]byte(`<a><Status>Deleted</Status><Time>134398224000000000</Time><x y=""/></a>`))
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := ReadStatus(bytes.NewReader(in))
		if (s == nil) == (err == nil) {
			t.Fatalf("%+v, %v", s, err)
		}
		if s != nil && (s.Deleted != strings.EqualFold(s.Word, "Deleted") || s.NoZone && s.Time.IsZero()) {
			t.Fatalf("%+v", s)
		}
	})
}
