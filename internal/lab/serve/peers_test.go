//go:build peers

package serve_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pslan/internal/lab/serve"
)

// found is a program that others wrote, "" where the environment leaves such tests out.
func found(t *testing.T, name, off, install string) string {
	t.Helper()
	if os.Getenv(off) == "off" {
		t.Logf("left out, because %s=off: this needs %s", off, name)
		return ""
	}
	file, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not installed, and this is tested against the real one: %s (or set %s=off to leave such tests out)", name, install, off)
	}
	return file
}

func run(t *testing.T, stdin, program string, args ...string) string {
	t.Helper()
	out, complaints, err := runAll(stdin, program, args...)
	if err != nil {
		t.Fatalf("%s %q: %v\n%s%s", filepath.Base(program), args, err, out, complaints)
	}
	return out
}

// runAnyway is run where a failure of the program is no failure of the test; it returns
// its complaints as well.
func runAnyway(t *testing.T, stdin, program string, args ...string) string {
	t.Helper()
	out, complaints, err := runAll(stdin, program, args...)
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return out + complaints
}

func runAll(stdin, program string, args ...string) (stdout, stderr string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, complaints strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err = cmd.Run()
	return out.String(), complaints.String(), err
}

// soapCall is a call for the client in testdata/soapclient.
type soapCall struct {
	Service string         `json:"service"`
	Method  string         `json:"method"`
	Args    map[string]any `json:"args"`
	SOAP12  bool           `json:"soap12"`
}

// TestClientFromNPM: a client that nobody here wrote makes itself from the WSDL.
func TestClientFromNPM(t *testing.T) {
	node := found(t, "node", "PSLAN_TEST_NPM", "install Node.js 20 with npm")
	if node == "" {
		return
	}
	dir := filepath.Join("testdata", "soapclient")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "soap")); err != nil {
		t.Fatalf("the SOAP client is not installed: npm ci --prefix internal/lab/serve/testdata/soapclient (or set PSLAN_TEST_NPM=off to leave such tests out)")
	}
	for _, settings := range [][]string{nil, {"field_order=random", "nulls=nil"}, {"overloads.*=plain/2"}} {
		for _, soap12 := range []bool{false, true} {
			s := speaking(t, "retire-ps008", settings...)
			exact := "GetItemByGuidX"
			if slices.Contains(settings, "overloads.*=plain/2") {
				exact = "GetItemByGuid2"
			}
			short := func(service string) string { return strings.TrimPrefix(service, "/Altiris/") }
			calls := []soapCall{
				{short(smf), "GetPackage", map[string]any{"packageGuid": win11}, soap12},
				{short(items), exact, map[string]any{"itemGuid": win11}, soap12},
				{short(smf), "SetPackageServerSettings", map[string]any{"PackageGuid": win11, "AssignmentType": 1, "AutomaticSiteAssignment": "false", "PackageServers": ps009, "PackageServerLocation": ""}, soap12},
				{short(reports), "RunReport", map[string]any{"reportItemGuid": "1ab00000-0005-4000-8000-000000000007"}, soap12},
				{short(items), "GetItemByGuid", map[string]any{"itemGuid": "11111111-2222-3333-4444-555555555555"}, soap12},
				{short(model), "UpdateResourceTargets", map[string]any{"targetGuids": serve.PackageServersTarget, "fullUpdate": false, "updateDependencies": true}, soap12},
			}
			request, err := json.Marshal(calls)
			if err != nil {
				t.Fatal(err)
			}
			var answers []map[string]any
			if err := json.Unmarshal([]byte(run(t, string(request), node, filepath.Join(dir, "client.mjs"), s.url)), &answers); err != nil || len(answers) != len(calls) {
				t.Fatalf("%v: %v", err, answers)
			}
			result := func(i int) map[string]any {
				r, _ := answers[i][calls[i].Method+"Result"].(map[string]any)
				return r
			}
			if p := result(0); p["Guid"] != win11 || p["PackageServerAssigments"] != "ALL" {
				t.Error(answers[0])
			}
			if p := result(1); p["Name"] != "WIN11-23H2" || p["Enabled"] != true {
				t.Error(answers[1])
			}
			if p := result(2); p["PackageServerAssigments"] != "INDIVIDUALLY" || p["PackageServers"] != ps009 {
				t.Error(answers[2])
			}
			set, _ := result(3)["NewDataSet"].(map[string]any)
			if rows, _ := set["Table"].([]any); len(rows) < 12 {
				t.Error(answers[3])
			}
			if text, err := json.Marshal(answers[4]["fault"]); err != nil || !strings.Contains(string(text), "ASDKDoesNotExistException") {
				t.Errorf("%s, %v", text, err)
			}
			if answers[5]["fault"] != nil {
				t.Error(answers[5])
			}
			if got := s.Journal()[0].Protocol; (got == "soap12") != soap12 {
				t.Errorf("it spoke %s", got)
			}
		}
	}
}

