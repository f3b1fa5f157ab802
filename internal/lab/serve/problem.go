package serve

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strings"

	"pslan/internal/lab/world"
	"pslan/internal/platform"
)

// problem is an exception of the platform.
type problem struct {
	exception string // type, with its namespace
	message   string
	asdk      bool // it has the three nodes of the ASDK
	client    bool // the request could not be read
	http      int  // status instead of 500; with it there is no body
	gone      bool // no answer at all
}

func (p *problem) Error() string { return p.message }

// The ASDK's own exceptions (D: the help's topic Troubleshooting; the namespace
// before the names is not documented).
func asdk(name, format string, args ...any) *problem {
	return &problem{exception: "Altiris.ASDK." + name, message: fmt.Sprintf(format, args...), asdk: true}
}

func invalid(name, why string) *problem {
	return asdk("ASDKInvalidParameterException", "Invalid parameter %s: %s", name, why)
}

func missing(name, value string) *problem {
	return asdk("ASDKDoesNotExistException", "%s %s does not exist", name, value)
}

func unlike(name, kind string) *problem {
	return asdk("ASDKInvalidTypeException", "Parameter %s is not of type %s", name, kind)
}

func internal(text string) *problem {
	return asdk("ASDKInternalException", "An internal exception occured %s", text) // spelled so (D)
}

// refusal is what the lab's answers are on the wire.
func (s *Server) refusal(err error) *problem {
	var own *problem
	if errors.As(err, &own) {
		return own
	}
	var r *world.Refusal
	if !errors.As(err, &r) {
		if !errors.Is(err, context.Canceled) {
			s.tell(err) // no answer of the lab: something is wrong with it
		}
		return internal(err.Error())
	}
	switch r.Kind {
	case platform.KindUnreachable:
		return &problem{message: r.Text, gone: true}
	case platform.KindNotFound:
		return asdk("ASDKDoesNotExistException", "%s", r.Text)
	}
	return internal(r.Text)
}

// absentHere is missing, for what the lab is asked while it is held.
func absentHere(name, value string) error {
	return &world.Refusal{Kind: platform.KindNotFound, Text: missing(name, value).message}
}

// permitted is what a library says before a call: installed, licensed, allowed.
func (s *Server) permitted(p *endpoint, v *variant) error {
	has := func(list []string, names ...string) bool {
		for _, have := range list {
			for _, name := range names {
				if have == name || have == "*" {
					return true
				}
			}
		}
		return false
	}
	if p.library != "" && has(s.dialect.NotInstalled, p.library) {
		return asdk("ASDKNoProductExistsException", "Product %s was not found. It must be installed.", products[p.library])
	}
	if p.library != "" && has(s.dialect.Unlicensed, p.library) {
		return asdk("ASDKInvalidLicenseException", "The license for product %s was not found or is expired.", products[p.library])
	}
	if has(s.dialect.Denied, p.name, v.name, v.method.name) {
		// Worded after a public report (C, FORUM): a matter of rights that talks of licences.
		return &problem{exception: "System.Exception", message: "Unable to check for license '9f9a80fc-2d71-4b08-a1ad-fb146b4af2c6' because the user does not have required permission 'Read' on item 'd0e33520-c160-11d2-8612-00104b74a9df'."}
	}
	return nil
}

var products = map[string]string{
	"SMF": "Software Management Framework", "SoftwareDelivery": "Software Management Solution", "DeploymentSolution": "Deployment Solution",
	"NS": "Notification Server", "Task": "Altiris Task Management",
}

// stack is what stands behind a message where details are on.
func (p *problem) stack(v string) string {
	return "   at Altiris.ASDK.Lab." + v + "()\r\n   at lab(0)"
}

