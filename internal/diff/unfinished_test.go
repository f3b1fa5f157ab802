package diff_test

import (
	"testing"

	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/estate"
)

// A move through a middle server is finished while a journal remembers it, the
// image is still there, and nobody decided otherwise.
func TestUnfinishedMoves(t *testing.T) {
	const ps008, ps009, ps010 = estate.ServerID(0), estate.ServerID(1), estate.ServerID(2)
	retired := func(host string, to ...string) declared.PackageServer {
		b := declared.PackageServer{Address: estate.Address("package_server." + host), Host: host, Lifecycle: declared.Retired}
		for _, name := range to {
			b.Successors = append(b.Successors, declared.ServerRef{Host: name})
		}
		return b
	}
	move := declared.UnfinishedMove{Image: estate.GUID{1}, Middle: "PS009", To: "ps010"}
	for _, c := range []struct {
		name    string
		owner   estate.ServerID
		move    declared.UnfinishedMove
		servers []declared.PackageServer
		images  []declared.Image
		want    estate.ServerID // NoServer: it rests
	}{
		{"finished", ps009, move, []declared.PackageServer{retired("PS008", "PS010")}, nil, ps010},
		{"finished although the old owner is gone", ps009, move, []declared.PackageServer{retired("PS007", "PS010")}, nil, ps010},
		{"the owner is another one by now", ps008, move, []declared.PackageServer{{Address: "package_server.a", Host: "PS008"}, retired("PS007", "PS010")}, nil, estate.NoServer},
		{"nobody hands over to it any more", ps009, move, []declared.PackageServer{retired("PS008", "PS009")}, nil, estate.NoServer},
		{"it is to leave itself", ps009, move, []declared.PackageServer{retired("PS008", "PS010"), retired("PS010", "PS009")}, nil, estate.NoServer},
		{"it is gone", ps009, declared.UnfinishedMove{Image: estate.GUID{1}, Middle: "PS009", To: "PS077"},
			[]declared.PackageServer{retired("PS008", "PS010")}, nil, estate.NoServer},
		{"the image is gone", ps009, declared.UnfinishedMove{Image: estate.GUID{9}, Middle: "PS009", To: "PS010"},
			[]declared.PackageServer{retired("PS008", "PS010")}, nil, estate.NoServer},
		{"a block keeps it", ps009, move, []declared.PackageServer{retired("PS008", "PS010")},
			[]declared.Image{{Address: "image.w", Name: "W", Attrs: declared.Attrs{Owner: &declared.ServerRef{Host: "PS009"}}}}, ps009},
		{"a block says nothing of its owner", ps009, move, []declared.PackageServer{retired("PS008", "PS010")},
			[]declared.Image{{Address: "image.w", Name: "W"}}, ps010},
	} {
		e := &estate.Estate{
			Servers: []estate.PackageServer{{Name: "PS008", Host: "PS008"}, {Name: "PS009", Host: "PS009"}, {Name: "PS010", Host: "PS010"}},
			Images: []estate.Image{{Name: "W", GUID: estate.GUID{1}, Package: estate.GUID{2}, Owner: c.owner,
				Assignment: estate.Assignment{Mode: estate.AssignAll}}},
		}
		d := &declared.Declared{Policy: declared.DefaultPolicy(), Servers: c.servers, Images: c.images, Unfinished: []declared.UnfinishedMove{c.move}}
		r, ds := diff.Resolve(d, estate.NewIndex(e))
		got := estate.NoServer
		if of := r.Of(0); of != nil {
			got = of.Owner
		}
		if got != c.want || ds.HasErrors() && c.name != "it is to leave itself" {
			t.Errorf("%s: owner %d, want %d; %v", c.name, got, c.want, ds)
		}
	}
}
