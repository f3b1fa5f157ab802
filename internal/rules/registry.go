package rules

import (
	"slices"
	"strings"

	"pslan/internal/finding"
)

// All returns every rule, sorted by code. The slice and the rules are the caller's own.
func All() []*Rule {
	return []*Rule{
		psl101(), psl102(), psl103(), psl104(), psl105(), psl106(), psl107(), psl108(), psl109(), psl110(),
		psl201(), psl202(), psl203(), psl204(),
		psl301(), psl302(), psl303(), psl304(), psl305(),
		psl401(), psl402(), psl403(), psl404(), psl405(), psl406(),
		psl501(), psl502(), psl503(), psl504(), psl505(), psl506(), psl507(), psl508(),
		psl601(), psl602(), psl603(), psl604(), psl605(), psl606(), psl607(),
	}
}

// Lookup finds a rule by its code, as it is spelled.
func Lookup(code finding.Code) (*Rule, bool) {
	return lookup(All(), code)
}

func lookup(all []*Rule, code finding.Code) (*Rule, bool) {
	i, ok := slices.BinarySearchFunc(all, code, func(r *Rule, c finding.Code) int { return strings.Compare(string(r.Code), string(c)) })
	if !ok {
		return nil, false
	}
	return all[i], true
}

// Suggest returns the code that somebody may have meant ("psl101", "101",
// "PLS101"), "" if none is near.
func Suggest(code string) string {
	given := strings.ToUpper(strings.TrimSpace(code))
	if given == "" {
		return ""
	}
	if strings.Trim(given, "0123456789") == "" {
		given = "PSL" + given
	}
	best, bestCost := "", 3
	for _, r := range All() {
		if c := editDistance(given, string(r.Code)); c < bestCost {
			best, bestCost = string(r.Code), c
		}
	}
	return best
}

// editDistance counts the letters to change, add, leave out or swap with their neighbour.
func editDistance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// New completes a finding that is made elsewhere: its code, its rule's title and,
// where none is given, severity and advice. A code without a rule is a programmer's
// mistake and panics.
func New(code finding.Code, f finding.Finding) finding.Finding {
	r, ok := Lookup(code)
	if !ok {
		panic("rules: no rule " + string(code))
	}
	return r.complete(f)
}

func (r *Rule) complete(f finding.Finding) finding.Finding {
	f.Code, f.Title = r.Code, r.Title
	if f.Severity == finding.Unset {
		f.Severity = r.Default
	}
	f.Severity = max(f.Severity, r.Floor)
	if f.Fix == "" {
		f.Fix = r.Fix
	}
	return f
}
