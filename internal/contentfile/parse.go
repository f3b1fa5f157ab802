package contentfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"pslan/internal/diag"
	"pslan/internal/estate"
)

// maxProblems is how many problems of one file are told.
const maxProblems = 20

// Parse reads a record; name is the file's, for messages. With errors there is none.
func Parse(text []byte, name string) (*Record, diag.Diagnostics) {
	text = bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
	p := &parser{text: text, name: name, r: &Record{entries: map[estate.GUID]*entry{}}, d: json.NewDecoder(bytes.NewReader(text))}
	p.document()
	if p.more > 0 {
		p.diags = p.diags.Errorf(diag.Range{}, "More problems in the record of contents", "%s has %d more problems that are not shown.", name, p.more)
	}
	if p.diags.HasErrors() {
		return nil, p.diags
	}
	return p.r, nil
}

type parser struct {
	text  []byte
	name  string
	d     *json.Decoder
	r     *Record
	diags diag.Diagnostics
	more  int
	head  struct{ version, contents bool }
	// lines were counted up to an offset: entries come one after another.
	counted int
	lines   int32
}

// report tells a problem at an offset, with the line it stands in.
func (p *parser) report(at int64, format string, args ...any) {
	if len(p.diags) >= maxProblems {
		p.more++
		return
	}
	i := max(0, min(int(at), len(p.text)))
	begin := bytes.LastIndexByte(p.text[:i], '\n') + 1
	column := int32(utf8.RuneCount(p.text[begin:i])) + 1
	pos := diag.Pos{Line: p.lineOf(i), Column: column, Byte: int32(min(i, math.MaxInt32))}
	end := pos
	end.Column, end.Byte = end.Column+1, end.Byte+1
	p.diags = append(p.diags, &diag.Diagnostic{
		Severity: diag.Error, Summary: "Broken record of contents", Detail: fmt.Sprintf(format, args...),
		Subject: diag.Range{Filename: p.name, Start: pos, End: end},
	})
}

func (p *parser) lineOf(offset int) int32 {
	if offset < p.counted {
		p.counted, p.lines = 0, 0
	}
	p.lines += int32(bytes.Count(p.text[p.counted:offset], []byte{'\n'}))
	p.counted = offset
	return p.lines + 1
}

// document reads {"format_version": "1.…", "contents": […]}, keys in any order.
func (p *parser) document() {
	if i := bytes.Index(p.text, []byte("\n<<<<<<< ")); i >= 0 {
		p.report(int64(i)+1, "Here begins a conflict that a version control system left. Settle it: keep both sides' lines, and of two lines for one image the one with the higher version.")
		return
	}
	if !p.opens('{', "a record of contents, an object") {
		return
	}
	for p.d.More() {
		key, _ := p.token()
		switch key {
		case "format_version":
			p.version()
		case "contents":
			p.head.contents = true
			p.list()
		case nil:
			return
		default:
			var any json.RawMessage
			if err := p.d.Decode(&any); err != nil {
				p.broken(err)
				return
			}
		}
		if p.stopped() {
			return
		}
	}
	if _, err := p.d.Token(); err != nil {
		p.broken(err)
		return
	}
	if _, err := p.d.Token(); !errors.Is(err, io.EOF) {
		p.report(p.d.InputOffset(), "Something stands behind the end of the record.")
	}
	if !p.head.version {
		p.report(0, `The "format_version" is missing, so this may be another kind of file.`)
	}
	if !p.head.contents {
		p.report(0, `The list "contents" is missing, so this may be another kind of file.`)
	}
}

// stopped reports whether the JSON is broken, so that nothing more can be read.
func (p *parser) stopped() bool { return p.d == nil }

func (p *parser) token() (json.Token, int64) {
	at := p.begin()
	t, err := p.d.Token()
	if err != nil {
		p.broken(err)
		return nil, at
	}
	return t, at
}

