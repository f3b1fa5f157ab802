package simulation

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var (
	oneSeed = flag.Uint64("seed", 0, "simulate this seed alone, and print its history")
	small   = flag.Bool("shrink", false, "with -seed: shrink the scenario first, if it breaks a promise")
	fresh   = flag.Int("new", 1500, "simulate that many seeds that nobody has seen before")
	base    = flag.Uint64("base", 0, "the first of the new seeds; 0: what PSLAN_TEST_SEED says, else one that the clock draws")
	runs    = flag.Int("runs", 0, "simulate that many seeds, and print what came up")
	first   = flag.Uint64("first", 1_000_000, "the first of these seeds")
)

// simulate runs a scenario in a bubble of its own.
func simulate(t *testing.T, s *Scenario, o Options) (res *Result) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		o.Settle = synctest.Wait
		res = Run(s, o)
	})
	return res
}

// repeat is the command that simulates a seed again.
func repeat(seed uint64) string {
	return fmt.Sprintf("go test ./internal/simulation -run 'TestSeed$' -seed=%d -shrink -v", seed)
}

// TestSeed simulates one seed and prints its history, shortened where -shrink asks for it.
func TestSeed(t *testing.T) {
	seed := max(*oneSeed, 1)
	s := Generate(seed)
	if *small {
		s = shrunk(t, s, Options{})
	}
	res := simulate(t, s, Options{Keep: true})
	if *oneSeed != 0 {
		t.Logf("\n%s\n%s", s, strings.Join(res.Lines, "\n"))
	}
	for _, v := range res.Broken {
		t.Error(v)
	}
}

// shrunk makes a scenario smaller, as long as it breaks the promise that it breaks.
func shrunk(t *testing.T, s *Scenario, o Options) *Scenario {
	res := simulate(t, s, o)
	if len(res.Broken) == 0 {
		return s
	}
	promise := res.Broken[0].Promise
	return Shrink(s, func(c *Scenario) bool {
		again := simulate(t, c, o)
		return len(again.Broken) > 0 && again.Broken[0].Promise == promise
	})
}

// judge simulates a seed and says, of a broken promise, all that is needed to see it again.
func judge(t *testing.T, seed uint64) {
	t.Helper()
	s := Generate(seed)
	if res := simulate(t, s, Options{}); len(res.Broken) == 0 {
		return
	}
	s = shrunk(t, s, Options{})
	res := simulate(t, s, Options{Keep: true})
	t.Errorf("seed %d: %s\nTo see it again: %s\nThe scenario and its history, shortened:\n%s\n%s", seed, res.Broken[0], repeat(seed), s, strings.Join(res.Lines, "\n"))
}

// TestFixedSeeds simulates the same seeds every time.
func TestFixedSeeds(t *testing.T) {
	const many = 300
	for seed := range uint64(many) {
		judge(t, seed+1)
	}
}

// TestOldSeeds simulates every seed that ever broke a promise.
func TestOldSeeds(t *testing.T) {
	text, err := os.ReadFile("testdata/seeds.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		word, _, _ := strings.Cut(lines.Text(), " ")
		if word == "" || word[0] == '#' {
			continue
		}
		seed, err := strconv.ParseUint(word, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		judge(t, seed)
		n++
	}
	if n == 0 {
		t.Error("no seed was read")
	}
}

// TestNewSeeds simulates seeds that nobody has seen before, others with every run: an
// eighth of them where tests are to be short. The first of them is printed. A seed that
// breaks a promise belongs into testdata/seeds.txt once it is settled.
func TestNewSeeds(t *testing.T) {
	many, from := *fresh, *base
	if testing.Short() {
		many /= 8
	}
	if text := os.Getenv("PSLAN_TEST_SEED"); from == 0 && text != "" {
		var err error
		if from, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("PSLAN_TEST_SEED: %v", err)
		}
	}
	if from == 0 {
		from = uint64(time.Now().UnixNano()) >> 16
	}
	t.Logf("%d seeds from %d", many, from)
	for n := range uint64(many) {
		if judge(t, from+n); t.Failed() {
			t.Fatalf("%d of %d seeds were simulated; to go on behind it: go test ./internal/simulation -run TestNewSeeds -base=%d", n+1, many, from+n+1)
		}
	}
}

// TestOneSeedOneHistory simulates seeds twice: what happened, what was asked and
// what was said is the same, line by line.
func TestOneSeedOneHistory(t *testing.T) {
	const many = 150
	for n := range uint64(max(many, *runs)) {
		seed := *first + n
		one := simulate(t, Generate(seed), Options{Keep: true})
		two := simulate(t, Generate(seed), Options{Keep: true})
		if at := firstDifference(one.Lines, two.Lines); at >= 0 || one.History != two.History {
			t.Errorf("seed %d: line %d of %d and %d:\n%s\n%s", seed, at+1, len(one.Lines), len(two.Lines), around(one.Lines, at), around(two.Lines, at))
		}
	}
}

// firstDifference is where two histories part, -1 if they do not.
func firstDifference(a, b []string) int {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return i
		}
	}
	return -1
}

// around is what stands near a line of a history.
func around(lines []string, at int) string {
	return strings.Join(lines[max(0, min(at-4, len(lines))):min(at+3, len(lines))], "\n")
}
