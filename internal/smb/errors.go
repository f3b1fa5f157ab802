package smb

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"

	smb2 "github.com/cloudsoda/go-smb2"
)

// Kind of an error, by which a caller decides what to do.
type Kind uint8

// The kinds.
const (
	Other        Kind = iota
	HostNotFound      // no address for the name
	Refused           // nobody listens there
	Unreachable       // no way to the host
	Timeout           // no answer
	LoginRefused      // wrong password, locked account, no right to log in
	NoTicket          // Kerberos has no ticket for the server
	Guest             // the server took the login for nobody in particular
	NoShare           // the host has no such share
	Denied            // no right to the share, folder or file: errors.Is fs.ErrPermission
	NoFolder          // the share has no such folder: errors.Is fs.ErrNotExist
	NotAFolder        // it is something else
	Link              // a link where a folder or file should be
	InUse             // another program holds the file
	Cut               // the connection ended while it was needed
	Elsewhere         // the folder lies in a DFS namespace
	Overloaded        // the server is short of something for the moment
	Incompatible      // the server speaks another protocol
)

// Error is why a share cannot be read.
type Error struct {
	Kind Kind
	Host string
	Text string // a sentence without its end
	Err  error  // what was behind it; nil where nothing more is known
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Text
	}
	return e.Text + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Is makes an Error be what package fs calls the same.
func (e *Error) Is(target error) bool {
	return e.Kind == NoFolder && target == fs.ErrNotExist || e.Kind == Denied && target == fs.ErrPermission
}

// statuses are the answers of servers that mean something to those who read them
// ([MS-ERREF] 2.3.1).
var statuses = map[uint32]struct {
	kind Kind
	text string
}{
	0xC000006D: {LoginRefused, "the user name or the password is wrong"},
	0xC0000064: {LoginRefused, "there is no such user"},
	0xC000006A: {LoginRefused, "the password is wrong"},
	0xC000006E: {LoginRefused, "the account is restricted: a blank password, or a rule of the server"},
	0xC000006F: {LoginRefused, "the account may not log in at this hour"},
	0xC0000070: {LoginRefused, "the account may not log in from this machine"},
	0xC0000071: {LoginRefused, "the password has expired"},
	0xC0000072: {LoginRefused, "the account is disabled"},
	0xC0000133: {LoginRefused, "the clocks of this machine and the server differ too much"},
	0xC000015B: {LoginRefused, "the account has no right to log on over the network there"},
	0xC0000193: {LoginRefused, "the account has expired"},
	0xC0000224: {LoginRefused, "the password must be changed before the first login"},
	0xC0000234: {LoginRefused, "the account is locked"},
	0xC0000413: {LoginRefused, "the server's authentication policy does not allow this account"},
	0xC000018D: {LoginRefused, "the server has lost the trust of its domain"},
	0xC000005E: {LoginRefused, "the server finds no domain controller to ask"},

	0xC00000CC: {NoShare, "the server has no share of this name"},
	0xC0000022: {Denied, "access is denied"},
	0xC0000061: {Denied, "a privilege is missing"},
	0xC00000CA: {Denied, "the network resource is of another type, and not a disk"},
	0xC0000103: {NotAFolder, "it is no folder"},
	0x8000002D: {Link, "there is a symbolic link on the way, and links are not followed"},
	0xC0000280: {Link, "there is a reparse point on the way that the server does not resolve"},
	0xC0000043: {InUse, "another program holds the file open and lets nobody read it"},
	0xC0000054: {InUse, "another program has locked a part of the file"},
	0xC0000056: {InUse, "the file is about to be deleted"},
	0xC0000257: {Elsewhere, "the folder lies in a DFS namespace, which pslan does not follow: name the server and share it stands for"},
	0xC00000C9: {Cut, "the server took the share away"},
	0xC0000203: {Cut, "the server ended the session"},
	0xC000035C: {Cut, "the session has expired"},
	0xC0000017: {Overloaded, "the server is out of memory"},
	0xC000009A: {Overloaded, "the server is out of memory or handles"},
	0xC0000205: {Overloaded, "the server is out of buffers"},
	0xC00000D0: {Overloaded, "the server does not accept more connections"},
	0xC0000033: {Other, "the server does not accept the name"},
	0xC0000106: {Other, "the server finds the name too long"},
	0xC000003F: {Other, "the server's disk has a bad checksum there"},
	0xC000009C: {Other, "the server's disk has an error there"},
	0xC0000185: {Other, "the server's disk does not answer"},
}

// Answers after which a request is worth a second try. The first is what a server says
// to a request with too few credits.
const (
	invalidParameter = 0xC000000D
	noMemory         = 0xC0000017
	noResources      = 0xC000009A
)

// fromStatus words an answer of a server.
func fromStatus(host string, code uint32, err error) *Error {
	if s, known := statuses[code]; known {
		return &Error{Kind: s.kind, Host: host, Text: s.text}
	}
	return &Error{Kind: Other, Host: host, Text: fmt.Sprintf("the server answers with status 0x%08X", code), Err: err}
}

// fromLibrary words an error of the library about a share that is connected.
func fromLibrary(host string, err error) error {
	var status *smb2.ResponseError
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fs.ErrNotExist
	case errors.Is(err, os.ErrPermission):
		return fromStatus(host, 0xC0000022, nil)
	case errors.Is(err, smb2.ErrRequestNotAccepted):
		return fromStatus(host, 0xC00000D0, nil)
	case errors.As(err, &status):
		return fromStatus(host, status.Code, err)
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &Error{Kind: Other, Host: host, Text: "the server's answer cannot be used", Err: err}
}

// fromDial words why a host cannot be reached.
func fromDial(host, address string, err error) *Error {
	e := &Error{Kind: Unreachable, Host: host, Text: host + " cannot be reached", Err: err}
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		e.Kind, e.Text, e.Err = HostNotFound, "there is no host called "+host, nil
	case errors.As(err, &dns):
		e.Kind, e.Text, e.Err = HostNotFound, "the name "+host+" cannot be looked up", dns
	case isRefused(err):
		e.Kind, e.Text, e.Err = Refused, host+" is up and refuses the connection: no file server listens at "+address, nil
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Kind, e.Text, e.Err = Timeout, host+" does not answer at "+address+": it is off, or a firewall stands between", nil
	}
	return e
}
