package serve

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"slices"
)

// SPNEGO (RFC 4178), as far as choosing NTLM takes it: the lab has no Kerberos.

var (
	spnegoOID = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 2}
	ntlmOID   = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 2, 2, 10}
)

// negTokenInit is the first token of a client.
type negTokenInit struct {
	MechTypes   []asn1.ObjectIdentifier `asn1:"explicit,tag:0"`
	ReqFlags    asn1.BitString          `asn1:"explicit,optional,tag:1"`
	MechToken   []byte                  `asn1:"explicit,optional,tag:2"`
	MechListMIC []byte                  `asn1:"explicit,optional,tag:3"`
}

// negTokenResp are all others.
type negTokenResp struct {
	State         asn1.Enumerated       `asn1:"explicit,optional,tag:0,default:-1"`
	SupportedMech asn1.ObjectIdentifier `asn1:"explicit,optional,tag:1"`
	ResponseToken []byte                `asn1:"explicit,optional,tag:2"`
	MechListMIC   []byte                `asn1:"explicit,optional,tag:3"`
}

const (
	acceptCompleted  = 0
	acceptIncomplete = 1
)

var errSPNEGO = errors.New("no token of SPNEGO that offers NTLM")

// unwrap takes the NTLM message out of a token; nil if the client offers NTLM and has
// begun with something else. wrapped: answers must be wrapped as well.
func unwrap(token []byte) (message []byte, wrapped bool, err error) {
	if ntlmKind(token) != 0 {
		return token, false, nil
	}
	if len(token) > 0 && token[0] == 0xa1 { // NegTokenResp, [1]
		var resp negTokenResp
		if _, err := asn1.UnmarshalWithParams(token, &resp, "explicit,tag:1"); err != nil || ntlmKind(resp.ResponseToken) == 0 {
			return nil, true, errSPNEGO
		}
		return resp.ResponseToken, true, nil
	}
	var outer asn1.RawValue // [APPLICATION 0], RFC 2743 3.1
	if _, err := asn1.Unmarshal(token, &outer); err != nil || outer.Class != asn1.ClassApplication || outer.Tag != 0 {
		return nil, true, errSPNEGO
	}
	var oid asn1.ObjectIdentifier
	rest, err := asn1.Unmarshal(outer.Bytes, &oid)
	if err != nil || !oid.Equal(spnegoOID) {
		return nil, true, errSPNEGO
	}
	var init negTokenInit
	if _, err := asn1.UnmarshalWithParams(rest, &init, "explicit,tag:0"); err != nil {
		return nil, true, errSPNEGO
	}
	if !slices.ContainsFunc(init.MechTypes, ntlmOID.Equal) {
		return nil, true, errSPNEGO
	}
	if bytes.HasPrefix(init.MechToken, ntlmSignature) {
		return init.MechToken, true, nil
	}
	return nil, true, nil
}

// wrap makes a token of an answer; the message may be nil.
func wrap(message []byte, state int) ([]byte, error) {
	resp := negTokenResp{State: asn1.Enumerated(state), ResponseToken: message}
	if state == acceptIncomplete {
		resp.SupportedMech = ntlmOID
	}
	return asn1.MarshalWithParams(resp, "explicit,tag:1")
}
