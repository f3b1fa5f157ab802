package rules

import (
	"strings"

	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
)

// blockKey says which finding a block belongs to.
type blockKey struct {
	code    finding.Code
	address estate.Address
}

// mergeBlocks sees to it that whatever the plan blocks has a finding: the rule's
// own where it reported one about the same thing, else one made from the block.
func (r *run) mergeBlocks() {
	blocks := r.Plan.Blocks
	if len(blocks) == 0 {
		return
	}
	at := make(map[blockKey][]int, len(blocks))
	for i := range blocks {
		at[blockKey{blocks[i].Code, blocks[i].Address}] = nil
	}
	for i := range r.hits {
		k := blockKey{r.hits[i].Code, r.hits[i].Address}
		if list, ok := at[k]; ok {
			at[k] = append(list, i)
		}
	}
	for i := range blocks {
		b := &blocks[i]
		k := blockKey{b.Code, b.Address}
		if n := r.hitOf(at[k], b); n >= 0 {
			r.hits[n].take(b)
			continue
		}
		at[k] = append(at[k], len(r.hits))
		r.hits = append(r.hits, r.fromBlock(b))
	}
}

// hitOf picks, of the findings with a block's code and address, the one about its server.
func (r *run) hitOf(candidates []int, b *plan.Block) int {
	name := r.e.ServerName(b.Server)
	for _, n := range candidates {
		if have := r.hits[n].Server; name == "" || have == "" || have == name {
			return n
		}
	}
	return -1
}

// take makes a finding one that blocks, with the block's words first.
func (h *hit) take(b *plan.Block) {
	h.Blocks = true
	if b.Detail == "" || firstSentence(b.Detail) == firstSentence(sentence(h.Detail)) {
		return // raised by the policy: the block's words are the finding's own
	}
	h.Detail = strings.TrimSpace(b.Detail + " " + h.Detail)
}

func (r *run) fromBlock(b *plan.Block) hit {
	h := hit{image: b.Image, server: estate.NoServer}
	h.Code, h.Address, h.Server, h.Detail, h.Blocks = b.Code, b.Address, r.e.ServerName(b.Server), b.Detail, true
	if b.Image >= 0 {
		h.Image = r.e.Images[b.Image].Name
		if d := r.desired(b.Image); d != nil {
			h.declared, h.In, h.Range, h.server = d, d.In, d.Range, r.byLifecycleOf(d)
		}
		return h
	}
	if b.Server.IsServer() && r.Resolved.Servers[b.Server].Address == b.Address {
		h.server = b.Server
		if block := r.Resolved.Servers[b.Server].Block; block != nil {
			h.In, h.Range = block.In, block.Range
		}
	}
	return h
}

func firstSentence(s string) string {
	first, _, _ := strings.Cut(s, ". ")
	return strings.TrimRight(first, ".")
}

// serverBlocked reports whether the plan has a block with the running rule's code
// that is about a server as a whole.
func (r *run) serverBlocked(id estate.ServerID) bool {
	addr := r.Resolved.Servers[id].Address
	for i := range r.Plan.Blocks {
		if b := &r.Plan.Blocks[i]; b.Code == r.rule.Code && b.Image < 0 && b.Address == addr {
			return true
		}
	}
	return false
}
