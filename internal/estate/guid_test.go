package estate_test

import (
	"testing"

	"pgregory.net/rapid"

	"pslan/internal/estate"
)

func TestGUIDText(t *testing.T) {
	const text = "6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f001"
	for _, spelling := range []string{text, "{6D3F0C1E-52A1-4A35-9D6C-0D5BE1A0F001}"} {
		g, err := estate.ParseGUID(spelling)
		if err != nil || g.String() != text {
			t.Errorf("%s reads as %q, %v", spelling, g.String(), err)
		}
	}
}

func TestGUIDComesBackFromItsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := estate.GUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "guid"))
		if back, err := estate.ParseGUID(g.String()); err != nil || back != g {
			t.Fatalf("%s comes back as %s, %v", g, back, err)
		}
	})
}
