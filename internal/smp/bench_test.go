package smp_test

import (
	"crypto/sha256"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/lab"
	"pslan/internal/lab/serve"
	"pslan/internal/platform"
)

// wideEstate has images that are assigned to 20 of 50 servers each, and have their copies
// there.
func wideEstate(images int) *estate.Estate {
	const servers, copies = 50, 20
	made := func(name string) estate.GUID {
		sum := sha256.Sum256([]byte(name))
		return estate.GUID(sum[:16])
	}
	taken := estate.TimeOf(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	e := &estate.Estate{TakenAt: taken, Source: "lab", SMP: estate.Server{Name: "smp01.contoso.com"}, Sites: []string{"HQ"}}
	for n := range servers {
		name := fmt.Sprintf("PS%03d", n)
		e.Servers = append(e.Servers, estate.PackageServer{Name: name, Host: name + ".contoso.com", GUID: made(name), Sites: []string{"HQ"},
			State: estate.Online, FreeBytes: 1 << 40, TotalBytes: 1 << 41})
	}
	for n := range images {
		name := fmt.Sprintf("IMG-%05d", n)
		img := estate.Image{Name: name, GUID: made(name), Package: made("package " + name), Version: 1_700_000_000, Assignment: estate.Assignment{Mode: estate.AssignServers}}
		for k := range copies {
			id := estate.ServerID((n + k) % servers)
			img.Assignment.Servers = append(img.Assignment.Servers, id)
			img.Copies = append(img.Copies, estate.Copy{Server: id, Status: "Ready", StatusAt: taken, Version: 1_700_000_000})
		}
		img.Owner = estate.ServerID(n % servers)
		img.Assignment = estate.ServersOf(img.Assignment.Servers...)
		img.Location = fmt.Sprintf(`\\%s\PkgSvrHost$\{%s}`, e.ServerName(img.Owner), img.Package)
		e.Images = append(e.Images, img)
	}
	e.SortImages()
	return e
}

// BenchmarkReadEverything reads 10,000 images with 20 copies each from a lab in memory,
// by HTTP on this machine: by the service and by rows, with an answer at once and with
// one that takes 20 ms.
func BenchmarkReadEverything(b *testing.B) {
	l, err := lab.Open(lab.Options{Seed: wideEstate(10_000), Disk: lab.NewMemory()})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for _, c := range []struct {
		name    string
		byRows  bool
		latency time.Duration
	}{{"service/at once", false, 0}, {"rows/at once", true, 0}, {"service/20ms", false, 20 * time.Millisecond}, {"rows/20ms", true, 20 * time.Millisecond}} {
		b.Run(c.name, func(b *testing.B) {
			var d serve.Dialect
			if c.latency > 0 {
				d.Troubles = []serve.Trouble{{Kind: serve.TroubleLatency, For: serve.Span(c.latency)}}
			}
			calls := 0
			server, err := serve.New(serve.Options{Lab: l, Dialect: d})
			if err != nil {
				b.Fatal(err)
			}
			h := httptest.NewServer(server)
			defer h.Close()
			s := &served{settings: settingsFor(b, h.URL)}
			if c.byRows {
				with(b, s.settings, declared.RowsAssignments)
				s.settings.Packages.Assignments = "rows"
			}
			s.open(b)
			b.ReportAllocs()
			for b.Loop() {
				before := server.Calls()
				e, err := s.ReadEstate(b.Context(), platform.Scope{Secondhand: true})
				if err != nil || len(e.Images) != 10_000 || len(e.Images[0].Assignment.Servers) != 20 {
					b.Fatal(err)
				}
				calls = server.Calls() - before
			}
			b.ReportMetric(float64(calls), "calls/op")
		})
	}
}
