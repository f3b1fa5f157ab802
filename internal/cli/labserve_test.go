package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"pslan/internal/config"
	"pslan/internal/lab"
)

// serving runs lab serve in a folder with a lab until the function returns, and
// returns its exit code and what it wrote.
func serving(t *testing.T, dir string, args []string, use func(url, stdout string)) (code int, stderr string) {
	t.Helper()
	interrupts, up, ended := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	out := &watched{on: "content {", then: func() { close(up) }}
	var errs watched
	go func() {
		defer close(ended)
		code = Main(context.Background(), IO{
			Args: append([]string{"lab", "serve", "-addr=127.0.0.1:0"}, args...), Dir: dir, Stdin: strings.NewReader(""), Stdout: out, Stderr: &errs,
			Interrupts: interrupts, Env: []string{"PSLAN_LAB_PASSWORD=s3cret"},
		})
	}()
	select {
	case <-up:
		url := regexp.MustCompile(`https?://127\.0\.0\.1:\d+`).FindString(out.String())
		use(url, out.String())
	case <-ended:
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	interrupts <- syscall.SIGINT
	<-ended
	return code, errs.String()
}

func aLab(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	l, err := lab.Init(lab.Options{Dir: filepath.Join(dir, "lab"), SeedFile: filepath.Join("..", "..", "examples", "no-copy-left", "estate.json")})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// fetch posts a form and returns the answer.
func fetch(t *testing.T, client *http.Client, url, form string, login bool) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if login {
		r.SetBasicAuth("svc", "s3cret")
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

const servedPackage = "ee7bda07-4d28-5298-a4dc-cb2512299ebd"

// TestLabServe: the services answer while other commands use the same lab, and an
// interrupt ends it.
func TestLabServe(t *testing.T) {
	dir := aLab(t)
	code, stderr := serving(t, dir, []string{"-speed=0", "-verbose", "lab"}, func(url, stdout string) {
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		client := &http.Client{Transport: transport}
		ask := func() string {
			status, body := fetch(t, client, url+"/Altiris/ASDK.SMF/SoftwarePackageManagementService.asmx/GetPackage", "packageGuid="+servedPackage, false)
			if status != 200 {
				t.Fatal(status, body)
			}
			return body
		}
		if body := ask(); !strings.Contains(body, `<PackageLocation>\\PS008\`) {
			t.Error(body)
		}
		var out, errs bytes.Buffer
		step := `{"op": "take_ownership", "package": "` + servedPackage + `", "server": "PS009"}`
		if code := Main(t.Context(), IO{Args: []string{"lab", "do", "-json", "-path=lab"}, Dir: dir, Stdin: strings.NewReader(step), Stdout: &out, Stderr: &errs}); code != 0 {
			t.Fatal(code, errs.String())
		}
		if body := ask(); !strings.Contains(body, `<PackageLocation>\\PS009\`) {
			t.Error("the server does not see what the operator did beside it", body)
		}
		blockIsUsable(t, stdout)
	})
	if code != 0 || strings.Count(stderr, "SoftwarePackageManagementService.GetPackage post packageGuid=") != 2 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// blockIsUsable holds the connection block that was printed against the language.
func blockIsUsable(t *testing.T, stdout string) {
	t.Helper()
	_, block, ok := strings.Cut(stdout, "To connect to it:\n")
	if !ok {
		t.Fatal(stdout)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.pslan.hcl"), []byte(block), 0o644); err != nil {
		t.Fatal(err)
	}
	loaded, ds := config.Load(config.Options{Dir: dir, Version: Version})
	if ds.HasErrors() || loaded.Declared.Connection.SMP == nil {
		t.Fatalf("%v\n%s", ds, block)
	}
	smp := loaded.Declared.Connection.SMP
	if len(smp.Rows) != 12 || len(smp.Actions) != 6 || smp.Refresh.IsZero() || smp.Membership.Schedule.IsZero() {
		t.Errorf("%+v", smp)
	}
	var out, errs bytes.Buffer
	if code := Main(t.Context(), IO{Args: []string{"fmt", "-check", "-diff", "main.pslan.hcl"}, Dir: dir, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs}); code != 0 {
		t.Errorf("fmt would write it otherwise:\n%s%s", out.String(), errs.String())
	}
}

// TestLabServeOverTLS with a login, and a CA that a client can trust.
func TestLabServeOverTLS(t *testing.T) {
	dir := aLab(t)
	code, stderr := serving(t, dir, []string{"-ca-out=ca.pem", `-user=CONTOSO\svc`, "lab"}, func(url, stdout string) {
		text, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(text) {
			t.Fatalf("%s", text)
		}
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
		defer transport.CloseIdleConnections()
		client := &http.Client{Transport: transport}
		page := url + "/Altiris/ASDK.NS/ItemManagementService.asmx/ItemExists"
		if status, body := fetch(t, client, page, "itemGuid="+servedPackage, true); status != 200 || !strings.Contains(body, ">true<") {
			t.Error(status, body)
		}
		if status, _ := fetch(t, client, page, "itemGuid="+servedPackage, false); status != 401 {
			t.Error(status)
		}
		if strings.Contains(stdout, "s3cret") {
			t.Error("the password stands in the output")
		}
		blockIsUsable(t, stdout)
	})
	if code != 0 || strings.Contains(stderr, "s3cret") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
