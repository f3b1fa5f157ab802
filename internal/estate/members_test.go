package estate

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func threeServers() *Estate {
	return &Estate{Sites: []string{"Branch", "HQ"}, Servers: []PackageServer{
		{Name: "PS008", Host: "ps008.contoso.com", Sites: []string{"HQ"}},
		{Name: "PS009", Host: "ps009.contoso.com", Sites: []string{"Branch", "HQ"}},
		{Name: "PS010", Host: "PS010.other.com"},
	}}
}

func TestMembers(t *testing.T) {
	e := threeServers()
	ix := NewIndex(e)
	for _, c := range []struct {
		name  string
		a     Assignment
		ids   []ServerID
		known bool
	}{
		{"all", Assignment{Mode: AssignAll}, []ServerID{0, 1, 2}, true},
		{"servers", ServersOf(2, 0, 2), []ServerID{0, 2}, true},
		{"a site, without case", SitesOf("hq"), []ServerID{0, 1}, true},
		{"two sites", SitesOf("HQ", "Branch"), []ServerID{0, 1}, true},
		{"automatic: at least these", Assignment{Mode: AssignAutomatic, Sites: []string{"Branch"}}, []ServerID{1}, false},
		{"not told", Assignment{}, nil, false},
	} {
		ids, known := e.Members(&c.a)
		if !slices.Equal(ids, c.ids) || known != c.known {
			t.Errorf("%s: %v, %v; want %v, %v", c.name, ids, known, c.ids, c.known)
		}
		if fast, known := ix.Members(&c.a); !slices.Equal(fast, c.ids) || known != c.known {
			t.Errorf("%s, looked up: %v, %v; want %v, %v", c.name, fast, known, c.ids, c.known)
		}
		for id := range ServerID(3) {
			if got := e.Covers(&c.a, id); got != slices.Contains(c.ids, id) {
				t.Errorf("%s: Covers(%d) = %v", c.name, id, got)
			}
		}
	}
}

// TestAddCovers: whatever was covered stays covered, and the server is.
func TestAddCovers(t *testing.T) {
	e := threeServers()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom([]Assignment{{Mode: AssignAll}, ServersOf(0), ServersOf(1, 2), SitesOf("HQ"), SitesOf("Branch"), {Mode: AssignServers}}).Draw(t, "assignment")
		id := ServerID(rapid.IntRange(0, 2).Draw(t, "server"))
		wide := e.Add(&a, id)
		if !e.Covers(&wide, id) {
			t.Fatalf("%+v does not cover %d", wide, id)
		}
		before, _ := e.Members(&a)
		for _, had := range before {
			if !e.Covers(&wide, had) {
				t.Fatalf("%+v lost %d", wide, had)
			}
		}
	})
}

func TestHostMatches(t *testing.T) {
	ix := NewIndex(threeServers())
	for host, want := range map[string][]ServerID{
		"ps008": {0}, "PS008.CONTOSO.COM": {0}, "ps010": {2}, "ps010.contoso.com": nil, "": nil, "contoso": nil,
	} {
		if got := ix.HostMatches(host); !slices.Equal(got, want) {
			t.Errorf("HostMatches(%q) = %v, want %v", host, got, want)
		}
	}
	two := threeServers()
	two.Servers[2].Host = "ps008.other.com"
	if got := NewIndex(two).HostMatches("ps008"); len(got) != 2 {
		t.Errorf("a first label of two hosts matches %v, want both", got)
	}
}

func TestAddresses(t *testing.T) {
	k := `a"b`
	for _, c := range []struct{ got, want Address }{
		{BlockAddress("image", "win11", nil), "image.win11"},
		{BlockAddress("image", "golden", &k), `image.golden["a\"b"]`},
		{Address("images.branch").Member("X"), `images.branch["X"]`},
		{Address("image.win11").Copy("PS010"), `copy.win11["PS010"]`},
		{Address(`images.branch["X"]`).Copy("PS010"), `copy.branch["X"]["PS010"]`},
		{UndeclaredImage("X").Copy("PS010"), `copy["X"]["PS010"]`},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestFold(t *testing.T) {
	for _, c := range [][2]string{{"PS008", "ps008"}, {"ps008", "ps008"}, {"STRASSE-Ä", "strasse-ä"}, {"", ""}} {
		if got := Fold(c[0]); got != c[1] {
			t.Errorf("Fold(%q) = %q, want %q", c[0], got, c[1])
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if Fold(Fold(s)) != Fold(s) {
			t.Fatalf("Fold is not stable on %q", s)
		}
	})
}
