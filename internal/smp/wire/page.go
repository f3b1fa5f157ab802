package wire

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Page is a page of the platform that answers a GET with XML. Unlike a service it has
// no method, no parameters but its query, and no description.
type Page struct {
	Name   string // for messages: ItemAsXml.aspx
	Path   string // below the host
	Query  url.Values
	Object string // on what, for messages
}

// pageLimits are of a page: it is about one object.
var pageLimits = Limits{Bytes: 8 << 20, Elements: 200_000}

// Page reads a page with the login that calls have, and follows no redirect. It may be
// repeated like a read. An answer that is no XML, or made for people, is an error of
// KindNotUnderstood, or KindLogin; the error is an *Error.
func (c *Client) Page(ctx context.Context, p Page) (*Node, error) {
	call := Call{Service: p.Name, Class: ClassRead, Object: p.Object}
	u := *c.options.Base
	u.Path, u.RawPath, u.RawQuery = strings.TrimSuffix(u.Path, "/")+p.Path, "", p.Query.Encode()
	return c.repeat(ctx, call, func(try int) (*Node, *Error) {
		return c.try(ctx, call, request{verb: http.MethodGet, url: &u, try: try}, reply.document)
	})
}

// document turns the answer of a page into a tree. A page that writes XML may say that
// it is HTML, as pages do that set no type (I), so the text decides.
func (r reply) document() (*Node, *Error) {
	if e := r.refused(); e != nil {
		return nil, e
	}
	wrong := func(what string, err error, again bool) (*Node, *Error) {
		return nil, &Error{Status: r.status, Kind: KindNotUnderstood, Message: what, Err: err, repeatable: again}
	}
	begin := unmark(r.body)
	switch {
	case len(begin) == 0:
		return wrong("the page is empty", nil, true)
	case r.status != http.StatusOK:
		if r.isHTML() {
			return nil, r.page()
		}
		return nil, r.failure("", pageLimits)
	case looksHTML(begin) || begin[0] != '<':
		return nil, r.page()
	}
	root, err := parseXML(r.body, pageLimits, func(n xml.Name) string { return n.Local })
	switch {
	case err != nil && r.isHTML():
		return nil, r.page()
	case err != nil:
		return wrong("the page is no XML that can be read: "+oneLine(strings.ToValidUTF8(err.Error(), "?")), err, errors.Is(err, errTruncated))
	case strings.EqualFold(root.Name, "html"):
		return nil, r.page()
	}
	return root, nil
}

// looksHTML reports whether a text begins as pages for people do.
func looksHTML(text []byte) bool {
	begin := strings.ToLower(string(bytes.TrimSpace(text[:min(len(text), 512)])))
	return strings.HasPrefix(begin, "<!doctype html") || strings.HasPrefix(begin, "<html")
}
