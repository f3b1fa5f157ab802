package simulation

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"
)

// TestCampaign simulates as many seeds as -runs asks for, and prints what came up.
func TestCampaign(t *testing.T) {
	if *runs == 0 {
		return
	}
	began := time.Now()
	counts := map[string]int{}
	broken := map[string][]uint64{}
	for n := range uint64(*runs) {
		seed := *first + n
		watch := time.AfterFunc(2*time.Minute, func() { panic(fmt.Sprintf("seed %d hangs", seed)) })
		res := simulate(t, Generate(seed), Options{})
		watch.Stop()
		for k, v := range res.Counts {
			counts[k] += v
		}
		for _, v := range res.Broken {
			if l := broken[v.Promise]; len(l) < 2000 {
				broken[v.Promise] = append(l, seed)
			}
			if len(broken[v.Promise]) <= 6 {
				t.Errorf("seed %d: %s", seed, v)
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%9d %s", counts[k], k)
	}
	for _, k := range slices.Sorted(maps.Keys(broken)) {
		t.Logf("%s broken %d times: %v", k, len(broken[k]), broken[k][:min(12, len(broken[k]))])
	}
	t.Logf("%d seeds in %s", *runs, time.Since(began))
}
