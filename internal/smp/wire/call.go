package wire

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"pslan/internal/estate"
	"pslan/internal/pattern"
)

// Call is one call of a method.
type Call struct {
	Service, Method string
	// Params in the order of the documentation, every one present: an absent field of a
	// form is an error of the platform (C, RS ValueCollectionParameterReader.cs).
	Params []Param
	Class  Class
	Object string // on what, for messages
}

// Param is a parameter: its value, null, or a list.
type Param struct {
	Name, Value string
	// Null: no value at all, which is not the empty text. Only SOAP can say it (C/I, RS
	// ValueCollectionParameterReader.cs); a form POST with it is refused.
	Null bool
	// List, where not nil: several values. As a text they are joined by commas (D, H
	// UpdateCollections); where the platform takes an array they become one.
	List []string
}

// Class says how long a call may take and whether it may be repeated.
type Class uint8

// The classes. ClassRead and ClassSlow may be repeated, ClassWrite never is.
const (
	ClassRead Class = iota
	ClassSlow       // reports, the deployment service
	ClassWrite
)

// text is the parameter as one text, GUIDs in the spelling that is sent.
func (p Param) text() string {
	if p.List == nil {
		return plainGUID(p.Value)
	}
	plain := make([]string, len(p.List))
	for i, v := range p.List {
		plain[i] = plainGUID(v)
	}
	return strings.Join(plain, ",")
}

// check refuses what XML cannot hold; a form could, but the platform hands most
// values on as XML.
func (c Call) check() error {
	for _, p := range c.Params {
		for _, v := range append([]string{p.Value}, p.List...) {
			if !utf8.ValidString(v) || strings.ContainsFunc(v, notXML) {
				return fmt.Errorf("parameter %s holds a character that XML cannot hold: %q", p.Name, shorten(v, 80))
			}
		}
	}
	return nil
}

// markup reports whether a value looks like markup to ASP.NET, which since .NET 4 refuses
// such a form, that of a web service too, unless the application's configuration says
// otherwise (D, ASP.NET 4 Breaking Changes, "ASP.NET Request Validation"; how this platform
// is configured is N). What SOAP carries is not looked at.
func (c Call) markup() bool {
	for _, p := range c.Params {
		if markupStart().MatchString(p.text()) {
			return true
		}
	}
	return false
}

// markupStart: by which characters it goes is C, dotnet's reference source,
// CrossSiteScriptingValidation.cs.
var markupStart = pattern.Lazy(`<[A-Za-z!/?]|&#`)

func notXML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// plainGUID spells a GUID as it is sent: lower case, no braces (the vendor's examples
// show both spellings: D, H RenameItem and H GetItemByGuid). Other texts stay.
func plainGUID(s string) string {
	if g, err := estate.ParseGUID(strings.TrimSpace(s)); err == nil && !g.IsZero() {
		return g.String()
	}
	return s
}
