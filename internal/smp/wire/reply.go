package wire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"pslan/internal/pattern"
)

// reply is an answer of HTTP, read whole.
type reply struct {
	status      int
	contentType string
	location    string
	body        []byte
}

// understand turns an answer into a tree, or tells what it means instead. It knows
// nothing of connections. What is not set in the Error is who was called.
func (r reply) understand(binding Binding, limits Limits) (*Node, *Error) {
	if e := r.refused(); e != nil {
		return nil, e
	}
	if r.isHTML() {
		return nil, r.page()
	}
	if r.status == http.StatusAccepted && len(bytes.TrimSpace(r.body)) == 0 {
		return &Node{Nil: true}, nil // a one-way method (C, RS ServerProtocol.cs)
	}
	if r.status != http.StatusOK {
		return nil, r.failure(binding, limits)
	}
	if binding == Form && isNothing(r.body) {
		return &Node{Nil: true}, nil
	}
	if len(bytes.TrimSpace(r.body)) == 0 {
		return nil, &Error{Status: r.status, Kind: KindNotUnderstood, Message: "the reply is empty", repeatable: true}
	}
	root, err := parseXML(r.body, limits, func(n xml.Name) string { return n.Local })
	if err != nil {
		return nil, &Error{Status: r.status, Kind: KindNotUnderstood, Message: "the reply is no XML that can be read: " + oneLine(strings.ToValidUTF8(err.Error(), "?")), Err: err, repeatable: errors.Is(err, errTruncated)}
	}
	if root.Name == "Envelope" {
		return r.opened(root)
	}
	if binding != Form {
		return nil, &Error{Status: r.status, Kind: KindNotUnderstood, Message: fmt.Sprintf("the reply's root is <%s>, not a SOAP envelope", shorten(root.Name, 60))}
	}
	return root, nil
}

// isNothing reports whether a body is what a form POST has for no result: none at all
// from a method without one (C, RS HttpServerProtocol.cs), or nothing behind the
// declaration, which is what the serializer makes of an XML node that is null (I: seen of
// Mono's, which is the same code).
func isNothing(body []byte) bool {
	begin := unmark(body)
	if _, after, whole := bytes.Cut(begin, []byte("?>")); whole && bytes.HasPrefix(begin, []byte("<?xml ")) {
		begin = after
	}
	return len(bytes.TrimSpace(begin)) == 0
}

// refused are answers that are told by their status alone.
func (r reply) refused() *Error {
	e := &Error{Status: r.status, Message: strings.ToLower(http.StatusText(r.status))}
	switch {
	case r.status >= 300 && r.status < 400:
		return r.redirect()
	case r.status == http.StatusUnauthorized:
		e.Kind, e.Message = KindLogin, "the platform did not let us in"
	case r.status == http.StatusForbidden:
		e.Kind, e.Message = KindLogin, "the platform let us in no further"
	case r.status == http.StatusProxyAuthRequired:
		e.Kind, e.Message = KindLogin, "a proxy on the way wants a login of its own"
	case r.status == http.StatusNotFound || r.status == http.StatusGone:
		e.Kind, e.Message = KindNotInstalled, "there is no such service"
	case r.status == http.StatusMethodNotAllowed || r.status == http.StatusUnsupportedMediaType || r.status == http.StatusNotImplemented:
		// 415 without a body: a wrong content type; 405: a verb that is switched off (C, RS).
		e.Kind, e.Message = KindNoMethod, "the service does not take calls in this form"
	case r.status == http.StatusBadRequest && len(bytes.TrimSpace(r.body)) == 0:
		// A parameter of the wrong form, as a bad GUID (C, RS SoapServerProtocol.cs).
		e.Kind, e.Message = KindInvalid, "the platform could not read the parameters"
	case r.status == http.StatusBadGateway || r.status == http.StatusServiceUnavailable || r.status == http.StatusGatewayTimeout || r.status == http.StatusTooManyRequests:
		e.Kind, e.Message, e.repeatable = KindUnreachable, "the platform does not answer for now", true
	default:
		return nil
	}
	return e
}

