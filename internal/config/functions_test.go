package config

import (
	"strings"
	"testing"

	"pslan/internal/wording"
)

func TestFunctions(t *testing.T) {
	tests := []struct{ expression, want string }{
		{`abs(-2)`, `2`}, {`ceil(1.2)`, `2`}, {`floor(1.8)`, `1`}, {`log(8, 2)`, `3`}, {`max(1, 3)`, `3`}, {`min(1, 3)`, `1`},
		{`parseint("ff", 16)`, `255`}, {`pow(2, 3)`, `8`}, {`signum(-5)`, `-1`}, {`sum([1, 2.5])`, `3.5`}, {`sum(toset([1, 1]))`, `1`},
		{`startswith("PS010", "PS")`, `true`}, {`endswith("PS010", "10")`, `true`}, {`strcontains("abc", "d")`, `false`},
		{`replace("a-b-c", "-", "+")`, `"a+b+c"`}, {`replace("a1b22", "/[0-9]+/", "#")`, `"a#b#"`}, {`regex("[0-9]+", "PS010")`, `"010"`},
		{`regexall("[a-z]", "a1b")`, `["a","b"]`}, {`split(",", "a,b")`, `["a","b"]`}, {`join("-", ["a", "b"])`, `"a-b"`},
		{`format("PS%03d", 7)`, `"PS007"`}, {`formatlist("%s!", ["a", "b"])`, `["a!","b!"]`}, {`upper("a")`, `"A"`}, {`lower("A")`, `"a"`},
		{`title("win eleven")`, `"Win Eleven"`}, {`trim("?a?", "?")`, `"a"`}, {`trimprefix("PS1", "PS")`, `"1"`}, {`trimsuffix("a.x", ".x")`, `"a"`},
		{`trimspace(" a ")`, `"a"`}, {`chomp("a\n")`, `"a"`}, {`indent(2, "a\nb")`, `"a\n  b"`}, {`strrev("abc")`, `"cba"`}, {`substr("hello", 1, 3)`, `"ell"`},
		{`alltrue([true, false])`, `false`}, {`alltrue([])`, `true`}, {`anytrue([false, true])`, `true`}, {`anytrue([])`, `false`}, {`alltrue([true, null])`, `false`},
		{`coalesce("", null, "x")`, `"x"`}, {`coalescelist([], ["a"])`, `["a"]`}, {`compact(["a", "", null])`, `["a"]`}, {`concat(["a"], ["b"])`, `["a","b"]`},
		{`contains(["a"], "a")`, `true`}, {`distinct(["a", "b", "a"])`, `["a","b"]`}, {`element(["a", "b"], 3)`, `"b"`}, {`flatten([["a"], [["b"]]])`, `["a","b"]`},
		{`index(["a", "b"], "b")`, `1`}, {`keys({ b = 1, a = 2 })`, `["a","b"]`}, {`values({ b = 1, a = 2 })`, `[2,1]`}, {`length("añb")`, `3`},
		{`length([1, 2])`, `2`}, {`length({ a = 1 })`, `1`}, {`length(toset(["a", "a"]))`, `1`}, {`lookup({ a = "x" }, "a")`, `"x"`}, {`lookup({ a = "x" }, "b", "y")`, `"y"`},
		{`lookup(tomap({ a = "x" }), "a")`, `"x"`}, {`matchkeys(["x", "y"], ["a", "b"], ["b"])`, `["y"]`}, {`merge({ a = 1 }, { b = 2 })`, `{"a":1,"b":2}`},
		{`one([])`, `null`}, {`one(["a"])`, `"a"`}, {`one(toset(["a"]))`, `"a"`}, {`range(3)`, `[0,1,2]`}, {`reverse(["a", "b"])`, `["b","a"]`},
		{`setintersection(["a", "b"], ["b"])`, `["b"]`}, {`setsubtract(["a", "b"], ["b"])`, `["a"]`}, {`setunion(["a"], ["b"])`, `["a","b"]`},
		{`setproduct(["a"], ["x", "y"])`, `[["a","x"],["a","y"]]`}, {`slice(["a", "b", "c"], 1, 3)`, `["b","c"]`}, {`sort(["b", "a"])`, `["a","b"]`},
		{`transpose({ a = ["x", "y"], b = ["x"] })`, `{"x":["a","b"],"y":["a"]}`}, {`zipmap(["a"], [1])`, `{"a":1}`}, {`chunklist([1, 2, 3], 2)`, `[[1,2],[3]]`},
		{`csvdecode("a,b\n1,2\n")`, `[{"a":"1","b":"2"}]`}, {`jsondecode("{\"a\": [1]}")`, `{"a":[1]}`}, {`jsonencode({ a = "<" })`, `"{\"a\":\"\\u003c\"}"`},
		{`base64decode(base64encode("ä"))`, `"ä"`}, {`md5("")`, `"d41d8cd98f00b204e9800998ecf8427e"`}, {`urlencode("a b")`, `"a+b"`},
		{`sha1("")`, `"da39a3ee5e6b4b0d3255bfef95601890afd80709"`}, {`substr(sha256("a"), 0, 8)`, `"ca978112"`}, {`substr(sha512("a"), 0, 8)`, `"1f40fc92"`},
		{`tostring(5)`, `"5"`}, {`tonumber("5")`, `5`}, {`tobool("true")`, `true`}, {`tolist(toset(["b", "a"]))`, `["a","b"]`}, {`toset(["b", "a", "b"])`, `["a","b"]`},
		{`toset(["b", 1])`, `["1","b"]`}, {`tomap({ a = 1 })`, `{"a":1}`}, {`tostring(null)`, `null`}, {`tolist([])`, `[]`},
		{`try(jsondecode("{"), "x")`, `"x"`}, {`can(tonumber("x"))`, `false`}, {`timeadd("2027-01-31T00:00:00Z", "24h")`, `"2027-02-01T00:00:00Z"`},
		{`formatdate("YYYY-MM-DD", "2027-01-31T00:00:00Z")`, `"2027-01-31"`}, {`file("data/list.txt")`, `"one\ntwo\n"`}, {`fileexists("no")`, `false`}, {`fileexists("data/list.txt")`, `true`},
		{`basename("a/b.txt")`, `"b.txt"`}, {`dirname("a/b.txt")`, `"a"`}, {`[for l in compact(split("\n", file("data/list.txt"))) : upper(l)]`, `["ONE","TWO"]`},
		{`md5(base64sha256("a"))`, `"0cf2f5f9d32da7d6130242c4d5e4c5e6"`}, {`length(base64sha512("a"))`, `88`},
	}
	var text strings.Builder
	text.WriteString("connection \"lab\" {}\n")
	for i, tt := range tests {
		text.WriteString("locals { " + key(i) + " = " + tt.expression + " }\n")
	}
	l := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", text.String(), "data/list.txt", "one\ntwo\n")})
	for i, tt := range tests {
		if got := brief(l.scope.locals[key(i)].value); got != tt.want {
			t.Errorf("%s = %s, want %s", tt.expression, got, tt.want)
		}
	}
}

