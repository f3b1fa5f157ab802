package serve

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"pslan/internal/estate"
)

const (
	soap11Space = "http://schemas.xmlsoap.org/soap/envelope/"
	soap12Space = "http://www.w3.org/2003/05/soap-envelope"
	guidSpace   = "http://microsoft.com/wsdl/types/" // ASMX's own (I)
	soapHeader  = `<?xml version="1.0" encoding="utf-8"?>`
	xmlHeader   = soapHeader + "\r\n"
)

func isSOAP(protocol string) bool { return strings.HasPrefix(protocol, "soap") }

// soapType is the media type of an answer.
func soapType(protocol string) string {
	if protocol == "soap12" {
		return "application/soap+xml; charset=utf-8"
	}
	return "text/xml; charset=utf-8"
}

// soap answers a POST on the service itself.
func (s *Server) soap(w http.ResponseWriter, r *http.Request, p *endpoint) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	version := map[string]string{"text/xml": "soap11", "application/soap+xml": "soap12"}[kind]
	if err != nil || version == "" || p.off[version] {
		w.WriteHeader(http.StatusUnsupportedMediaType) // C: no body
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	no := func(name string, why *problem) {
		s.refused(p, name, version, r, s.fault(w, version, name, why), why.message)
	}
	inner, err := readEnvelope(body, version)
	if err != nil {
		// C: where an XML error is in the chain, the status is 400 and there is no body.
		no("", &problem{message: err.Error(), client: true, http: http.StatusBadRequest})
		return
	}
	v, why := p.route(version, r.Header, params["action"], inner)
	if why != nil {
		no(inner.name, why)
		return
	}
	args, why := bindSOAP(inner, v, p.namespace)
	if why != nil {
		no(v.name, why)
		return
	}
	s.carryOut(w, r, p, v, version, args)
}

// readEnvelope returns the first element in the body of an envelope.
func readEnvelope(data []byte, version string) (*node, error) {
	root, err := readTree(data)
	if err != nil {
		return nil, err
	}
	space := soap11Space
	if version == "soap12" {
		space = soap12Space
	}
	if root.name != "Envelope" || root.space != space {
		return nil, errors.New("the root element is no envelope of this version of SOAP")
	}
	body := root.child(space, "Body")
	if body == nil || len(body.children) == 0 {
		return nil, errors.New("the envelope has no body")
	}
	return body.children[0], nil
}

const noAction = "Unable to handle request without a valid action parameter. Please supply a valid soap action."

// route finds the method: SOAP 1.1 by the header SOAPAction, SOAP 1.2 by the action
// of the media type or, where that says nothing, by the first element (C: ASP.NET's Soap11ServerProtocol
// and Soap12ServerProtocol).
func (p *endpoint) route(version string, h http.Header, action string, inner *node) (*variant, *problem) {
	if version == "soap11" {
		if _, ok := h["Soapaction"]; !ok {
			return nil, &problem{client: true, message: noAction}
		}
		action = strings.Trim(h.Get("SOAPAction"), `"`)
	}
	for i := range p.variants {
		if v := &p.variants[i]; action == p.action(v) {
			return v, nil
		}
	}
	if version == "soap11" {
		return nil, &problem{client: true, message: "Server did not recognize the value of HTTP Header SOAPAction: " + action + "."}
	}
	if v := p.byName[inner.name]; v != nil && inner.space == p.namespace {
		return v, nil
	}
	if action == "" {
		return nil, &problem{client: true, message: noAction}
	}
	return nil, &problem{client: true, message: "Unable to handle request. The action '" + action + "' was not recognized."}
}

// action is the SOAPAction of a method: the namespace, a slash unless it has one,
// and the name (C: ASP.NET's SoapReflector).
func (p *endpoint) action(v *variant) string {
	if strings.HasSuffix(p.namespace, "/") {
		return p.namespace + v.name
	}
	return p.namespace + "/" + v.name
}

// bindSOAP reads the arguments. Elements of another name or namespace are passed
// over, as the serializer of ASP.NET does; a string that is left out is null, any
// other type its zero.
func bindSOAP(inner *node, v *variant, namespace string) (map[string]arg, *problem) {
	args := map[string]arg{}
	for _, p := range v.params {
		n := inner.child(namespace, p.name)
		if inner.name != v.name || inner.space != namespace {
			n = nil
		}
		if n == nil || n.null {
			args[p.name] = absent(p.shape)
			continue
		}
		a := arg{text: n.text}
		switch p.shape.form {
		case formGUID:
			g, err := estate.ParseGUID(strings.TrimSpace(n.text))
			if err != nil || g.IsZero() && strings.TrimSpace(n.text) == "" {
				return nil, unreadable("Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).")
			}
			a.text = g.String()
		case formGUIDs:
			a.list = []estate.GUID{}
			for _, item := range n.children {
				g, err := estate.ParseGUID(strings.TrimSpace(item.text))
				if err != nil {
					return nil, unreadable("Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).")
				}
				a.list = append(a.list, g)
				a.text += "," + g.String()
			}
			a.text = strings.TrimPrefix(a.text, ",")
		case formBool:
			switch strings.TrimSpace(n.text) {
			case "true", "false", "1", "0":
			default:
				return nil, unreadable("The string '" + n.text + "' is not a valid Boolean value.")
			}
		case formInt:
			if convertible(n.text, p.shape) != nil {
				return nil, unreadable(notANumber)
			}
		}
		args[p.name] = a
	}
	return args, nil
}

func absent(s shape) arg {
	switch s.form {
	case formGUID:
		return arg{text: zeroGUID}
	case formBool:
		return arg{text: "false"}
	case formInt:
		return arg{text: "0"}
	}
	return arg{null: true}
}

// unreadable is what the serializer says of a value. It names the place; here it is
// always the beginning.
func unreadable(why string) *problem {
	return &problem{client: true, message: "Server was unable to read request. ---> There is an error in XML document (1, 1). ---> " + why}
}
