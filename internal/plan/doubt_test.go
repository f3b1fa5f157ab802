package plan_test

import (
	"testing"

	"pslan/internal/estate"
	"pslan/internal/plan"
)

// TestDoubtHoldsBack: a server may not go while an image whose owner is in doubt may be
// its own.
func TestDoubtHoldsBack(t *testing.T) {
	for _, c := range []struct {
		name     string
		location string
		packaged bool
		copies   []estate.Copy
		safe     bool
	}{
		{"nothing tells where it lies", "", true, nil, false},
		{"its location names the server", `\\ps1\share\x`, true, nil, false},
		{"its location names another one", `\\ps2\share\x`, true, nil, true},
		{"another one, and a copy is here", `\\ps2\share\x`, true, []estate.Copy{{Server: 0}}, false},
		{"its location names nobody that is listed", `\\gone\share\x`, true, nil, false},
		{"a legacy image lies where its location says", `\\gone\share\x`, false, nil, true},
	} {
		img := estate.Image{Name: "W", GUID: estate.GUID{1}, Owner: estate.NoServer, Location: c.location, Copies: c.copies}
		if c.packaged {
			img.Package = estate.GUID{2}
		}
		e := &estate.Estate{Servers: []estate.PackageServer{{Name: "PS1", Host: "ps1"}, {Name: "PS2", Host: "ps2"}}, Images: []estate.Image{img}}
		points := plan.Drained(estate.NewIndex(e), 0, plan.DrainOptions{})
		if points[0].OK != c.safe {
			t.Errorf("%s: %+v", c.name, points[0])
		}
	}
}
