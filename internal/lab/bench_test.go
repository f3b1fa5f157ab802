package lab_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pslan/internal/estate"
	"pslan/internal/lab"
	"pslan/internal/platform"
)

// wideEstate has n images on PS0, assigned to all servers, which hold nothing yet.
func wideEstate(servers, n int, full bool) *estate.Estate {
	e := &estate.Estate{TakenAt: day0, SMP: estate.Server{Name: "smp01"}, Sites: []string{"HQ"}}
	for s := range servers {
		e.Servers = append(e.Servers, estate.PackageServer{Name: fmt.Sprintf("PS%03d", s), Host: fmt.Sprintf("ps%03d.example.com", s),
			Sites: []string{"HQ"}, State: estate.Online, FreeBytes: 1 << 50, TotalBytes: 1 << 50})
	}
	for i := range n {
		name := fmt.Sprintf("IMG-%05d", i)
		img := estate.Image{Name: name, GUID: guidOf(name), Package: guidOf("package " + name), Version: 1_700_000_000,
			Assignment: estate.Assignment{Mode: estate.AssignAll}}
		img.Content = &estate.Content{Files: 3, Bytes: 12 << 30, Digest: digestOf(name), Listing: digestOf("listing " + name), Version: 1_700_000_000}
		for s := 0; full && s < servers; s++ {
			img.Copies = append(img.Copies, estate.Copy{Server: estate.ServerID(s), Status: "Ready", Version: 1_700_000_000,
				Evidence: estate.Evidence{Sight: estate.Seen, Folder: true, Files: 3, Bytes: 12 << 30, Digest: img.Content.Digest, Listing: img.Content.Listing}})
		}
		e.Images = append(e.Images, img)
	}
	return e
}

// BenchmarkSimulation is one short life: open, a refresh, a download, a take.
func BenchmarkSimulation(b *testing.B) {
	e := smallEstate(b)
	ctx := context.Background()
	for b.Loop() {
		l, err := lab.Open(lab.Options{Seed: e, Disk: lab.NewMemory()})
		if err != nil {
			b.Fatal(err)
		}
		if err := l.RefreshServer(ctx, "PS010"); err != nil {
			b.Fatal(err)
		}
		for range 10 {
			if err := l.Pause(ctx, time.Second, l.Now().Add(time.Hour)); err != nil {
				b.Fatal(err)
			}
		}
		if err := l.TakeOwnership(ctx, refTo(e, "A"), "PS010"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadEstate(b *testing.B) {
	l, err := lab.Open(lab.Options{Seed: wideEstate(40, 300, true), Disk: lab.NewMemory()})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			if _, err := l.ReadEstate(context.Background(), platform.Scope{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("one", func(b *testing.B) {
		scope := platform.Scope{Images: []estate.GUID{guidOf("IMG-00007")}}
		for b.Loop() {
			if _, err := l.ReadEstate(context.Background(), scope); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkWideOnDisk measures real folders: making, looking, and 300 downloads.
func BenchmarkWideOnDisk(b *testing.B) {
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			l, err := lab.Open(lab.Options{Dir: b.TempDir(), Seed: wideEstate(40, 300, true)})
			if err != nil {
				b.Fatal(err)
			}
			l.Close()
		}
	})
	dir := b.TempDir()
	l, err := lab.Open(lab.Options{Dir: dir, Seed: wideEstate(40, 300, true)})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			again, err := lab.Open(lab.Options{Dir: dir})
			if err != nil {
				b.Fatal(err)
			}
			again.Close()
		}
	})
	b.Run("see", func(b *testing.B) {
		for b.Loop() {
			observe(b, l)
		}
	})
	b.Run("first change", func(b *testing.B) {
		for b.Loop() {
			again, err := lab.Open(lab.Options{Dir: dir})
			if err != nil {
				b.Fatal(err)
			}
			if err := again.Pause(context.Background(), time.Second, again.Now().Add(time.Second)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("request", func(b *testing.B) {
		for b.Loop() {
			if err := l.UpdateMembership(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkDownloads brings 1000 images to a server, pause by pause.
func BenchmarkDownloads(b *testing.B) {
	ctx := context.Background()
	for b.Loop() {
		l, err := lab.Open(lab.Options{Dir: b.TempDir(), Seed: wideEstate(3, 1000, false)})
		if err != nil {
			b.Fatal(err)
		}
		if err := l.RefreshServer(ctx, "PS001"); err != nil {
			b.Fatal(err)
		}
		pauses := 0
		for end := l.Now().Add(100 * 24 * time.Hour); l.Now().Before(end); pauses++ {
			if err := l.Pause(ctx, time.Second, end); err != nil {
				b.Fatal(err)
			}
			if pauses == 3000 {
				break
			}
		}
		b.ReportMetric(float64(pauses), "pauses")
		l.Close()
	}
}
