package rules

import (
	"slices"
	"strings"

	"pslan/internal/finding"
	"pslan/internal/wording"
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
	var codes []string
	for _, r := range All() {
		if string(r.Code) == given {
			return given
		}
		codes = append(codes, string(r.Code))
	}
	return wording.Nearest(given, codes)
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
