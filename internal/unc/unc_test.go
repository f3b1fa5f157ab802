package unc

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Path
		err  string // a part of it
	}{
		{`\\PS010\PkgSvrHost$`, Path{"PS010", "PkgSvrHost$", ""}, ""},
		{`//ps010.contoso.com/C$/Program Files/Altiris/Package Delivery`, Path{"ps010.contoso.com", "C$", "Program Files/Altiris/Package Delivery"}, ""},
		{`\\10.0.0.8/share\a/b\`, Path{"10.0.0.8", "share", "a/b"}, ""},
		{`//h/s/`, Path{"h", "s", ""}, ""},
		{``, Path{}, "it is empty"},
		{`/mnt/ps010`, Path{}, "does not begin with two slashes"},
		{`smb://ps010/share`, Path{}, "write it without smb:, as //ps010/share"},
		{`D:\Package Delivery`, Path{}, "a folder on a drive"},
		{`\\?\UNC\ps010\share`, Path{}, "device path"},
		{`///share`, Path{}, "it names no host"},
		{`\\ps010`, Path{}, "it names no share on ps010"},
		{`\\ps010:4450\share`, Path{}, "a port does not stand in it"},
		{`\\ps 010\share`, Path{}, `the host "ps 010" holds the character " "`},
		{`\\ps010\share\..\other`, Path{}, `".." is no name`},
		{`\\ps010\share\a//b`, Path{}, "has no name"},
		{`\\ps010\share\a*`, Path{}, "which no name on Windows can hold"},
		{"\\\\ps010\\sh\nare", Path{}, "which no name on Windows can hold"},
		{`\\h\` + strings.Repeat("a", maxLength), Path{}, "longer than"},
	} {
		got, err := Parse(tt.text)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%q: error %v, want one with %q", tt.text, err, tt.err)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("%q: %+v, %v; want %+v", tt.text, got, err, tt.want)
		}
	}
}

// TestRoundTrip: what is written is read as the same.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[A-Za-z0-9é_$][A-Za-z0-9é ._-]{0,6}[a-z]`)
		p := Path{
			Host:  rapid.StringMatching(`[a-z0-9]{1,5}(\.[a-z]{1,4})?`).Draw(t, "host"),
			Share: name.Draw(t, "share"),
			Dir:   strings.Join(rapid.SliceOfN(name, 0, 4).Draw(t, "dir"), "/"),
		}
		for _, text := range []string{p.String(), strings.ReplaceAll(p.String(), `\`, "/")} {
			if got, err := Parse(text); err != nil || got != p {
				t.Fatalf("%q: %+v, %v", text, got, err)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{`\\h\s\d`, "//h/s", "smb://", `\\?\`, "C:", `\\h\s\..`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(p.String())
		if err != nil || again != p {
			t.Errorf("%q is %+v, and written and read again %+v, %v", text, p, again, err)
		}
	})
}
