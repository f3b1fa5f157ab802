package rules

import (
	"fmt"
	"slices"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
)

// acks applies acknowledgements and keeps count of those that matched something.
type acks struct {
	*Input
	used map[diag.Range]bool // by where they are written: instances of a block share it
}

func newAcks(in *Input) *acks { return &acks{Input: in, used: map[diag.Range]bool{}} }

// apply looks for an acknowledgement: the image's own and its groups', then the
// server's, then the policy's.
func (a *acks) apply(h *hit) {
	if h.declared != nil && a.find(h, h.declared.Acks) {
		return
	}
	if h.server.IsServer() {
		if b := a.Resolved.Servers[h.server].Block; b != nil && a.find(h, b.Acks) {
			return
		}
	}
	a.find(h, a.Declared.Policy.Acks)
}

// find reports whether one of the acknowledgements holds. One that has run out does
// not, and the finding says so.
func (a *acks) find(h *hit, list []finding.Acknowledgement) bool {
	for i := range list {
		ack := &list[i]
		if ack.Code != h.Code {
			continue
		}
		a.used[ack.Range] = true
		if !a.expired(ack) {
			h.Acked = ack
			return true
		}
		h.Detail += fmt.Sprintf(" It was acknowledged through %s (%q); that has run out, so it counts again.", ack.Day, ack.Reason)
	}
	return false
}

func (a *acks) expired(ack *finding.Acknowledgement) bool {
	return ack.Expires != 0 && a.Now >= ack.Expires
}

// unused warns of acknowledgements that match no finding. Where -target or
// -exclude chose some of the changes, nothing can be said of the others.
func (a *acks) unused() diag.Diagnostics {
	if a.Plan.Partial {
		return nil
	}
	var out diag.Diagnostics
	told := map[diag.Range]bool{}
	look := func(in string, list []finding.Acknowledgement) {
		for i := range list {
			ack := &list[i]
			if a.used[ack.Range] || told[ack.Range] {
				continue
			}
			told[ack.Range] = true
			out = append(out, a.unusedOne(in, ack))
		}
	}
	for i := range a.Declared.Images {
		look(a.Declared.Images[i].In, a.Declared.Images[i].Acks)
	}
	for i := range a.Declared.Groups {
		look(a.Declared.Groups[i].In, a.Declared.Groups[i].Acks)
	}
	for i := range a.Declared.Servers {
		if s := &a.Declared.Servers[i]; !a.gone(s.Address) {
			look(s.In, s.Acks)
		}
	}
	look("policy", a.Declared.Policy.Acks)
	return out
}

func (a *acks) unusedOne(in string, ack *finding.Acknowledgement) *diag.Diagnostic {
	detail := fmt.Sprintf("No finding %s is left here for it to acknowledge. Take it out, so that it does not hide a later one that means something else.", ack.Code)
	if a.expired(ack) {
		detail = fmt.Sprintf("It was valid through %s, and no finding %s is left here for it to acknowledge. Take it out.", ack.Day, ack.Code)
	}
	return &diag.Diagnostic{Severity: diag.Warning, Summary: "Acknowledgement without a finding", Detail: detail, Subject: ack.Range, In: in}
}

// Accepted lists, for each retired server by its address, the codes of law 15 that
// the files accept (PSL404, PSL506, PSL508): by an acknowledgement that is valid now,
// in the server's block or the policy, or because the policy says that they are no errors.
func Accepted(d *declared.Declared, r *diff.Resolved, now estate.Time) map[estate.Address][]finding.Code {
	out := map[estate.Address][]finding.Code{}
	valid := func(list []finding.Acknowledgement, code finding.Code) bool {
		return slices.ContainsFunc(list, func(a finding.Acknowledgement) bool {
			return a.Code == code && (a.Expires == 0 || now < a.Expires)
		})
	}
	for _, id := range r.RetiredServers() {
		s := &r.Servers[id]
		for _, code := range []finding.Code{"PSL404", "PSL506", "PSL508"} {
			word, said := d.Policy.Severities[code]
			if said && word < finding.Error || valid(d.Policy.Acks, code) || s.Block != nil && valid(s.Block.Acks, code) {
				out[s.Address] = append(out[s.Address], code)
			}
		}
	}
	return out
}

// gone reports whether a block's server is retired and no longer listed: what it
// acknowledged is done, and a note already says that the block may go.
func (a *acks) gone(addr estate.Address) bool {
	for _, s := range a.Resolved.Gone {
		if s.Address == addr {
			return true
		}
	}
	return false
}
