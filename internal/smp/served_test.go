package smp_test

import (
	"cmp"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pslan/examples"
	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/lab"
	"pslan/internal/lab/serve"
	"pslan/internal/smp"
)

func guid(t testing.TB, s string) estate.GUID {
	t.Helper()
	g, err := estate.ParseGUID(s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// served is an example's lab, put on the wire, and a connection to it.
type served struct {
	lab      *lab.Lab
	server   *serve.Server
	http     *httptest.Server
	pace     serve.Pace
	files    map[string]string // of the configuration, by name
	settings *declared.SMP
	options  smp.Options
	*smp.Platform
}

// serveLab serves the lab of an example in a dialect. change may alter the settings of
// the connection before it is opened; nil: they stay.
func serveLab(t testing.TB, example string, dialect []string, pace serve.Pace, change func(*declared.SMP)) *served {
	t.Helper()
	d, err := serve.ParseDialect(dialect, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text, err := fs.ReadFile(examples.FS(), example+"/estate.json")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "estate.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s := &served{pace: pace}
	if s.lab, err = lab.Open(lab.Options{Dir: "lab", Disk: lab.NewMemory(), SeedFile: file}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.lab.Close() })
	if s.server, err = serve.New(serve.Options{Lab: s.lab, Dialect: d, Pace: pace}); err != nil {
		t.Fatal(err)
	}
	s.http = httptest.NewServer(s.server)
	t.Cleanup(s.http.Close)
	s.settings = settingsFor(t, s.http.URL)
	if change != nil {
		change(s.settings)
	}
	s.open(t)
	return s
}

// open opens another connection in place of the present one.
func (s *served) open(t testing.TB) {
	t.Helper()
	var err error
	s.options = smp.Options{
		Settings: s.settings, Env: func(name string) string {
			return map[string]string{"PSLAN_SMP_USER": "svc", "PSLAN_SMP_PASSWORD": "secret"}[name]
		}, Environ: os.Environ(), Path: func(name string) string { return cmp.Or(s.files[name], name) }, Dir: t.TempDir(),
	}
	if s.Platform, err = smp.Open(s.options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Platform.Close() })
}

// settingsFor are those for a lab: what docs/lab.md says to write.
func settingsFor(t testing.TB, url string) *declared.SMP {
	report := map[string]estate.GUID{}
	for _, r := range serve.Reports() {
		report[r.Name] = r.GUID
	}
	settings := &declared.SMP{
		URL: url, AllowHTTP: true, Poll: 10 * time.Millisecond, AlsoCalled: []string{"smp01.contoso.com"},
		Refresh:    guid(t, serve.RefreshTask),
		Membership: declared.SMPMembership{Schedule: guid(t, serve.MembershipSchedule)},
	}
	for _, kind := range []declared.RowKind{
		declared.RowsSMP, declared.RowsServers, declared.RowsSites, declared.RowsPackages, declared.RowsCopies,
		declared.RowsPreboots, declared.RowsUpdates, declared.RowsRefreshes, declared.RowsRecorded,
	} {
		g := report[string(kind)]
		if g.IsZero() {
			t.Fatalf("the lab has no report %s", kind)
		}
		settings.Rows = append(settings.Rows, declared.SMPRows{Kind: kind, Report: g})
	}
	return settings
}