// key is a name for the n-th local.
func key(n int) string { return "l" + strings.Repeat("x", n) }

func TestDurations(t *testing.T) {
	good := map[string]string{"30m": "30m0s", "48h": "48h0m0s", "7d": "168h0m0s", "1d12h": "36h0m0s", "90s": "1m30s", "1d1h1m1s": "25h1m1s"}
	for text, want := range good {
		if got, err := parseDuration(text); err != nil || got.String() != want {
			t.Errorf("%q is %v, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "7", "d", "0s", "1h1d", "1h1h", "-1h", "1.5h", "7 d", "99999999999d", "9999d", "1w", "1h "} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("%q was taken as %s", text, got)
		}
	}
}

func TestBandwidths(t *testing.T) {
	good := map[string]int64{"100Mbps": 1e8, "1Gbps": 1e9, "64kbps": 64_000, "2.5 Gbps": 2.5e9, "1bps": 1, "10mbps": 1e7}
	for text, want := range good {
		if got, err := parseBandwidth(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "100", "Mbps", "100MB", "100MB/s", "-1Mbps", "0bps", "1e9Gbps", "1..2Mbps", "9999999Gbps", "fastMbps"} {
		if got, err := parseBandwidth(text); err == nil {
			t.Errorf("%q was taken as %d", text, got)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	known := []string{"owner", "name", "guid", "package", "assignment", "PSL303", "PSL304", "ab"}
	for given, want := range map[string]string{
		"onwer": ` Did you mean "owner"?`, "pakage": ` Did you mean "package"?`, "PSL330": ` Did you mean "PSL303"?`,
		"zzz": "", "x": "", "name": "", "asignement": ` Did you mean "assignment"?`,
	} {
		if got := wording.DidYouMean(given, known); got != want {
			t.Errorf("wording.DidYouMean(%q) = %q, want %q", given, got, want)
		}
	}
}