// redirect is always an error: the console sends users it does not know to
// /Altiris/NS/access_denied.aspx (D, KB legacy TECH206480).
func (r reply) redirect() *Error {
	e := &Error{Status: r.status, Kind: KindNotUnderstood}
	to := "another address"
	if u, err := url.Parse(r.location); err == nil && r.location != "" {
		to = oneLine(shorten((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(), 200))
		if loginWords().MatchString(u.Path) {
			e.Kind = KindLogin
		}
	}
	e.Message = "the platform sends us on to " + to + ", which is not followed"
	return e
}

var (
	loginWords = pattern.Lazy(`(?i)access[_ ]?denied|log[io]n|\blog[_ ][io]n|\bsign[_ -]?in\b|adfs|/auth`)
	passwordIn = pattern.Lazy(`(?i)<input[^>]{0,500}type\s*=\s*["']?password`)
	pageTitle  = pattern.Lazy(`(?is)<title[^>]{0,200}>(.*?)</title`)
)

func (r reply) isHTML() bool {
	if kind, _, _ := mime.ParseMediaType(r.contentType); kind == "text/html" || kind == "application/xhtml+xml" {
		return len(bytes.TrimSpace(r.body)) > 0
	}
	return looksHTML(r.body)
}

// page is an answer made for people: an error page of ASP.NET, a login page, a proxy.
func (r reply) page() *Error {
	text := string(r.body[:min(len(r.body), logScanned)])
	title := ""
	if m := pageTitle().FindStringSubmatch(text); m != nil {
		title = plainMessage(m[1])
	}
	e := &Error{Status: r.status, Kind: KindNotUnderstood, Message: "a page for people came in place of an answer", paged: true}
	if title != "" {
		e.Message += fmt.Sprintf(": %q", title)
	}
	if passwordIn().MatchString(text) || loginWords().MatchString(title) {
		e.Kind = KindLogin
		return e
	}
	if r.status != http.StatusOK {
		e.Kind, e.Exception = classify("", html.UnescapeString(text))
		e.repeatable = e.deadlocked(text)
	}
	return e
}

// failure is an answer with a status of failure and a body: a SOAP fault, or one text.
func (r reply) failure(binding Binding, limits Limits) *Error {
	if begin := bytes.TrimSpace(unmark(r.body)); bytes.HasPrefix(begin, []byte("<")) {
		if root, err := parseXML(r.body, limits, func(n xml.Name) string { return n.Local }); err == nil && root.Name == "Envelope" {
			if _, e := r.opened(root); e != nil {
				return e
			}
		}
	}
	text := html.UnescapeString(string(r.body[:min(len(r.body), logScanned)]))
	e := &Error{Status: r.status, Message: plainMessage(string(r.body))}
	e.Kind, e.Exception = classify("", text)
	e.repeatable = e.deadlocked(text)
	if e.Kind == KindServer && r.status == http.StatusBadRequest {
		e.Kind = KindInvalid
	}
	if e.Message == "" {
		e.Message = "the platform failed and did not say why"
	}
	return e
}

// opened takes the result out of a SOAP envelope: Response, and in it Result. A
// result that is not there is null, or the method has none.
func (r reply) opened(root *Node) (*Node, *Error) {
	body := root.Child("Body")
	if body == nil || len(body.Children) == 0 {
		return nil, &Error{Status: r.status, Kind: KindNotUnderstood, Message: "the SOAP reply has no body"}
	}
	answer := body.Children[0]
	if answer.Name == "Fault" {
		exception, text, sender := fault(answer)
		e := &Error{Status: r.status, Message: plainMessage(text)}
		e.Kind, e.Exception = classify(exception, html.UnescapeString(shorten(text, logScanned)))
		e.repeatable = e.deadlocked(text)
		if e.Kind == KindServer && sender {
			e.Kind = KindInvalid
		}
		if e.Message == "" {
			e.Message = "the platform reports a fault and does not say which"
		}
		return nil, e
	}
	if r.status != http.StatusOK {
		return nil, &Error{Status: r.status, Kind: KindNotUnderstood, Message: "the status is one of failure, the reply is not"}
	}
	return result(answer), nil
}

// result is <MethodResult> in <MethodResponse>; ItemModel.GetItemInfo names its own
// ItemInfo (C, W).
func result(answer *Node) *Node {
	method := strings.TrimSuffix(answer.Name, "Response")
	if n := answer.Child(method + "Result"); n != nil {
		return n
	}
	switch len(answer.Children) {
	case 0:
		return &Node{Name: method + "Result", Nil: true}
	case 1:
		return answer.Children[0]
	}
	return answer
}
