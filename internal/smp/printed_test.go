package smp

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pslan/internal/estate"
	"pslan/internal/smp/rows"
)

const (
	headLine  = "pslan packages 1\tPS009\t8.7.3153\t2026-11-22T10:00:00Z\t64\n"
	allNames  = "Id\tName\tStatus\tPreviousStatus\tPackageVersion\tPackageSize\tPackageOriginator\tIsCustomLocation\tCleanupAfter\tTime\tNS\tPolicyId\n"
	onePack   = "{6D3F0C1E-52A1-4A35-9D6C-0D5BE1A0F001}\tWIN11 &amp; \\u00DC\t1\t?\t1601867730\t12\tNS\tFalse\t10080\t-\tSMP01\t-\n"
	otherPack = "6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f002\tx\t-\t-\t?\t-\t-\t-\t-\t-\t-\t-\n"
)

func TestParsePrinted(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"two packages", headLine + allNames + onePack + otherPack + "end\t2\n", "PS009: f001 1 1601867730 NS; f002 - ? -"},
		{"none", headLine + allNames + "end\t0\n", "PS009:"},
		{"CRLF, a byte order mark, no last line end", "\ufeff" + strings.ReplaceAll(headLine+allNames+onePack+"end\t1", "\n", "\r\n"), "PS009: f001 1 1601867730 NS"},
		{"lines of the host before and after", "Loading profile\n\n" + headLine + allNames + onePack + "end\t1\nDone.\n", "PS009: f001 1 1601867730 NS"},
		{"escaped once more", strings.NewReplacer("&", "&amp;", "\t", "&#9;", "\n", "&#xD;&#xA;").Replace(headLine + allNames + onePack + "end\t1\n"), "PS009: f001 1 1601867730 NS"},
		{"another order, other columns, other case", headLine + "packageoriginator\tNew\tStatus\tID\tPackageVersion\nPS008\tx\t5\t6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f001\t7\nend\t1\n", "PS009: f001 5 7 PS008"},
		{"an id that is none", headLine + allNames + strings.Replace(onePack, "6D3F", "?", 1) + otherPack + "end\t2\n", "PS009: f002 - ? -; 1 wrong, {?0C1E-52A1-4A35-9D6C-0D5BE1A0F001}"},
		{"control characters", headLine + allNames + strings.Replace(onePack, "NS", "N\x1b[31mS", 1) + "end\t1\n", "PS009: f001 1 1601867730 N [31mS"},
	} {
		got, err := parsePrinted(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if said := saidBy(got); said != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, said, c.want)
		}
	}
}

func saidBy(p *printed) string {
	var list []string
	for _, q := range p.packages {
		list = append(list, q.pack.String()[32:]+" "+q.status+" "+q.version+" "+q.originator)
	}
	if p.wrong > 0 {
		list = append(list, fmt.Sprintf("%d wrong, %s", p.wrong, p.wrongFirst))
	}
	return strings.TrimSpace(p.host + ": " + strings.Join(list, "; "))
}

// TestPrintedFaults: what cannot be used is refused with what is wrong and what to do.
func TestPrintedFaults(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", "the task gave no output"},
		{"blanks", " \n\n", "the task gave no output"},
		{"something else", "Hello\nworld\n", "its output is not that of the script"},
		{"a first line too late", strings.Repeat("x\n", maxPreamble) + headLine, "its output is not that of the script"},
		{"a first line without its parts", "pslan packages 1\tPS009\n", "its output is not that of the script"},
		{"another version", strings.Replace(headLine, "packages 1", "packages 10", 1) + allNames + "end\t0\n", "its script is version 10, and this pslan reads version 1"},
		{"no time", "pslan packages 1\tPS009\t8.7\tyesterday\n" + allNames, `its script says that the time is "yesterday"`},
		{"cut after the first line", headLine, "its output is cut off after its first line"},
		{"cut in the names", headLine + allNames[:20], "its list lacks PackageVersion, PackageOriginator"},
		{"cut after the names", headLine + allNames, "its output is cut off after 0 packages"},
		{"cut between packages", headLine + allNames + onePack, "its output is cut off after 1 packages"},
		{"cut in a package", headLine + allNames + onePack + otherPack[:30], "its output is cut off after 1 packages"},
		{"cut in the middle", headLine + allNames + onePack + "…\n" + otherPack + "end\t3\n", "the line of package 2 has 1 cells in place of 12"},
		{"a package less", headLine + allNames + onePack + "end\t2\n", "it printed 1 packages and counts 2: a part of the output is missing"},
		{"no count", headLine + allNames + onePack + "end\t\n", "it printed 1 packages and counts : a part of the output is missing"},
		{"a cell too many", headLine + allNames + "x\t" + onePack + "end\t1\n", "the line of package 1 has 13 cells in place of 12"},
		{"lacking columns", headLine + "Id\tStatus\nx\t1\nend\t1\n", "its list lacks PackageVersion, PackageOriginator"},
		{"COM is blocked", headLine + "error\t10\tAccess is denied.\n", "the script cannot create the agent's object Altiris.AeXNSClient: Access is denied."},
		{"an error in the list", headLine + allNames + onePack + "error\t13\t\n", "the package server plug-in does not give out its packages"},
		{"an error of another script", headLine + "error\t99\twhat\n", "the script failed: what"},
	} {
		_, err := parsePrinted(c.in)
		var fault *rows.Fault
		if !errors.As(err, &fault) || fault.Problem != c.want || fault.Hint == "" {
			t.Errorf("%s: %#v, want %q", c.name, err, c.want)
		}
	}
}

