package planfile

import (
	"encoding/json"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/proposal"
)

// document writes all keys of the plan document, and leaves the object open.
func (s *stream) document(p *proposal.Proposal) {
	s.open()
	s.key("format_version", FormatVersion)
	s.key("pslan_version", p.Meta.Version)
	s.key("plan_id", p.Plan.ID)
	s.key("timestamp", p.Meta.MadeAt.String())
	stopped := len(p.Stops()) > 0
	s.key("applyable", len(p.Plan.Steps) > 0 && !stopped)
	s.key("complete", !p.Plan.Partial)
	s.key("errored", stopped)
	s.key("variables", variables(p.Variables))
	s.key("estate", estateOf{SMP: p.Meta.SMP, TakenAt: p.Meta.TakenAt.String(), Source: p.Meta.Source})
	s.array("resource_changes", len(p.Plan.Changes), func(i int) any { return encodeChange(p.Plan.Changes[i]) })
	s.key("resource_drift", [0]int{})
	s.array("steps", len(p.Plan.Steps), func(i int) any { return encodeStep(p.Plan.Steps, i) })
	s.array("findings", len(p.Findings), func(i int) any { return encodeFinding(&p.Findings[i]) })
	s.key("forecast", encodeForecast(&p.Plan.Forecast))
	s.key("undeclared_images", p.Undeclared)
}

// saved writes the key that only a saved plan has.
func (s *stream) saved(p *proposal.Proposal) {
	s.name("saved")
	s.open()
	s.key("verify", verifyWords[p.Meta.Verify])
	s.key("limits", limitsOf{MaxDownloads: p.Plan.Limits.MaxDownloads, PerServer: p.Plan.Limits.PerServer})
	s.array("facts", len(p.Plan.Facts), func(i int) any { return factOf(p.Plan.Facts[i]) })
	s.array("blocks", len(p.Plan.Blocks), func(i int) any {
		b := &p.Plan.Blocks[i]
		return blockOf{Code: b.Code, Address: string(b.Address), Whole: b.Whole, Detail: b.Detail}
	})
	s.array("notes", len(p.Notes), func(i int) any { return encodeNote(p.Notes[i]) })
	s.text("}")
}

var verifyWords = [...]string{declared.VerifyHash: "hash", declared.VerifySize: "size"}

func variables(vs map[string]declared.Variable) map[string]variable {
	out := make(map[string]variable, len(vs))
	for name, v := range vs {
		switch {
		case v.Sensitive: // its value never leaves the process
			out[name] = variable{Sensitive: true}
		case v.Value == "":
			out[name] = variable{Value: json.RawMessage("null")}
		default:
			out[name] = variable{Value: json.RawMessage(v.Value)}
		}
	}
	return out
}

func encodeChange(c diff.Change) any {
	switch c := c.(type) {
	case *diff.ImageChange:
		return encodeImage(c)
	case *diff.CopyChange:
		return encodeCopy(c)
	case *diff.ServerChange:
		at := &serverAttributes{Name: c.Server, Host: c.Host, Sites: list(c.Sites)}
		return resourceOf(&c.Header, at, at)
	case *diff.PrebootChange:
		before := prebootAttributes{Name: c.Name, GUID: c.GUID.String(), ConnectsTo: c.ConnectsToBefore}
		after := before
		after.ConnectsTo = c.ConnectsToAfter
		return resourceOf(&c.Header, &before, &after)
	}
	return nil
}

func encodeImage(c *diff.ImageChange) any {
	before := imageAttributes{
		Name: c.Name, Package: c.Package.String(), GUID: c.GUID.String(), Kind: c.Kind.String(),
		Format: c.FormatBefore.String(), Owner: c.OwnerBefore,
		Assignment: encodeAssignment(&c.AssignmentBefore), Location: c.LocationBefore,
	}
	after := before
	after.Format, after.Owner = c.FormatAfter.String(), c.OwnerAfter
	after.Assignment, after.Location = encodeAssignment(&c.AssignmentAfter), c.LocationAfter
	return resourceOf(&c.Header, &before, &after)
}

func encodeCopy(c *diff.CopyChange) any {
	at := &copyAttributes{
		Name: c.Name, Package: c.Package.String(), Server: c.Server,
		Files: known(c.Files), Bytes: known(c.Bytes), From: c.From,
	}
	r := resourceOf(&c.Header, at, at)
	r.Holds = c.Class.String()
	return r
}

