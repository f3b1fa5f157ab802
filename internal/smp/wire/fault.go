package wire

import (
	"html"
	"net/http"
	"strings"

	"pslan/internal/pattern"
)

// exceptions are the types of the Administrator SDK (D, H Troubleshooting) with the
// kinds they mean (I).
var exceptions = []struct {
	suffix string
	kind   Kind
}{
	{"ASDKNoProductExistsException", KindNotInstalled},
	{"ASDKInvalidLicenseException", KindLicence},
	{"ASDKInsufficientPermissionException", KindRights},
	{"ASDKDoesNotExistException", KindNotFound},
	{"ASDKInvalidTypeException", KindWrongType},
	{"ASDKInvalidParameterException", KindInvalid},
	{"ASDKInternalException", KindServer},
	{"ASDKException", KindServer},
}

// markupRefused is how ASP.NET begins to say that it takes no markup in a form.
const markupRefused = "a potentially dangerous request.form value was detected"

// phrases are texts that tell a kind where there is no type: a form POST that fails
// has nothing but a text (C, RS HttpServerProtocol.cs). All words must be in it. The
// first row that fits decides: a check for a licence that fails for lack of a right
// is about the right (C, FORUM).
var phrases = []struct {
	words []string
	kind  Kind
}{
	{[]string{"does not have required permission"}, KindRights}, // C, FORUM
	{[]string{"insufficient permission"}, KindRights},           // D, KB 395487
	// ASP.NET's own texts: C, RS System.Web.Services.txt.
	{[]string{"web service method name is not valid"}, KindNoMethod},
	{[]string{"invalid method name '"}, KindNoMethod},
	{[]string{"request format is unrecognized for url"}, KindNoMethod},
	{[]string{"request format is invalid:"}, KindNoMethod},
	{[]string{"did not recognize the value of http header soapaction"}, KindNoMethod},
	{[]string{"unable to handle request without a valid action parameter"}, KindNoMethod},
	{[]string{"unable to handle request. the action '", "was not recognized"}, KindNoMethod}, // SOAP 1.2
	{[]string{"the request element <", "was not recognized"}, KindNoMethod},
	// Call.markup. It is refused while parameters are read, so nothing was done (C, RS
	// HtmlFormParameterReader.cs).
	{[]string{markupRefused}, KindNoMethod},
	{[]string{"missing parameter:"}, KindInvalid},
	{[]string{"cannot convert ", " to system."}, KindInvalid},
	{[]string{"server was unable to read request"}, KindInvalid},
	// Typical messages of the SDK's types (D, H Troubleshooting, which says that they are
	// not enforced).
	{[]string{"check for license"}, KindLicence},
	{[]string{"license", "expired"}, KindLicence},
	{[]string{"license", "not found"}, KindLicence},
	{[]string{"must be installed"}, KindNotInstalled},
	{[]string{"parameter", "is not of type"}, KindWrongType},
	{[]string{"parameter", "does not exist"}, KindNotFound},
	{[]string{"invalid parameter"}, KindInvalid},
}

var exceptionName = pattern.Lazy(`\b(?:\w+\.)*ASDK\w*Exception\b`)

// classify finds the kind of a failure from the platform's words: exception is the
// type it named, if it did; text is all it said.
func classify(exception, text string) (Kind, string) {
	lower := strings.ToLower(text)
	for _, p := range phrases[:2] { // rights go before every type
		if strings.Contains(lower, p.words[0]) {
			return p.kind, exception
		}
	}
	// Innermost types say more than the general ones around them.
	for _, name := range append([]string{exception}, exceptionName().FindAllString(shorten(text, logScanned), -1)...) {
		for _, e := range exceptions {
			if strings.HasSuffix(name, e.suffix) && e.kind != KindServer {
				return e.kind, name
			}
		}
	}
	for _, p := range phrases {
		if containsAll(lower, p.words) {
			return p.kind, exception
		}
	}
	if exception == "" {
		exception = exceptionName().FindString(shorten(text, logScanned))
	}
	return KindServer, exception
}

