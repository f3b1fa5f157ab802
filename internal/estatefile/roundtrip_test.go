package estatefile

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pslan/internal/diag"
	"pslan/internal/estate"
)

// written is what Write makes of an estate.
func written(t interface{ Fatal(...any) }, e *estate.Estate) []byte {
	var b bytes.Buffer
	if err := Write(&b, e); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// noErrors fails the test where anything is an error; warnings may be.
func noErrors(t interface{ Fatalf(string, ...any) }, diags diag.Diagnostics, text []byte) {
	if diags.HasErrors() {
		t.Fatalf("%v\nin\n%s", diags.Error(), text)
	}
}

func TestReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := genEstate.Draw(t, "estate")
		text := written(t, e)
		got, diags := Read(bytes.NewReader(text), "estate.json")
		noErrors(t, diags, text)
		if d := cmp.Diff(e, got); d != "" {
			t.Fatalf("read back (-written +read):\n%s\nfrom\n%s", d, text)
		}
	})
}

// TestWritesInOneOrder shuffles an estate; the bytes stay.
func TestWritesInOneOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := genEstate.Draw(t, "estate")
		want := written(t, e)
		mixed := shuffled(e, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))
		if got := written(t, mixed); !bytes.Equal(got, want) {
			t.Fatalf("-sorted +shuffled:\n%s", cmp.Diff(string(want), string(got)))
		}
	})
}

// shuffled is the same estate with every list in another order.
func shuffled(e *estate.Estate, r *rand.Rand) *estate.Estate {
	m := *e
	m.Sites, m.Preboots, m.Images, m.Servers = mixed(e.Sites, r), mixed(e.Preboots, r), mixed(e.Images, r), nil
	place := r.Perm(len(e.Servers)) // old number -> new number
	m.Servers = make([]estate.PackageServer, len(place))
	for old, now := range place {
		m.Servers[now] = e.Servers[old]
		m.Servers[now].Sites = mixed(e.Servers[old].Sites, r)
	}
	move := func(id estate.ServerID) estate.ServerID {
		if id.IsServer() {
			return estate.ServerID(place[id])
		}
		return id
	}
	for i := range m.Images {
		img := &m.Images[i]
		img.Owner = move(img.Owner)
		img.Assignment.Sites = mixed(img.Assignment.Sites, r)
		img.Assignment.Servers = mixed(img.Assignment.Servers, r)
		for k, id := range img.Assignment.Servers {
			img.Assignment.Servers[k] = move(id)
		}
		img.Copies = mixed(img.Copies, r)
		for k := range img.Copies {
			img.Copies[k].Server = move(img.Copies[k].Server)
		}
	}
	return &m
}

func mixed[T any](list []T, r *rand.Rand) []T {
	list = slices.Clone(list)
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// TestOrderOfTheFile reads a file whose images stand before the servers that they
// name, in no order at all.
func TestOrderOfTheFile(t *testing.T) {
	const text = "\uFEFF{\r\n" + `"images": [
		{"guid": "{22222222-2222-2222-2222-22222222222A}", "name": "b", "owner": "ps2", "assignment": {"servers": ["PS2", "PS1", "ps2"], "mode": "servers"},
		 "copies": [{"server": "PS2", "evidence": {"files": 2, "bytes": 10}}, {"server": "smp"}, {"server": "PS1"}]},
		{"name": "A", "guid": "11111111-1111-1111-1111-111111111111", "owner": "smp", "assignment": {"mode": "automatic", "sites": ["south", "HQ"]}}
	], "later": [{"x": [1, 2.5e3, null, "\ud83d\ude00"]}],
	"package_servers": [{"name": "PS2", "sites": ["South", "hq"], "free_bytes": 0}, {"name": "PS1"}],
	"sites": [{"name": "South"}, {"name": "HQ"}], "format_version": "1.7"}`
	got, diags := Read(bytes.NewReader([]byte(text)), "estate.json")
	noErrors(t, diags, nil)
	want := &estate.Estate{
		Sites: []string{"HQ", "South"},
		Servers: []estate.PackageServer{
			{Name: "PS1", FreeBytes: estate.Unknown, TotalBytes: estate.Unknown},
			{Name: "PS2", Sites: []string{"HQ", "South"}, FreeBytes: 0, TotalBytes: estate.Unknown},
		},
		Images: []estate.Image{
			{Name: "A", GUID: guid("11111111-1111-1111-1111-111111111111"), Owner: estate.SMP,
				Assignment: estate.Assignment{Mode: estate.AssignAutomatic, Sites: []string{"HQ", "South"}}},
			{Name: "b", GUID: guid("22222222-2222-2222-2222-22222222222a"), Owner: 1, Assignment: estate.ServersOf(0, 1),
				Copies: []estate.Copy{{Server: estate.SMP}, {Server: 0}, {Server: 1, Evidence: estate.Evidence{Sight: estate.Seen, Folder: true, Files: 2, Bytes: 10}}}},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func guid(s string) estate.GUID {
	g, err := estate.ParseGUID(s)
	if err != nil {
		panic(err)
	}
	return g
}