// resourceOf makes the entry of a change. A create has no before, a delete no
// after, and a blocked one is a no-op.
func resourceOf[A any](h *diff.Header, before, after *A) *resourceChange[A] {
	switch h.Action {
	case diff.Create:
		before = nil
	case diff.Delete:
		after = nil
	}
	name, index := nameAndIndex(h.Address)
	r := &resourceChange[A]{
		Address: string(h.Address), Mode: "managed", Type: h.Address.Type(), Name: name, Index: index,
		ProviderName: "pslan", DeclaredAt: placeOf(h.Range, h.In), BlockedBy: list(h.Blocked),
	}
	action := [1]string{h.Action.String()}
	if len(h.Blocked) == 0 {
		r.Change = delta[A]{Actions: action, Before: before, After: after}
		return r
	}
	r.Change = delta[A]{Actions: [1]string{"no-op"}, Before: before, After: before}
	r.Wanted = &wanted[A]{Actions: action, After: after}
	return r
}

// nameAndIndex splits an address as Terraform's documents do: the label, and the
// last key if there is one. What has no label is called by its first key.
func nameAndIndex(a estate.Address) (name, index string) {
	words := a.Words()
	if len(words) > 1 {
		name = words[1]
	}
	if len(words) > 2 {
		index = words[len(words)-1]
	}
	return name, index
}

func encodeStep(steps []plan.Step, i int) *stepOf {
	st := &steps[i]
	out := &stepOf{
		N: i + 1, ID: st.ID, Op: st.Op.String(), Address: string(st.Address), Name: st.Name, Label: st.Label,
		Image: st.Image.String(), Package: st.Package.String(), Preboot: st.Preboot.String(),
		Server: st.Server, From: st.From, Snapshot: st.Snapshot, Servers: st.Servers, Skipped: st.Skipped, MustReach: st.MustReach,
		Needs: make([]string, len(st.Needs)), By: st.By.String(), Risk: st.Risk.String(),
		Before: encodeFacts(&st.Before), After: encodeFacts(&st.After),
		Files: st.Files, Bytes: st.Bytes, Starts: st.Starts,
		WaitsFor: st.WaitsFor, Limit: st.Limit.Seconds(), Seconds: st.Seconds, Accepted: st.Accepted, BlockedBy: list(st.BlockedBy),
	}
	for n, need := range st.Needs {
		out.Needs[n] = steps[need].ID
	}
	return out
}

func encodeFacts(f *plan.Facts) facts {
	out := facts{Owner: f.Owner, Location: f.Location, ConnectsTo: f.ConnectsTo, Verified: f.Verified}
	if f.Assignment != nil {
		a := encodeAssignment(f.Assignment)
		out.Assignment = &a
	}
	if f.Format != nil {
		word := f.Format.String()
		out.Format = &word
	}
	return out
}

func encodeFinding(f *finding.Finding) *findingOf {
	out := &findingOf{
		Code: f.Code, Severity: f.Severity.String(), Title: f.Title, Detail: f.Detail, Fix: f.Fix,
		Address: string(f.Address), Server: f.Server, Image: f.Image, Blocks: f.Blocks,
		Range: rangeOf(f.Range), In: f.In,
	}
	if a := f.Acked; a != nil {
		out.Acknowledged = &acknowledgement{
			Reason: a.Reason, Ticket: a.Ticket, Day: a.Day, Until: a.Expires.String(), Range: rangeOf(a.Range),
		}
	}
	return out
}

func encodeForecast(f *plan.Forecast) forecastOf {
	out := forecastOf{Downloads: f.Downloads, Bytes: f.Bytes, Seconds: f.Seconds, Servers: make([]serverForecast, len(f.Servers))}
	for i := range f.Servers {
		s := &f.Servers[i]
		out.Servers[i] = serverForecast{
			Name: s.Name, CopiesNow: s.CopiesNow, CopiesAfter: s.CopiesAfter,
			BytesNow: s.BytesNow, BytesPeak: s.BytesPeak, BytesAfter: s.BytesAfter, FreeAtPeak: known(s.FreeAtPeak),
		}
	}
	return out
}

func encodeNote(d *diag.Diagnostic) noteOf {
	return noteOf{
		Severity: d.Severity.String(), Summary: d.Summary, Detail: d.Detail,
		Subject: rangeOf(d.Subject), Context: rangeOf(d.Context), In: d.In,
	}
}

func encodeAssignment(a *estate.AssignmentNames) assignment {
	return assignment{Mode: a.Mode.String(), Servers: list(a.Servers), Sites: list(a.Sites)}
}

func placeOf(r diag.Range, in string) *place {
	if r.IsZero() && in == "" {
		return nil
	}
	p := &place{Filename: r.Filename, Line: r.Start.Line, In: in}
	if !r.IsZero() {
		start, end := position(r.Start), position(r.End)
		p.Start, p.End = &start, &end
	}
	return p
}

func rangeOf(r diag.Range) *textRange {
	if r.IsZero() {
		return nil
	}
	return &textRange{Filename: r.Filename, Start: position(r.Start), End: position(r.End)}
}

// known is nil for a number that nothing tells.
func known(n int64) *int64 {
	if n == estate.Unknown {
		return nil
	}
	return &n
}

// list never is null in the document.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