func TestStatusWords(t *testing.T) {
	own := map[string]string{"7": "Ready", "1": "Bereit", "x": "Waiting"}
	for _, c := range []struct {
		number string
		words  map[string]string
		want   string
		lost   bool
	}{
		{"0", nil, "Unavailable", false}, {"1", nil, "Ready", false}, {"5", nil, "Not yet downloaded", false},
		{"7", nil, "unknown (7)", true}, {"7", own, "Ready", false}, {"1", own, "Bereit", false}, {"X", own, "Waiting", false}, {"2", own, "Downloading", false},
		{cellEmpty, nil, "", false}, {cellUnknown, nil, "", true}, {"", nil, "", false},
	} {
		got, why := statusWord(c.number, c.words)
		if got != c.want || (why != "") != c.lost {
			t.Errorf("%q: %q, %q", c.number, got, why)
		}
	}
}

// TestScript: the script that is shipped prints what this package reads.
func TestScript(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "smp", "package-server.ps1"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	one := func(pattern string) string {
		t.Helper()
		found := regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1)
		if len(found) != 1 {
			t.Fatalf("%s stands there %d times", pattern, len(found))
		}
		return found[0][1]
	}
	if got := one(`(?m)^\$FormatVersion = '([^']*)'`); got != printedVersion {
		t.Errorf("the script is version %s, the reader %s", got, printedVersion)
	}
	var names []string
	for _, m := range regexp.MustCompile(`'(\w+)'`).FindAllStringSubmatch(one(`(?s)\n\$Columns = @\((.*?)\)`), -1) {
		names = append(names, m[1])
	}
	if strings.Join(names, " ") != strings.Join(printedColumns, " ") {
		t.Errorf("the script prints %v, the reader has %v", names, printedColumns)
	}
	for _, want := range []string{"'" + printedMagic + " '", "$Empty = '" + cellEmpty + "'", "$Unknown = '" + cellUnknown + "'"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in the script", want)
		}
	}
	used := map[int]bool{}
	for _, m := range regexp.MustCompile(`Stop-Script (\d+)`).FindAllStringSubmatch(text, -1) {
		code, err := strconv.Atoi(m[1])
		if _, known := scriptExits[code]; err != nil || !known {
			t.Errorf("the reader does not know the exit code %s", m[1])
		}
		used[code] = true
	}
	if len(used) != len(scriptExits) {
		t.Errorf("the script ends with %v, the reader knows %d codes", used, len(scriptExits))
	}
	for i, r := range text {
		if r > '~' || r < ' ' && r != '\n' {
			t.Fatalf("the script holds %q at %d: it has to be plain ASCII", r, i)
		}
	}
}

func FuzzPrinted(f *testing.F) {
	f.Add(headLine + allNames + onePack + otherPack + "end\t2\n")
	f.Add(headLine + "error\t10\tno\n")
	f.Add("pslan packages 2\t\t\t\n&lt;")
	f.Add(strings.ReplaceAll(headLine+allNames+onePack+"end\t1\n", "\t", "&#9;"))
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parsePrinted(text)
		if err != nil {
			var fault *rows.Fault
			if !errors.As(err, &fault) || fault.Problem == "" || fault.Hint == "" || len(fault.Problem) > 1000 {
				t.Fatalf("%v", err)
			}
			return
		}
		if strings.Count(text, "\n")+strings.Count(text, "&") < got.count() {
			t.Fatalf("%d packages of %q", got.count(), text)
		}
		for _, p := range got.packages {
			if p.pack == (estate.GUID{}) {
				t.Fatal("a package without a GUID")
			}
		}
	})
}
