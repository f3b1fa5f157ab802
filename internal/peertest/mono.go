package peertest

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var mono = kind{[]string{"PSLAN_TEST_MONO"}, "mono-mcs libmono-system-web-services4.0-cil"}

// ASMX is an application of ASP.NET with web services (ASMX), compiled for Mono.
type ASMX struct {
	dir     string // site: what is served
	backend *url.URL
}

// BuildASMX compiles an application from a folder. In it generate.cs is a program that
// writes clients of the backend's services, given its address, a folder to write to and
// the paths below the host: those of all .asmx files in folders of the site. All other
// sources and the clients become the program site/bin/site.dll. nil: left out.
func BuildASMX(tb testing.TB, sources string, backend *url.URL) *ASMX {
	tb.Helper()
	if program(tb, mono, "mcs") == "" || find(tb, mono, "System.Web.Services.dll", "/usr/lib/mono/4.5") == "" {
		return nil
	}
	a := &ASMX{dir: folder(tb), backend: backend}
	site, clients := filepath.Join(a.dir, "site"), filepath.Join(a.dir, "clients")
	check(tb, os.CopyFS(site, os.DirFS(filepath.Join(sources, "site"))))
	check(tb, os.Mkdir(clients, 0o755))
	check(tb, os.Mkdir(filepath.Join(site, "bin"), 0o755))
	references := []string{"-nologo", "-r:System.Web.dll", "-r:System.Web.Services.dll", "-r:System.Data.dll"}
	generator := filepath.Join(a.dir, "generate.exe")
	run(tb, a.env(), program(tb, mono, "mcs"), append(references, "-out:"+generator, filepath.Join(sources, "generate.cs"))...)
	paths, err := fs.Glob(os.DirFS(site), "*/*.asmx")
	check(tb, err)
	args := []string{generator, strings.TrimSuffix(backend.String(), "/"), clients}
	for _, path := range paths {
		args = append(args, "/Altiris/"+path)
	}
	run(tb, a.env(), program(tb, mono, "mono"), args...)
	args = append(references, "-target:exe", "-out:"+filepath.Join(site, "bin", "site.dll"))
	for _, dir := range []string{sources, clients} {
		files, err := filepath.Glob(filepath.Join(dir, "*.cs"))
		check(tb, err)
		for _, file := range files {
			if filepath.Base(file) != "generate.cs" {
				args = append(args, file)
			}
		}
	}
	run(tb, a.env(), program(tb, mono, "mcs"), args...)
	return a
}

// env keeps what Mono writes in the folder of the test.
func (a *ASMX) env() []string {
	return []string{"TZ=UTC", "HOME=" + a.dir, "TMPDIR=" + a.dir, "XDG_CONFIG_HOME=" + a.dir, "BACKEND=" + strings.TrimSuffix(a.backend.String(), "/")}
}

// Start serves it. change are words of web.config and what is put in their place, in
// turn; words that are not there fail the test.
func (a *ASMX) Start(tb testing.TB, change ...string) *Web {
	tb.Helper()
	dir, port := folder(tb), FreePort(tb)
	site := filepath.Join(dir, "site")
	check(tb, os.CopyFS(site, os.DirFS(filepath.Join(a.dir, "site"))))
	config, err := os.ReadFile(filepath.Join(site, "web.config"))
	check(tb, err)
	text := string(config)
	for i := 0; i+1 < len(change); i += 2 {
		if !strings.Contains(text, change[i]) {
			tb.Fatalf("web.config does not hold %s", change[i])
		}
		text = strings.ReplaceAll(text, change[i], change[i+1])
	}
	write(tb, site, "web.config", text)
	w := &Web{URL: &url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", port)}, log: filepath.Join(dir, "log")}
	env := append(a.env(), "TMPDIR="+dir, "HOME="+dir)
	serve(tb, env, port, w.log, program(tb, mono, "mono"), filepath.Join(site, "bin", "site.dll"), site, fmt.Sprint(port))
	return w
}