// TestCurl logs in by what curl has built in.
func TestCurl(t *testing.T) {
	curl := found(t, "curl", "PSLAN_TEST_CURL", "apt-get install curl")
	if curl == "" {
		return
	}
	for _, c := range []struct {
		how, password, status string
		logins                []string
	}{
		{"--ntlm", "s3cret", "200", []string{"Negotiate", "NTLM"}},
		{"--ntlm", "wrong", "401", []string{"Negotiate", "NTLM"}},
		{"--basic", "s3cret", "200", []string{"Negotiate", "NTLM", "Basic"}},
		{"--basic", "s3cret", "401", []string{"NTLM"}},
		{"--anyauth", "s3cret", "200", []string{"NTLM", "Basic"}},
	} {
		s := start(t, "retire-ps008", func(o *serve.Options) {
			o.Dialect.Logins = c.logins
			o.Users = []serve.User{serve.NewUser(`CONTOSO\svc`, "s3cret")}
		})
		// The password comes on standard input, not in the arguments.
		config := `user = "CONTOSO\\svc:` + c.password + `"`
		got := run(t, config, curl, "--silent", "--noproxy", "*", "--config", "-", c.how, "--output", os.DevNull, "--write-out", "%{http_code}",
			"--data", "itemGuid="+win11, s.url+items+"/ItemExists")
		if got != c.status {
			t.Errorf("curl %s against %q: %s, want %s", c.how, c.logins, got, c.status)
		}
		if c.status == "200" && (len(s.Journal()) != 1 || s.Journal()[0].User != `CONTOSO\svc`) {
			t.Errorf("%v", s.Journal())
		}
	}
}

// TestCurlNegotiates: GSSAPI with the NTLM mechanism of others, which checks what it
// said over all three messages, and wraps them in SPNEGO.
func TestCurlNegotiates(t *testing.T) {
	const off = "PSLAN_TEST_APACHE" // it needs what those tests need
	curl := found(t, "curl", off, "apt-get install curl")
	if curl == "" {
		return
	}
	if _, err := os.Stat("/etc/gss/mech.d/mech.ntlmssp.conf"); err != nil {
		t.Fatalf("gss-ntlmssp is not installed, and this is tested against the real one: apt-get install gss-ntlmssp (or set %s=off to leave such tests out)", off)
	}
	for password, want := range map[string]string{"s3cret": "200", "wrong": "401"} {
		s := start(t, "retire-ps008", func(o *serve.Options) {
			o.Dialect.Logins = []string{"Negotiate"}
			o.Users = []serve.User{serve.NewUser(`CONTOSO\svc`, "s3cret")}
		})
		file := filepath.Join(t.TempDir(), "users")
		if err := os.WriteFile(file, []byte("CONTOSO:svc:"+password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("NTLM_USER_FILE", file)
		got := run(t, "", curl, "--silent", "--noproxy", "*", "--negotiate", "--user", ":", "--output", os.DevNull, "--write-out", "%{http_code}",
			"--data", "itemGuid="+win11, s.url+items+"/ItemExists")
		if got != want {
			t.Errorf("with the password %s: %s, want %s", password, got, want)
		}
	}
}
