package smp

import (
	"errors"
	"strings"
	"testing"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// TestStrangersAreKept: members that no rows tell of are sent back as they were read, each
// once, and where the platform refuses, the hint names them.
func TestStrangersAreKept(t *testing.T) {
	known, gone := estate.GUID{1}, estate.GUID{2}
	want := target{mode: estate.AssignServers, members: []estate.GUID{known}}
	kept := want.keepStrangers(&assignment{mode: estate.AssignServers, members: []estate.GUID{gone, known, gone}}, &directory{})
	if len(kept) != 1 || kept[0] != gone || len(want.members) != 2 {
		t.Fatalf("kept %v, members %v", kept, want.members)
	}
	for _, c := range []struct {
		name  string
		err   error
		kept  []estate.GUID
		named bool
	}{
		{"not found", &platform.Error{Kind: platform.KindNotFound, Hint: "as it was"}, kept, true},
		{"refused", &platform.Error{Kind: platform.KindRefused, Hint: "as it was"}, kept, true},
		{"without strangers", &platform.Error{Kind: platform.KindRefused, Hint: "as it was"}, nil, false},
		{"no answer", &platform.Error{Kind: platform.KindUnreachable, Hint: "as it was"}, kept, false},
		{"no rights", &platform.Error{Kind: platform.KindDenied, Hint: "as it was"}, kept, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e *platform.Error
			if !errors.As(aboutStrangers(c.err, c.kept), &e) {
				t.Fatal("no error of the platform")
			}
			if named := strings.Contains(e.Hint, gone.String()); named != c.named || !strings.HasPrefix(e.Hint, "as it was") {
				t.Errorf("hint %q", e.Hint)
			}
		})
	}
	if err := aboutStrangers(nil, kept); err != nil {
		t.Errorf("an error from none: %v", err)
	}
}
