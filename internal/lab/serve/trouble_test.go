package serve_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"pslan/internal/lab/serve"
)

func troubled(t *testing.T, words ...string) *served {
	t.Helper()
	var d serve.Dialect
	for _, w := range words {
		trouble, err := serve.ParseTrouble(w)
		if err != nil {
			t.Fatal(err)
		}
		d.Troubles = append(d.Troubles, trouble)
	}
	return start(t, "retire-ps008", func(o *serve.Options) { o.Dialect = d })
}

var narrow = []string{"PackageGuid", win11, "AssignmentType", "1", "AutomaticSiteAssignment", "false", "PackageServers", ps009, "PackageServerLocation", ""}

// try calls a method and returns what came, even where that was not whole.
func (s *served) try(service, method string, args ...string) (r reply, err error) {
	s.t.Helper()
	resp, err := s.client.Do(s.request("POST", service+"/"+method, "application/x-www-form-urlencoded", form(args...)))
	if err != nil {
		return r, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(body)}, err
}

// TestTroubles: what each kind answers, and whether the call was done.
func TestTroubles(t *testing.T) {
	for kind, c := range map[string]struct {
		status int // 0: the answer is no whole one
		body   string
		done   bool
	}{
		"latency::1ms": {200, "INDIVIDUALLY", true}, "late::1ms": {200, "INDIVIDUALLY", true}, "503": {503, "HTTP Error 503", false},
		"restart-page": {500, "Server Application Unavailable", false}, "login-page": {200, `<form method="post">`, false}, "redirect": {302, "", false},
		"cut-before": {0, "", false}, "exception": {500, "An internal exception occured", false}, "cut-after": {0, "", true}, "truncated": {0, "SoftwarePackageDetails", true},
	} {
		t.Run(kind, func(t *testing.T) {
			s := troubled(t, "SetPackageServerSettings:"+kind)
			r, err := s.try(smf, "SetPackageServerSettings", narrow...)
			if (err != nil) != (c.status == 0) || err == nil && r.status != c.status || !strings.Contains(r.body, c.body) {
				t.Errorf("%v %v", r, err)
			}
			mode := value(t, s.must(smf, "GetPackage", "packageGuid", win11), "PackageServerAssigments")
			if (mode == "INDIVIDUALLY") != c.done {
				t.Errorf("afterwards it is %s", mode)
			}
			first := s.Journal()[0]
			if name, _, _ := strings.Cut(kind, ":"); first.Trouble != name || first.Arg("packageservers") != ps009 && c.done {
				t.Errorf("%+v", first)
			}
		})
	}
}

func TestTroubleWithBooleans(t *testing.T) {
	s := troubled(t, "writes:false:1")
	if !strings.Contains(s.must(smf, "UpdateDistributionPoints", "PackageGuid", win11), ">false<") || !strings.Contains(s.must(smf, "UpdateDistributionPoints", "PackageGuid", win11), ">true<") {
		t.Error("the first says false, the second true")
	}
}

// TestHowOftenTroubleComes: so many times, after so many, or by chance, the same for
// the same seed.
func TestHowOftenTroubleComes(t *testing.T) {
	pattern := func(seed uint64, trouble serve.Trouble) string {
		s := start(t, "retire-ps008", func(o *serve.Options) { o.Seed, o.Dialect.Troubles = seed, []serve.Trouble{trouble} })
		var b strings.Builder
		for range 40 {
			if s.post(items, "ItemExists", "itemGuid", win11).status == 200 {
				b.WriteByte('.')
			} else {
				b.WriteByte('x')
			}
		}
		return b.String()
	}
	if got := pattern(1, serve.Trouble{Kind: "503", Method: "reads", Skip: 2, Count: 3}); got != "..xxx"+strings.Repeat(".", 35) {
		t.Error(got)
	}
	chance := serve.Trouble{Kind: "503", Chance: 0.3}
	first := pattern(1, chance)
	if n := strings.Count(first, "x"); n < 4 || n > 22 {
		t.Error(first)
	}
	if first != pattern(1, chance) || first == pattern(2, chance) {
		t.Error("chance comes from the seed, and from nothing else")
	}
}

func TestParseTrouble(t *testing.T) {
	for word, want := range map[string]string{
		"a": "is not written as", "a:b": `there is no trouble "b"`, "a:503:x": "neither a count nor a chance", "a:503:200%": "a chance is from 0 to 1",
		"a:late:1:x": "no duration", "a:late:1:2h": "up to an hour", "a:laet": `Did you mean "late"?`, "a:late:-1": "neither",
	} {
		if _, err := serve.ParseTrouble(word); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", word, err)
		}
	}
	if got, err := serve.ParseTrouble("RunReport:late:20%:1.5s"); err != nil || got != (serve.Trouble{Kind: "late", Method: "RunReport", Chance: 0.2, For: serve.Span(1500 * time.Millisecond)}) {
		t.Error(got, err)
	}
}

// TestJump: whoever reads everything once reads one moment; whoever waits does not.
func TestJump(t *testing.T) {
	s := start(t, "retire-ps008", func(o *serve.Options) { o.Pace.Jump = true })
	date := func(service, method string, args ...string) string {
		t.Helper()
		r := s.post(service, method, args...)
		if r.status != 200 {
			t.Fatal(r)
		}
		return s.do(s.request("GET", items, "", "")).header.Get("Date")
	}
	const begin = "Sun, 22 Nov 2026 10:00:00 GMT"
	for _, g := range []string{win11, "60c2c096-3e62-5117-bdcb-faa9193907bd"} {
		if got := date(smf, "GetPackage", "packageGuid", g); got != begin {
			t.Error(got)
		}
	}
	s.must(smf, "SetPackageServerSettings", narrow...)
	if got := date(smf, "GetPackage", "packageGuid", win11); got != begin {
		t.Errorf("reading again after a change is no waiting: %s", got)
	}
	if got := date(smf, "GetPackage", "packageGuid", win11); got == begin {
		t.Error("reading again with nothing changed is waiting")
	}
	instance := s.task(serve.RefreshTask, ps009)
	for range 20 {
		if value(t, s.must(tasks, "GetTaskStatus", "taskGuid", instance), "Status") == "Completed" {
			return
		}
	}
	t.Error("the task never ends")
}

// TestSpeed: the lab's time is the wall clock's, so many times as fast.
func TestSpeed(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	s := start(t, "retire-ps008", func(o *serve.Options) { o.Pace = serve.Pace{Speed: 60, Now: func() time.Time { return now }} })
	now = now.Add(30 * time.Second)
	if got := s.do(s.request("GET", items, "", "")).header.Get("Date"); got != "Sun, 22 Nov 2026 10:30:00 GMT" {
		t.Error(got)
	}
}

// TestBounds: a request that is too large is refused, and nothing is read of the rest.
func TestBounds(t *testing.T) {
	s := start(t, "retire-ps008", nil)
	r, err := s.try(smf, "GetPackage", "packageGuid", strings.Repeat("a", 9<<20))
	if err == nil && r.status != 500 {
		t.Error(r.status)
	}
	if got := s.do(s.request(http.MethodGet, items, "", "")); got.status != 200 {
		t.Error(got)
	}
}
