package serve

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"pslan/internal/pattern"
)

// form answers GET and form POST on ...asmx/Method (C: ASP.NET's HttpServerProtocol
// and ValueCollectionParameterReader).
func (s *Server) form(w http.ResponseWriter, r *http.Request, p *endpoint, name string) {
	protocol := strings.ToLower(r.Method)
	if protocol != "get" && protocol != "post" {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if len(r.URL.RawQuery) > maxQuery {
		page(w, http.StatusNotFound, "<html><body><h2>404 - The query string is too long.</h2></body></html>\n")
		return
	}
	if p.off[protocol] {
		s.refused(p, name, protocol, r, http.StatusInternalServerError, "the protocol is off")
		said := "Request format is unrecognized for URL unexpectedly ending in '/" + name + "'."
		if s.dialect.Errors == "suppressed" {
			said = "Runtime Error" // what other machines are shown, unless they are to be told (D)
		}
		page(w, http.StatusInternalServerError, errorPage(said))
		return
	}
	v := p.byName[name]
	if v == nil || !v.forForms() {
		why := p.noMethod(name)
		s.refused(p, name, protocol, r, s.plain(w, name, &problem{exception: "System.InvalidOperationException", message: why}), why)
		return
	}
	args, err := s.bindForm(r, v)
	if err != nil {
		s.refused(p, name, protocol, r, s.plain(w, name, &problem{exception: "System.ArgumentException", message: err.Error()}), err.Error())
		return
	}
	s.carryOut(w, r, p, v, protocol, args)
}

// maxQuery is the most that a query may take, in bytes (I: the class of IIS).
const maxQuery = 2048

// refused puts a request into the journal that came to no method.
func (s *Server) refused(p *endpoint, name, protocol string, r *http.Request, status int, why string) {
	s.keep(Call{At: s.lab.Now(), Service: p.name, Method: name, Protocol: protocol, User: userOf(r), Status: status, Error: why})
}

// noMethod says that a service has no such method for a form, or that it is spelled
// otherwise: names of methods know case.
func (p *endpoint) noMethod(name string) string {
	for i := range p.variants {
		if v := &p.variants[i]; v.forForms() && v.name != name && strings.EqualFold(v.name, name) {
			return fmt.Sprintf("Invalid method name '%s',  method names are case sensitive.   The method name '%s' with the same name but different casing was found.\r\nParameter name: methodName", name, v.name)
		}
	}
	return name + " Web Service method name is not valid."
}

func (s *Server) bindForm(r *http.Request, v *variant) (map[string]arg, error) {
	values, err := formValues(r)
	if err != nil {
		return nil, err
	}
	if s.dialect.FormMarkup == "refused" {
		if err := noMarkup(values, r.Method); err != nil {
			return nil, err
		}
	}
	// Names of fields know no case (I: NameValueCollection); several values of one
	// name are joined by commas, as that collection has it.
	given := map[string]string{}
	for _, name := range sortedKeys(values) {
		key := strings.ToLower(name)
		if have, twice := given[key]; twice {
			given[key] = have + "," + strings.Join(values[name], ",")
		} else {
			given[key] = strings.Join(values[name], ",")
		}
	}
	args := map[string]arg{}
	for _, p := range v.params {
		value, ok := given[strings.ToLower(p.name)]
		if !ok {
			return nil, wordsf("Missing parameter: %s.", p.name)
		}
		if err := convertible(value, p.shape); err != nil {
			return nil, err
		}
		args[p.name] = arg{text: value}
	}
	return args, nil
}

// formValues reads the query of a GET, or the body of a POST.
func formValues(r *http.Request) (url.Values, error) {
	if r.Method == http.MethodGet {
		return url.ParseQuery(r.URL.RawQuery)
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	// A POST without a body and without a type binds no parameters.
	if r.ContentLength == 0 && r.Header.Get("Content-Type") == "" {
		return url.Values{}, nil
	}
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, words("Request format is invalid: " + r.Header.Get("Content-Type") + ".")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return url.ParseQuery(string(body))
}

var markup = pattern.Lazy(`<[A-Za-z!/?]|&#`)

// noMarkup refuses what looks like markup, as ASP.NET validates forms and queries (C).
func noMarkup(values url.Values, verb string) error {
	where := "Form"
	if verb == http.MethodGet {
		where = "QueryString"
	}
	for _, name := range sortedKeys(values) {
		value := strings.Join(values[name], ",")
		if at := markup().FindStringIndex(value); at != nil {
			before, after := "", ""
			begin, end := max(0, at[0]-10), min(len(value), at[0]+20)
			if begin > 0 {
				before = "..."
			}
			if end < len(value) {
				after = "..."
			}
			return wordsf(`A potentially dangerous Request.%s value was detected from the client (%s="%s").`, where, name, before+strings.ToValidUTF8(value[begin:end], "")+after)
		}
	}
	return nil
}

// words is an error in the platform's own words.
type words string

func (w words) Error() string { return string(w) }

func wordsf(format string, args ...any) error { return words(fmt.Sprintf(format, args...)) }

// convertible holds text against the shape that Convert.ChangeType would make of it.
func convertible(value string, to shape) error {
	no := func(name, why string) error {
		return wordsf("Cannot convert %s to %s.\r\nParameter name: type ---> %s", value, name, why)
	}
	switch to.form {
	case formBool:
		if v := strings.TrimSpace(value); !strings.EqualFold(v, "true") && !strings.EqualFold(v, "false") {
			return no("System.Boolean", "String was not recognized as a valid Boolean.")
		}
	case formInt:
		if _, err := strconv.ParseInt(strings.TrimSpace(value), 10, 32); err != nil {
			return no("System.Int32", notANumber)
		}
	}
	return nil
}

const notANumber = "Input string was not in a correct format."

// carryOut runs a method that was bound, and answers.
func (s *Server) carryOut(w http.ResponseWriter, r *http.Request, p *endpoint, v *variant, protocol string, args map[string]arg) {
	c := &call{server: s, ctx: r.Context(), variant: v, args: args, draws: s.drawsFor(p, v), user: userOf(r)}
	done := Call{Service: p.name, Method: v.name, Protocol: protocol, User: c.user, Args: c.journalArgs(), Changes: v.method.changes}
	done.At = s.lab.Now()
	defer func() { s.keep(done) }()
	c.trouble = s.trouble(v, c.draws)
	if c.trouble != nil {
		done.Trouble = c.trouble.Kind
		if c.trouble.before(w, r) {
			return
		}
	}
	result, err := s.run(c, p, fmt.Sprint(p.name, v.name, done.Args))
	var failed *problem
	if err != nil {
		failed = s.refusal(err)
		done.Error = failed.message
		if failed.gone {
			cut()
		}
	}
	out := answer{w: w, status: http.StatusOK}
	switch {
	case failed != nil && isSOAP(protocol):
		out.status = s.fault(&out, protocol, v.name, failed)
	case failed != nil:
		out.status = s.plain(&out, v.name, failed)
	default:
		text := s.render(c, p, protocol, result)
		if len(text) > 0 {
			out.Header().Set("Content-Type", soapType(protocol))
		} else {
			out.Header()["Content-Type"] = nil // void says nothing (C)
		}
		_, _ = out.Write(text)
	}
	done.Status = out.status
	if c.trouble != nil && c.trouble.Kind == TroubleReset {
		done.Status = 0
		cut()
	}
	out.send(c.trouble, r)
}

// run has the method do its work.
func (s *Server) run(c *call, p *endpoint, what string) (any, error) {
	if err := s.permitted(p, c.variant); err != nil {
		return nil, err
	}
	if c.trouble != nil && c.trouble.Kind == TroubleFail {
		return nil, internal("something went wrong inside")
	}
	if c.trouble != nil && c.trouble.Kind == TroubleFalse && c.variant.method.result.form == formBool {
		return false, nil
	}
	if err := s.pace.notice(c.ctx, what, c.variant.method.changes); err != nil {
		return nil, err
	}
	return c.variant.method.run(c)
}

func (s *Server) drawsFor(p *endpoint, v *variant) *draws {
	key := p.name + "." + v.name
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[key]++
	return newDraws(s.seed, key, s.counts[key])
}

// answer holds an answer back until it is sent.
type answer struct {
	w      http.ResponseWriter
	status int
	body   []byte
}

func (a *answer) Header() http.Header { return a.w.Header() }
func (a *answer) WriteHeader(n int)   { a.status = n }
func (a *answer) Write(b []byte) (int, error) {
	a.body = append(a.body, b...)
	return len(b), nil
}

// send sends it, whole or as a trouble has it.
func (a *answer) send(t *Trouble, r *http.Request) {
	if t != nil && t.Kind == TroubleLate {
		t.wait(r.Context())
	}
	a.w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	a.w.WriteHeader(a.status)
	if t != nil && t.Kind == TroubleTruncated {
		_, _ = a.w.Write(a.body[:len(a.body)/2])
		if f, ok := a.w.(http.Flusher); ok {
			f.Flush()
		}
		cut()
	}
	_, _ = a.w.Write(a.body) // whoever asked may be gone
}

// zone is the time zone of everything written.
func (s *Server) zone() *time.Location {
	if s.offset == 0 {
		return time.UTC
	}
	return time.FixedZone("", int(s.offset/time.Second))
}
