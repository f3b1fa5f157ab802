package wire

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
)

// Kind of an Error, by which a caller decides.
type Kind uint8

// The kinds.
const (
	KindServer        Kind = iota // the platform failed in a way that has no better kind
	KindUnreachable               // no connection, or no answer for now (502, 503, 504)
	KindTimeout                   // no whole answer in time
	KindLogin                     // not logged in: 401, 403, a redirect to a login page, a login page
	KindRights                    // logged in, but not allowed
	KindLicence                   // a licence is missing or has expired
	KindNotInstalled              // the service or the product behind it is not there
	KindNotFound                  // the object does not exist
	KindWrongType                 // the object is of another kind
	KindInvalid                   // a parameter is wrong
	KindNoMethod                  // the method, or the binding, is not there
	KindNotUnderstood             // the reply is no XML, cut off, too large, a page for people
)

var kindNames = [...]string{
	KindServer: "failure of the platform", KindUnreachable: "unreachable", KindTimeout: "timeout", KindLogin: "login",
	KindRights: "rights", KindLicence: "licence", KindNotInstalled: "not installed", KindNotFound: "not found",
	KindWrongType: "wrong type", KindInvalid: "invalid parameter", KindNoMethod: "no such method", KindNotUnderstood: "reply not understood",
}

// String names the kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Error is the failure of a call. "False" and empty replies are none.
type Error struct {
	Service, Method, Object string
	Status                  int // of HTTP; 0: no answer
	Kind                    Kind
	Exception               string // the type of the platform's exception; may be empty
	Message                 string // what the platform or the connection said, shortened, one line
	// MaybeDone: the call may have had its effect nevertheless. Always false for reads.
	MaybeDone bool
	Err       error // the cause on this side; may be nil
	// repeatable: the same call may go better a moment later.
	repeatable bool
	// paged: a page for people came in place of the service's own answer.
	paged bool
}

// Error tells what was called, on what, and what came of it.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Service)
	if e.Method != "" {
		b.WriteString("." + e.Method)
	}
	if e.Object != "" {
		b.WriteString(" of " + e.Object)
	}
	b.WriteString(": ")
	switch {
	case e.Message != "":
		b.WriteString(e.Message)
	case e.Err != nil:
		b.WriteString(e.Err.Error())
	default:
		b.WriteString(e.Kind.String())
	}
	if e.Status != 0 && e.Status != 200 {
		fmt.Fprintf(&b, " (HTTP %d)", e.Status)
	}
	return b.String()
}

// Unwrap returns the cause on this side.
func (e *Error) Unwrap() error { return e.Err }

// logs are where the platform keeps what it does not tell (D, H Troubleshooting).
const logs = `C:\ProgramData\Symantec\SMP\ASDK\ and C:\ProgramData\Symantec\SMP\Logs\a.log on the SMP`

// Hint says what an administrator should do. It is never empty.
func (e *Error) Hint() string {
	if e.Status >= 300 && e.Status < 400 && e.Kind != KindLogin {
		return "if the other address is the SMP's own, set it as the url; else something on the way answers in place of the SMP"
	}
	var certificate *tls.CertificateVerificationError
	if errors.As(e.Err, &certificate) {
		return "certificates of an SMP are often private: name the certificate of the authority with ca_file, and use the host name that stands in the SMP's certificate in url"
	}
	if Undescribed(e) {
		return "it may be that descriptions are switched off there. Calls go by form POST and the documented names then; where they fail too, say how the service answers, " + e.block("binding, namespace, methods")
	}
	if e.paged && e.Kind == KindServer {
		return "see " + logs + ". If every call of the service ends like this, it may take no forms, and show other machines no details: let it go by SOAP, " + e.block(`binding = "soap11"`)
	}
	switch e.Kind {
	case KindUnreachable:
		return "check that the address is right, that the SMP is up and that IIS answers there; after a restart of its application pool it takes a minute"
	case KindTimeout:
		return "the SMP was too slow: try again later, or raise the timeout; what was asked for may still be running there"
	case KindLogin:
		return e.loginHint()
	case KindRights:
		// Causes: D, H Troubleshooting. The role that surely suffices: D, H Using the
		// Command Line Interface Layer; the least rights are N.
		return "give the account the right it lacks: its role may be denied the privilege, the account may be blocked on this item, or the item may be closed for this action; a service account in the role Symantec Administrators has them all. The whole message stands in " + logs
	case KindLicence:
		return "look at the licences in the console (Settings > Notification Server > Licensing) and at those of the solution this service belongs to; see " + logs
	case KindNotInstalled:
		return "the solution behind " + e.Service + " is not installed on this SMP, or the service lies elsewhere: install it, or say where it lies, " + e.block("path")
	case KindNotFound:
		return "the object is not there any more, or this account may not see it: read the estate again"
	case KindWrongType:
		return "the object is of another kind than this method takes, for example an image where a software package is wanted: see \"What was never tried\" in the manual's page on connection \"smp\" for the setting that goes another way, or do this step in the console"
	case KindInvalid:
		return "this is a mismatch between pslan and this version of the platform: compare the parameters with those in the service's ?WSDL, and set what differs, " + e.block("methods")
	case KindNoMethod:
		if e.refusesMarkup() {
			return "ASP.NET takes no XML in forms there, so this has to go by SOAP, for which the XML namespace of the service is needed: as it does not describe itself, say it, " + e.block("namespace") + "; its page in a browser on the SMP may show it"
		}
		return "this version of the platform does not offer the method this way: look into the service's ?WSDL, and set what differs, " + e.block("binding, namespace, methods")
	case KindNotUnderstood:
		if e.Object == description && e.Status == 200 {
			return "open the service's ?WSDL in a browser on this machine. If it is the service's own, say how it answers, " + e.block("binding, namespace, methods") + "; else a proxy or a login page answers in its place"
		}
		return "open the service's address in a browser on this machine: a proxy, a login page or an error page may answer in place of the service; doctor shows what came back"
	}
	return "see " + logs
}

// block is the setting for a service that lies or answers otherwise.
func (e *Error) block(arguments string) string {
	return fmt.Sprintf("service %q { %s }", e.Service, arguments)
}

func (e *Error) loginHint() string {
	if e.Status == 403 {
		return "the account is known but IIS or the platform does not let it in: check that it has a role on this SMP, and IIS's IP and client certificate rules for /Altiris"
	}
	// 401 with right credentials: D, KB 155783; NTLM alone left on: D, KB 434345.
	return "check user, password and method of the login; Kerberos needs an account with the service name HTTP/ and the address's host (setspn -Q shows it), NTLM does not. If they are right: look which providers Windows authentication offers in IIS (Negotiate, NTLM), at kernel mode authentication against the application pool's account, and whether the account is in very many groups (KB 155783, KB 434345); if Extended Protection is required, it needs https that no proxy takes apart"
}