// begin is where the next value begins.
func (p *parser) begin() int64 {
	at := p.d.InputOffset()
	for at < int64(len(p.text)) && strings.IndexByte(" \t\r\n,:", p.text[at]) >= 0 {
		at++
	}
	return at
}

// broken tells that the JSON ends here or is none.
func (p *parser) broken(err error) {
	var syntax *json.SyntaxError
	at := int64(len(p.text))
	if errors.As(err, &syntax) {
		at = max(0, syntax.Offset-1)
	} else if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		at = p.d.InputOffset()
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || at >= int64(len(p.text)) {
		p.report(at, "The file ends in the middle. Take it from the version control system again, or delete it: then the contents are recorded anew when the owners' copies are seen.")
	} else {
		p.report(at, "This is no JSON: %v.", err)
	}
	p.d = nil
}

func (p *parser) opens(with json.Delim, what string) bool {
	t, at := p.token()
	if p.stopped() {
		return false
	}
	if t != with {
		p.report(at, "Expected is %s.", what)
		p.d = nil
		return false
	}
	return true
}

func (p *parser) version() {
	t, at := p.token()
	if p.stopped() {
		return
	}
	p.head.version = true
	text, _ := t.(string)
	if major, _, _ := strings.Cut(text, "."); major != "1" {
		p.report(at, "The format version is %v, and this pslan reads version 1. Use the pslan that wrote it, or a newer one.", t)
		p.d = nil
	}
}

func (p *parser) list() {
	if !p.opens('[', "a list of contents") {
		return
	}
	for p.d.More() {
		at := p.begin()
		var l line
		err := p.d.Decode(&l)
		var wrong *json.UnmarshalTypeError
		switch {
		case errors.As(err, &wrong):
			p.report(at, "%q cannot be %s.", wrong.Field, wrong.Value)
		case err != nil:
			p.broken(err)
			return
		default:
			p.add(at, &l)
		}
	}
	if _, err := p.d.Token(); err != nil {
		p.broken(err)
	}
}

// add takes one image, or says what is wrong with it.
func (p *parser) add(at int64, l *line) {
	e := entry{name: l.Name, line: p.lineOf(int(at)), content: estate.Content{Files: l.Files, Bytes: l.Bytes, Version: l.Version, From: l.From}}
	begun := len(p.diags) + p.more
	must := func(err error, key string) {
		if err != nil {
			p.report(at, "%q: %v.", key, err)
		}
	}
	image, err := estate.ParseGUID(l.Image)
	must(err, "image")
	e.pack, err = estate.ParseGUID(l.Package)
	must(err, "package")
	e.content.Digest, err = estate.ParseDigest(l.Digest)
	must(err, "digest")
	e.content.Listing, err = estate.ParseDigest(l.Listing)
	must(err, "listing")
	e.content.TakenAt, err = moment(l.TakenAt)
	must(err, "taken_at")
	switch {
	case len(p.diags)+p.more > begun:
		return
	case image.IsZero():
		p.report(at, `The GUID of the image is missing: "image".`)
		return
	case l.Files <= 0 || l.Bytes < 0 || l.Version < 0:
		p.report(at, "%s has %d files, %d bytes and version %d. Nothing empty is ever recorded, and no number is negative.", l.Name, l.Files, l.Bytes, l.Version)
		return
	case e.content.Digest.IsZero() && e.content.Listing.IsZero():
		p.report(at, `%s has neither "digest" nor "listing", so nothing could be compared with it.`, l.Name)
		return
	}
	if other := p.r.entries[image]; other != nil {
		p.report(at, "The image %s stands in line %d already. Keep one of the two: the one with the higher version.", image, other.line)
		return
	}
	p.r.entries[image] = &e
}

func moment(s string) (estate.Time, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return 0, fmt.Errorf("%q is no time like 2026-11-22T10:00:00Z", s)
	}
	return estate.TimeOf(t), nil
}
