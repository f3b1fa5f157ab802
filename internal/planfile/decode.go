package planfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/proposal"
)

// decoder reads a saved plan, element by element. Keys that it does not know are
// passed over: a later minor version may have added them.
type decoder struct {
	json *json.Decoder
	p    *proposal.Proposal
	byID map[string]plan.StepNo
}

func decode(r io.Reader) (*proposal.Proposal, error) {
	d := &decoder{
		json: json.NewDecoder(r), byID: map[string]plan.StepNo{},
		p: &proposal.Proposal{Plan: &plan.Plan{}, Variables: map[string]declared.Variable{}},
	}
	if err := d.object(d.member); err != nil {
		return nil, err
	}
	if d.p.Plan.ID == "" {
		return nil, errors.New("it has no plan_id")
	}
	return d.p, nil
}

// object reads an object and gives each key to member, which reads its value.
func (d *decoder) object(member func(key string) error) error {
	if err := d.delimiter('{'); err != nil {
		return err
	}
	for d.json.More() {
		token, err := d.json.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		if err := member(key); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return d.delimiter('}')
}

func (d *decoder) delimiter(want json.Delim) error {
	token, err := d.json.Token()
	if err != nil {
		return err
	}
	if token != want {
		return fmt.Errorf("expected %q, found %v", want.String(), token)
	}
	return nil
}

// array reads a list, each element as a T.
func array[T any](d *decoder, take func(*T) error) error {
	if err := d.delimiter('['); err != nil {
		return err
	}
	for n := 1; d.json.More(); n++ {
		var element T
		if err := d.json.Decode(&element); err != nil {
			return err
		}
		if err := take(&element); err != nil {
			return fmt.Errorf("number %d: %w", n, err)
		}
	}
	return d.delimiter(']')
}

func value[T any](d *decoder, take func(T) error) error {
	var v T
	if err := d.json.Decode(&v); err != nil {
		return err
	}
	return take(v)
}

func (d *decoder) member(key string) error {
	p := d.p
	switch key {
	case "pslan_version":
		return d.json.Decode(&p.Meta.Version)
	case "plan_id":
		return d.json.Decode(&p.Plan.ID)
	case "timestamp":
		return d.time(&p.Meta.MadeAt)
	case "complete":
		return value(d, func(complete bool) error { p.Plan.Partial = !complete; return nil })
	case "variables":
		return value(d, d.variables)
	case "estate":
		return value(d, func(e estateOf) (err error) {
			p.Meta.SMP, p.Meta.Source = e.SMP, e.Source
			p.Meta.TakenAt, err = parseTime(e.TakenAt)
			return err
		})
	case "resource_changes":
		return array(d, d.change)
	case "steps":
		return array(d, d.step)
	case "findings":
		return array(d, d.finding)
	case "forecast":
		return value(d, d.forecast)
	case "undeclared_images":
		return d.json.Decode(&p.Undeclared)
	case "saved":
		return d.object(d.savedMember)
	}
	return value(d, func(json.RawMessage) error { return nil })
}

func (d *decoder) savedMember(key string) error {
	pl := d.p.Plan
	switch key {
	case "verify":
		return value(d, func(word string) error {
			v, err := wordOf(verifyWords[:], word)
			d.p.Meta.Verify = declared.Verify(v)
			return err
		})
	case "limits":
		return value(d, func(l limitsOf) error { pl.Limits = plan.Limits(l); return nil })
	case "facts":
		return array(d, func(f *factOf) error { pl.Facts = append(pl.Facts, plan.Fact(*f)); return nil })
	case "blocks":
		return array(d, func(b *blockOf) error {
			pl.Blocks = append(pl.Blocks, plan.Block{
				Code: b.Code, Address: estate.Address(b.Address), Image: -1, Server: estate.NoServer, Whole: b.Whole, Detail: b.Detail,
			})
			return nil
		})
	case "notes":
		return array(d, d.note)
	}
	return value(d, func(json.RawMessage) error { return nil })
}

func (d *decoder) time(to *estate.Time) error {
	return value(d, func(s string) (err error) { *to, err = parseTime(s); return err })
}

func (d *decoder) variables(vs map[string]variable) error {
	for name, v := range vs {
		out := declared.Variable{Sensitive: v.Sensitive}
		if !v.Sensitive {
			out.Value = string(v.Value)
		}
		d.p.Variables[name] = out
	}
	return nil
}

func (d *decoder) step(s *stepOf) error {
	if _, twice := d.byID[s.ID]; twice || s.ID == "" {
		return fmt.Errorf("a step's id is to be unique: %q", s.ID)
	}
	out, err := decodeStep(s)
	if err != nil {
		return fmt.Errorf("step %s: %w", s.ID, err)
	}
	for _, id := range s.Needs {
		need, ok := d.byID[id]
		if !ok { // needs point back only, so no plan that is read can go in circles
			return fmt.Errorf("step %s needs %q, which is no step before it", s.ID, id)
		}
		out.Needs = append(out.Needs, need)
	}
	d.byID[s.ID] = plan.StepNo(len(d.p.Plan.Steps))
	d.p.Plan.Steps = append(d.p.Plan.Steps, *out)
	return nil
}

func decodeStep(s *stepOf) (*plan.Step, error) {
	out := &plan.Step{
		ID: s.ID, Address: estate.Address(s.Address), Name: s.Name, Label: s.Label, Server: s.Server, From: s.From, Snapshot: s.Snapshot,
		Servers: s.Servers, Skipped: s.Skipped, MustReach: s.MustReach, Files: s.Files, Bytes: s.Bytes, Starts: s.Starts,
		WaitsFor: s.WaitsFor, Seconds: s.Seconds, Accepted: s.Accepted, BlockedBy: s.BlockedBy,
	}
	limit := math.Round(s.Limit * float64(time.Second))
	if !(limit >= 0 && limit < math.MaxInt64) {
		return nil, fmt.Errorf("limit_seconds cannot be %v", s.Limit)
	}
	out.Limit = time.Duration(limit)
	var ok [4]bool
	out.Op, ok[0] = plan.ParseOp(s.Op)
	var by, risk uint8
	by, ok[1] = parse(s.By, plan.BySMP, plan.ByPslan)
	risk, ok[2] = parse(s.Risk, plan.NoRisk, plan.DeletesData)
	out.By, out.Risk = plan.Actor(by), plan.Risk(risk)
	if !ok[0] || !ok[1] || !ok[2] {
		return nil, fmt.Errorf("op %q, by %q or risk %q is not known", s.Op, s.By, s.Risk)
	}
	err := errors.Join(guid(&out.Image, s.Image), guid(&out.Package, s.Package), guid(&out.Preboot, s.Preboot),
		decodeFacts(&out.Before, &s.Before), decodeFacts(&out.After, &s.After))
	return out, err
}

func decodeFacts(to *plan.Facts, f *facts) error {
	*to = plan.Facts{Owner: f.Owner, Location: f.Location, ConnectsTo: f.ConnectsTo, Verified: f.Verified}
	if f.Assignment != nil {
		a, err := decodeAssignment(f.Assignment)
		if err != nil {
			return err
		}
		to.Assignment = &a
	}
	if f.Format != nil {
		format, ok := estate.ParseFormat(*f.Format)
		if !ok {
			return fmt.Errorf("format %q is not known", *f.Format)
		}
		to.Format = &format
	}
	return nil
}

func (d *decoder) finding(f *findingOf) error {
	severity, ok := finding.ParseSeverity(f.Severity)
	if !ok {
		return fmt.Errorf("severity %q is not known", f.Severity)
	}
	out := finding.Finding{
		Code: f.Code, Severity: severity, Title: f.Title, Detail: f.Detail, Fix: f.Fix,
		Address: estate.Address(f.Address), Server: f.Server, Image: f.Image, Blocks: f.Blocks, Range: f.Range.decode(), In: f.In,
	}
	if a := f.Acknowledged; a != nil {
		until, err := parseTime(a.Until)
		if err != nil {
			return err
		}
		out.Acked = &finding.Acknowledgement{
			Code: f.Code, Reason: a.Reason, Expires: until, Day: a.Day, Ticket: a.Ticket, Range: a.Range.decode(),
		}
	}
	d.p.Findings = append(d.p.Findings, out)
	return nil
}

func (d *decoder) forecast(f forecastOf) error {
	out := plan.Forecast{Downloads: f.Downloads, Bytes: f.Bytes, Seconds: f.Seconds}
	for _, s := range f.Servers {
		out.Servers = append(out.Servers, plan.ServerForecast{
			Name: s.Name, CopiesNow: s.CopiesNow, CopiesAfter: s.CopiesAfter,
			BytesNow: s.BytesNow, BytesPeak: s.BytesPeak, BytesAfter: s.BytesAfter, FreeAtPeak: orUnknown(s.FreeAtPeak),
		})
	}
	d.p.Plan.Forecast = out
	return nil
}

func (d *decoder) note(n *noteOf) error {
	severity, ok := parse(n.Severity, diag.Error, diag.Note)
	if !ok {
		return fmt.Errorf("severity %q is not known", n.Severity)
	}
	d.p.Notes = append(d.p.Notes, &diag.Diagnostic{
		Severity: diag.Severity(severity), Summary: n.Summary, Detail: n.Detail,
		Subject: n.Subject.decode(), Context: n.Context.decode(), In: n.In,
	})
	return nil
}
