package agentfile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadStatus(t *testing.T) {
	deleted := Status{Word: "Deleted", Deleted: true, Time: noon}
	local := deleted
	local.NoZone = true
	tests := []struct {
		name, xml string
		want      Status
	}{
		{"attributes", `<PackageStatus Status="Deleted" Time="2026-11-22T12:00:00Z"/>`, deleted},
		{"no zone", `<PackageStatus Status="Deleted" Time="2026-11-22 12:00:00"/>`, local},
		{"a zone", `<PackageStatus Status="Deleted" Time="2026-11-22T14:00:00.0000000+02:00"/>`, deleted},
		{"elements", `<PackageStatus><Status>Deleted</Status><Time>2026-11-22T12:00:00Z</Time></PackageStatus>`, deleted},
		{"both", `<PackageStatus Status="Deleted"><Time>134398224000000000</Time></PackageStatus>`, deleted},
		{"deeper", `<a><b status="deleted" time="1795348800"/></a>`, Status{Word: "deleted", Deleted: true, Time: noon}},
		{"the root alone", `<Status>Deleted</Status>`, Status{Word: "Deleted", Deleted: true}},
		{"another word", `<PackageStatus Status="Ready" Time="2026-11-22T12:00:00Z"/>`, Status{Word: "Ready", Time: noon}},
		{"no time that is known", `<PackageStatus Status="Deleted" Time="yesterday"/>`, Status{Word: "Deleted", Deleted: true, NotUnderstood: 1}},
		{"neither", `<PackageStatus State="1"><a b="c"/></PackageStatus>`, Status{NotUnderstood: 2}},
		{"the same twice", `<a Status="Deleted" Time="2026-11-22T12:00:00Z"><b Status="DELETED"/></a>`, deleted},
		{"UTF-16", wide(`<?xml version="1.0" encoding="utf-16"?><PackageStatus Status="Deleted" Time="2026-11-22T12:00:00Z"/>`, true, true), deleted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadStatus(strings.NewReader(tt.xml))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(&tt.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
	for _, tt := range []struct{ name, xml, want string }{
		{"two statuses", `<a Status="Deleted"><b Status="Ready"/></a>`, `two statuses, "Ready" and "Deleted"`},
		{"two times", `<a Status="Deleted" Time="2026-11-22T12:00:00Z"><b Time="2026-11-23T12:00:00Z"/></a>`, "two different times"},
		{"empty", ``, "no XML element"},
		{"DTD", `<!DOCTYPE a><a/>`, "document type definition"},
	} {
		if _, err := ReadStatus(strings.NewReader(tt.xml)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}
