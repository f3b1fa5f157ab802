package proposal

import (
	"fmt"
	"strings"

	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/plan"
)

// selectionOf reads -target and -exclude: a block, a member or instance of one,
// an undeclared image's address, or a server.
func selectionOf(in Input, ix *estate.Index, r *diff.Resolved) (plan.Selection, diag.Diagnostics) {
	var sel plan.Selection
	var diags diag.Diagnostics
	read := func(flag string, texts []string) []plan.Target {
		var out []plan.Target
		for _, text := range texts {
			t, ok := target(text, ix, r)
			if !ok {
				diags = append(diags, &diag.Diagnostic{
					Severity: diag.Error, Summary: "Nothing is called that",
					Detail: fmt.Sprintf("-%s=%s names no block, member or package server of this configuration. "+
						"Write an address as a plan shows it (image.win11, images.branch, images.branch[\"NAME\"], package_server.ps008) or a server's name.", flag, text),
				})
				continue
			}
			out = append(out, t)
		}
		return out
	}
	sel.Targets = read("target", in.Targets)
	sel.Excludes = read("exclude", in.Excludes)
	return sel, diags
}

func target(text string, ix *estate.Index, r *diff.Resolved) (plan.Target, bool) {
	text = strings.TrimSpace(text)
	t := plan.Target{Address: estate.Address(text), Server: estate.NoServer}
	for id := range r.Servers {
		if s := &r.Servers[id]; s.Block != nil && (s.Address == t.Address || strings.HasPrefix(string(s.Address), text+"[")) {
			t.Server = estate.ServerID(id)
			return t, true
		}
	}
	for i := range r.Desired {
		if t.Matches(r.Desired[i].Address) {
			return t, true
		}
	}
	for _, p := range r.Preboots {
		if t.Matches(p.Block.Address) {
			return t, true
		}
	}
	if ids := ix.HostMatches(text); len(ids) == 1 {
		t.Server = ids[0]
		return t, true
	}
	return t, false
}
