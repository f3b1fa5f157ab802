package world

import (
	"crypto/sha256"
	"testing"
	"time"

	"pslan/internal/estate"
)

// lived makes a small world in which everything has happened that is saved.
func lived(t testing.TB) *World {
	t.Helper()
	now := estate.TimeOf(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	e := &estate.Estate{TakenAt: now, SMP: estate.Server{Name: "smp01"}}
	e.Servers = []estate.PackageServer{
		{Name: "PS008", Host: "ps008.example.com", State: estate.Online, FreeBytes: 1 << 40, TotalBytes: 1 << 41},
		{Name: "PS010", Host: "ps010.example.com", State: estate.Online, FreeBytes: estate.Unknown, TotalBytes: estate.Unknown},
	}
	for n, name := range []string{"A", "B"} {
		digest := estate.Digest(sha256.Sum256([]byte(name)))
		e.Images = append(e.Images, estate.Image{
			Name: name, GUID: estate.GUID{byte(n + 1)}, Package: estate.GUID{byte(n + 11)}, Assignment: estate.Assignment{Mode: estate.AssignAll},
			Version: 7, Content: &estate.Content{Files: 2, Bytes: 5 << 30, Digest: digest, Listing: digest, Version: 7},
		})
	}
	e.Preboots = []estate.Preboot{{Name: "WinPE", GUID: estate.GUID{9}, ConnectsTo: "smp01"}}
	w, err := New(e, 42, DefaultRules())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Command{
		{Verb: Assign, Image: 1, Server: -1, Preboot: -1, Assignment: &Assignment{Mode: estate.AssignServers, Servers: []int32{0}}},
		{Verb: UpdateMembers, Server: -1, Image: -1, Preboot: -1},
		{Verb: Refresh, Server: 1, Image: -1, Preboot: -1},
		{Verb: LoseNext, Server: -1, Image: -1, Preboot: -1, Text: string(Take)},
		{Verb: ServerOff, Server: 0, Image: -1, Preboot: -1, In: time.Hour},
		{Verb: Run, Server: -1, Image: -1, Preboot: -1, To: now + estate.Time(4*time.Minute)},
		{Verb: Rebuild, Server: -1, Image: -1, Preboot: 0},
	} {
		if err := w.Do(c); err != nil {
			t.Fatalf("%s: %v", c.Verb, err)
		}
	}
	if len(w.Jobs) == 0 || len(w.Queue) < 4 {
		t.Fatalf("nothing is under way: %d downloads, %d events", len(w.Jobs), len(w.Queue))
	}
	return w
}

// TestSaved: a world that was saved and read again goes on as if nothing had been.
func TestSaved(t *testing.T) {
	w := lived(t)
	text, err := w.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.Encode()
	if err != nil || string(second) != string(text) {
		t.Fatalf("%v, saved twice:\n%s\n%s", err, text, second)
	}
	end := Command{Verb: Run, Server: -1, Image: -1, Preboot: -1, To: w.Now + estate.Time(9*24*time.Hour)}
	for _, x := range []*World{w, again} {
		if err := x.Do(end); err != nil {
			t.Fatal(err)
		}
	}
	if w.History != again.History {
		t.Errorf("two histories: %x and %x", w.History, again.History)
	}
}

// FuzzDecode: what was changed by hand is refused, or lives on without harm.
func FuzzDecode(f *testing.F) {
	text, err := lived(f).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"Rules":{"Bandwidth":1,"RefreshEvery":1},"Images":[{"Kind":"image","Format":"managed","Owner":3}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		w, err := Decode(text)
		if err != nil {
			return
		}
		_ = w.Do(Command{Verb: Run, Server: -1, Image: -1, Preboot: -1, To: w.Now + estate.Time(time.Hour)})
		w.Changes()
		w.Estate(nil)
		w.Sync()
		if _, err := w.Encode(); err != nil {
			t.Error(err)
		}
	})
}

// TestOrderOfRequests: requests of one moment may arrive in any order.
func TestOrderOfRequests(t *testing.T) {
	requests := []Command{
		{Verb: Refresh, Server: 0, Image: -1, Preboot: -1},
		{Verb: Assign, Image: 0, Server: -1, Preboot: -1, Assignment: &Assignment{Mode: estate.AssignServers, Servers: []int32{0}}},
		{Verb: UpdateMembers, Server: -1, Image: -1, Preboot: -1},
		{Verb: Take, Server: 1, Image: 0, Preboot: -1},
		{Verb: Rebuild, Server: -1, Image: -1, Preboot: 0},
	}
	play := func(order []int) string {
		w := lived(t)
		for _, n := range order {
			if err := w.Do(requests[n]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Do(Command{Verb: Run, Server: -1, Image: -1, Preboot: -1, To: w.Now + estate.Time(24*time.Hour)}); err != nil {
			t.Fatal(err)
		}
		w.History, w.Lately, w.Faults.Seq = 0, nil, 0 // they tell the order in which requests came
		for i := range w.Queue {
			w.Queue[i].Seq = 0
		}
		text, err := w.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	want := play([]int{0, 1, 2, 3, 4})
	for _, order := range [][]int{{4, 3, 2, 1, 0}, {2, 0, 4, 1, 3}, {3, 1, 0, 2, 4}} {
		if got := play(order); got != want {
			t.Errorf("order %v ends in\n%s\nwant\n%s", order, got, want)
		}
	}
}
