package planfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
)

// change reads one entry of resource_changes: first its header, then the
// attributes of its type.
func (d *decoder) change(r *resourceChange[json.RawMessage]) error {
	c, err := decodeChange(r)
	if err != nil {
		return fmt.Errorf("%s: %w", r.Address, err)
	}
	d.p.Plan.Changes = append(d.p.Plan.Changes, c)
	return nil
}

func decodeChange(r *resourceChange[json.RawMessage]) (diff.Change, error) {
	header := diff.Header{Address: estate.Address(r.Address), Blocked: r.BlockedBy}
	actions, after := r.Change.Actions, r.Change.After
	if r.Wanted != nil {
		actions, after = r.Wanted.Actions, r.Wanted.After
	}
	action, ok := parse(actions[0], diff.Create, diff.Delete)
	if !ok {
		return nil, fmt.Errorf("action %q is not known", actions[0])
	}
	header.Action = diff.Action(action)
	if r.DeclaredAt != nil {
		header.Range, header.In = r.DeclaredAt.decode(), r.DeclaredAt.In
	}
	switch r.Type {
	case "image", "images", "pct_package":
		return decodeImage(header, r.Change.Before, after)
	case "copy":
		return decodeCopy(header, r.Change.Before, after, r.Holds)
	case "package_server":
		return decodeServer(header, r.Change.Before)
	case "preboot_configuration":
		return decodePreboot(header, r.Change.Before, after)
	}
	return nil, fmt.Errorf("type %q is not known", r.Type)
}

var errAttributes = errors.New("its attributes are missing")

// attributes reads the attributes before or after a change.
func attributes[A any](raw *json.RawMessage) (*A, error) {
	if raw == nil || string(*raw) == "null" {
		return nil, errAttributes
	}
	a := new(A)
	return a, json.Unmarshal(*raw, a)
}

func decodeImage(h diff.Header, rawBefore, rawAfter *json.RawMessage) (diff.Change, error) {
	before, err := attributes[imageAttributes](rawBefore)
	if err != nil {
		return nil, err
	}
	after, err := attributes[imageAttributes](rawAfter)
	if err != nil {
		return nil, err
	}
	c := &diff.ImageChange{
		Header: h, Image: -1, Name: before.Name, OwnerBefore: before.Owner, OwnerAfter: after.Owner,
		LocationBefore: before.Location, LocationAfter: after.Location,
	}
	var ok [3]bool
	c.Kind, ok[0] = estate.ParseKind(before.Kind)
	c.FormatBefore, ok[1] = estate.ParseFormat(before.Format)
	c.FormatAfter, ok[2] = estate.ParseFormat(after.Format)
	if !ok[0] || !ok[1] || !ok[2] {
		return nil, errors.New("its kind or format is not known")
	}
	if c.AssignmentBefore, err = decodeAssignment(&before.Assignment); err != nil {
		return nil, err
	}
	if c.AssignmentAfter, err = decodeAssignment(&after.Assignment); err != nil {
		return nil, err
	}
	return c, errors.Join(guid(&c.GUID, before.GUID), guid(&c.Package, before.Package))
}

func decodeCopy(h diff.Header, rawBefore, rawAfter *json.RawMessage, holds string) (diff.Change, error) {
	raw := rawAfter
	if h.Action == diff.Delete {
		raw = rawBefore
	}
	at, err := attributes[copyAttributes](raw)
	if err != nil {
		return nil, err
	}
	class, ok := parse(holds, estate.ClassUnknown, estate.Good)
	if !ok {
		return nil, fmt.Errorf("class %q is not known", holds)
	}
	label, _ := h.Address.ImageLabel()
	c := &diff.CopyChange{
		Header: h, Image: -1, Name: at.Name, Server: at.Server, Class: estate.Class(class),
		Files: orUnknown(at.Files), Bytes: orUnknown(at.Bytes), From: at.From, Label: label,
	}
	return c, guid(&c.Package, at.Package)
}

func decodeServer(h diff.Header, rawBefore *json.RawMessage) (diff.Change, error) {
	at, err := attributes[serverAttributes](rawBefore)
	if err != nil {
		return nil, err
	}
	return &diff.ServerChange{Header: h, Server: at.Name, Host: at.Host, Sites: at.Sites}, nil
}

func decodePreboot(h diff.Header, rawBefore, rawAfter *json.RawMessage) (diff.Change, error) {
	before, err := attributes[prebootAttributes](rawBefore)
	if err != nil {
		return nil, err
	}
	after, err := attributes[prebootAttributes](rawAfter)
	if err != nil {
		return nil, err
	}
	c := &diff.PrebootChange{
		Header: h, Preboot: -1, Name: before.Name, ConnectsToBefore: before.ConnectsTo, ConnectsToAfter: after.ConnectsTo,
	}
	return c, guid(&c.GUID, before.GUID)
}

func decodeAssignment(a *assignment) (estate.AssignmentNames, error) {
	mode, ok := estate.ParseAssignmentMode(a.Mode)
	if !ok {
		return estate.AssignmentNames{}, fmt.Errorf("assignment mode %q is not known", a.Mode)
	}
	return estate.AssignmentNames{Mode: mode, Servers: a.Servers, Sites: a.Sites}, nil
}

func (p *place) decode() diag.Range {
	if p.Start == nil || p.End == nil {
		return diag.Range{}
	}
	return diag.Range{Filename: p.Filename, Start: diag.Pos(*p.Start), End: diag.Pos(*p.End)}
}

// decode turns null into the range that names no place.
func (r *textRange) decode() diag.Range {
	if r == nil {
		return diag.Range{}
	}
	return diag.Range{Filename: r.Filename, Start: diag.Pos(r.Start), End: diag.Pos(r.End)}
}

// parse finds the value between first and last whose word is given.
func parse[T interface {
	~uint8
	String() string
}](word string, first, last T) (uint8, bool) {
	for v := first; v <= last; v++ {
		if v.String() == word {
			return uint8(v), true
		}
	}
	return 0, false
}

func wordOf(words []string, word string) (int, error) {
	for i, w := range words {
		if w == word {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%q is not known", word)
}

func guid(to *estate.GUID, text string) (err error) {
	*to, err = estate.ParseGUID(text)
	return err
}

func parseTime(s string) (estate.Time, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return estate.TimeOf(t), err
}

func orUnknown(n *int64) int64 {
	if n == nil {
		return estate.Unknown
	}
	return *n
}