// plain answers a GET or a form POST that went wrong (C: ASP.NET's HttpServerProtocol).
func (s *Server) plain(w http.ResponseWriter, method string, p *problem) int {
	text := p.message
	switch s.dialect.Errors {
	case "stack":
		text = p.exception + ": " + text + "\r\n" + p.stack(method)
	case "suppressed":
		text = "An error occurred on the server."
	case "html":
		page(w, http.StatusInternalServerError, errorPage(text))
		return http.StatusInternalServerError
	default:
		// Each message of a chain is escaped by itself (C).
		text = strings.NewReplacer("&#34;", "&quot;", " ---&gt; ", " ---> ").Replace(html.EscapeString(text))
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write([]byte(text + "\r\n")) // whoever asked may be gone
	return http.StatusInternalServerError
}

func errorPage(text string) string {
	return "<!DOCTYPE html>\r\n<html><head><title>" + html.EscapeString(text) + "</title></head><body><h1>Server Error in '/Altiris' Application.</h1><h2><i>" +
		html.EscapeString(text) + "</i></h2></body></html>\r\n"
}

// fault answers a SOAP call that went wrong.
func (s *Server) fault(w http.ResponseWriter, version, method string, p *problem) int {
	status := http.StatusInternalServerError
	switch {
	case p.http != 0:
		w.Header().Set("Content-Type", soapType(version))
		w.WriteHeader(p.http)
		return p.http
	case s.dialect.Errors == "empty 400":
		w.WriteHeader(http.StatusBadRequest)
		return http.StatusBadRequest
	case s.dialect.Errors == "html":
		page(w, status, errorPage(p.message))
		return status
	}
	// What is thrown as a SoapException keeps its own words: only so can the nodes of the
	// ASDK come into the detail (I). Any other exception stands behind ASP.NET's.
	said, inner := p.message, !p.client && (!p.asdk || s.dialect.ErrorDetail == "absent")
	switch {
	case s.dialect.Errors == "suppressed":
		said = "Server was unable to process request."
	case s.dialect.Errors == "stack" && inner:
		said = "System.Web.Services.Protocols.SoapException: Server was unable to process request. ---> " + p.exception + ": " + said + "\r\n" + p.stack(method)
	case s.dialect.Errors == "stack":
		said = "System.Web.Services.Protocols.SoapException: " + said + "\r\n" + p.stack(method)
	case inner:
		said = "Server was unable to process request. ---> " + said
	}
	var b writer
	b.WriteString(soapHeader)
	body := func() { s.detail(&b, version, method, p) }
	if version == "soap12" {
		code := "soap:Receiver"
		if p.client {
			code = "soap:Sender"
		}
		b.start("soap:Envelope", "xmlns:soap", soap12Space, "xmlns:xsi", schemaInstance, "xmlns:xsd", schemaSpace)
		b.WriteString("<soap:Body><soap:Fault><soap:Code>")
		b.leaf("soap:Value", code)
		b.WriteString("</soap:Code><soap:Reason>")
		b.leaf("soap:Text", said, "xml:lang", "en")
		b.WriteString("</soap:Reason>")
		body()
	} else {
		code := "soap:Server"
		if p.client {
			code = "soap:Client"
		}
		b.start("soap:Envelope", "xmlns:soap", soap11Space, "xmlns:xsi", schemaInstance, "xmlns:xsd", schemaSpace)
		b.WriteString("<soap:Body><soap:Fault>")
		b.leaf("faultcode", code)
		b.leaf("faultstring", said)
		body()
	}
	b.WriteString("</soap:Fault></soap:Body></soap:Envelope>")
	w.Header().Set("Content-Type", soapType(version))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // whoever asked may be gone
	return status
}

// detail holds the three nodes of the ASDK (D), where the exception is one of its own.
func (s *Server) detail(b *writer, version, method string, p *problem) {
	name := "detail"
	if version == "soap12" {
		name = "soap:Detail"
	}
	if !p.asdk || s.dialect.ErrorDetail == "absent" {
		b.empty(name)
		return
	}
	b.start(name)
	b.WriteString("<error>")
	b.leaf("exceptionType", p.exception)
	b.leaf("stackTrace", strings.TrimSpace(p.stack(method)))
	b.leaf("innerException", "")
	b.WriteString("</error>")
	b.end(name)
}