// doubt looks twice at a text that says "no such method": where it does not name what
// was called, it may come from deep inside a method that did run, and the next way
// must not be tried.
func (r *route) doubt(e *Error) *Error {
	if e == nil || e.Kind != KindNoMethod || e.Status != http.StatusInternalServerError {
		return e
	}
	lower := strings.ToLower(e.Message)
	for _, word := range []string{strings.ToLower(r.message), "request format is invalid:", "without a valid action parameter"} {
		if strings.Contains(lower, word) {
			return e
		}
	}
	if before, _, found := strings.Cut(lower, markupRefused); found && !strings.Contains(before, "--->") {
		return e // not the cause of another failure
	}
	e.Kind = KindServer
	return e
}

// deadlocked: the platform's database chose this call as the victim of a deadlock, and
// says so in a text that is passed on ("Rerun the transaction": error 1205 of SQL
// Server, D; that a service passes it on: I). The word is the same in its other languages.
func (e *Error) deadlocked(text string) bool {
	return e.Kind == KindServer && strings.Contains(strings.ToLower(shorten(text, logScanned)), "deadlock")
}

func containsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// ofBinding: it is not the name of the method that there is not, but this way to any.
func (e *Error) ofBinding() bool {
	return strings.Contains(strings.ToLower(e.Message), "request format is unrecognized for url") || e.refusesMarkup()
}

// refusesMarkup: Call.markup was right.
func (e *Error) refusesMarkup() bool {
	return strings.Contains(strings.ToLower(e.Message), markupRefused)
}

// outside: a form was answered by a page, so not by the service, which would answer with
// a text (C, RS ServerProtocol.cs). It may be that it takes no forms, and that the page does
// not say so: ASP.NET shows no details to other machines unless it is told to (D, customErrors).
// Another binding may do better. Only a read may try, as nothing proves that nothing was done.
func (e *Error) outside(class Class, binding Binding) bool {
	return e.paged && e.Kind == KindServer && e.Status == http.StatusInternalServerError && binding == Form && class != ClassWrite
}

const messageShown = 600

// traceLine is where a stack trace begins: its first word is in the server's language.
var traceLine = pattern.Lazy("\r?\n {2,3}\\S+ [^\\s(]+ ?\\(")

// plainMessage is what of the platform's text is worth telling: entities decoded, one
// line, without the stack trace that follows when error details are on (C, RS).
func plainMessage(text string) string {
	text = html.UnescapeString(shorten(text, logScanned))
	if at := traceLine().FindStringIndex(text); at != nil {
		text = text[:at[0]]
	}
	return shorten(oneLine(text), messageShown)
}

// fault reads a SOAP fault: 1.1 has faultcode, faultstring and detail, 1.2 has
// Code/Value, Reason/Text and Detail (C, RS Soap11ServerProtocol.cs).
func fault(f *Node) (exception, text string, sender bool) {
	code := ""
	if n := f.Child("faultcode"); n != nil {
		code = n.Text
	} else if n := f.Child("Code").Child("Value"); n != nil {
		code = n.Text
	}
	code = localName(strings.TrimSpace(code))
	if n := f.Child("faultstring"); n != nil {
		text = n.Text
	} else if n := f.Child("Reason").Child("Text"); n != nil {
		text = n.Text
	}
	// The SDK's three nodes lie anywhere below the detail, in no namespace (D, H
	// Troubleshooting); any may be missing (I).
	detail := f.Child("detail")
	if n := detail.find("exceptionType"); n != nil {
		exception = strings.TrimSpace(n.Text)
	}
	if n := detail.find("innerException"); n != nil {
		if inner := strings.TrimSpace(n.allText()); inner != "" && !strings.Contains(text, inner) {
			text += " ---> " + inner
		}
	}
	return oneLine(shorten(exception, 200)), text, code == "Client" || code == "Sender"
}
