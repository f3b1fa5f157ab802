package login

import (
	"encoding/asn1"
	"errors"
	"slices"
)

// SPNEGO (RFC 4178) wraps the tokens of one mechanism behind the word Negotiate.
var (
	oidSPNEGO   = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 2}
	oidKerberos = asn1.ObjectIdentifier{1, 2, 840, 113554, 1, 2, 2}
	oidNTLM     = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 2, 2, 10}
)

type negTokenInit struct {
	Mechanisms []asn1.ObjectIdentifier `asn1:"explicit,tag:0"`
	Token      []byte                  `asn1:"explicit,tag:2"`
}

type negTokenNext struct {
	Token []byte `asn1:"explicit,tag:2"`
}

type negTokenResp struct {
	State     asn1.Enumerated       `asn1:"explicit,optional,tag:0,default:-1"`
	Mechanism asn1.ObjectIdentifier `asn1:"explicit,optional,tag:1"`
	Token     []byte                `asn1:"explicit,optional,tag:2"`
	MIC       []byte                `asn1:"explicit,optional,tag:3"`
}

// wrapInit is the first message: one mechanism is offered, with its first token.
func wrapInit(mechanism asn1.ObjectIdentifier, token []byte) ([]byte, error) {
	inner, err := asn1.Marshal(negTokenInit{[]asn1.ObjectIdentifier{mechanism}, token})
	if err != nil {
		return nil, err
	}
	choice, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner})
	if err != nil {
		return nil, err
	}
	name, err := asn1.Marshal(oidSPNEGO)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(asn1.RawValue{Class: asn1.ClassApplication, Tag: 0, IsCompound: true, Bytes: slices.Concat(name, choice)})
}

// wrapNext is each further message.
func wrapNext(token []byte) ([]byte, error) {
	inner, err := asn1.Marshal(negTokenNext{token})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, IsCompound: true, Bytes: inner})
}

var errSPNEGO = errors.New("the server's answer to Negotiate is broken")

// unwrap is the mechanism's token in the server's answer.
func unwrap(message []byte) ([]byte, error) {
	var choice asn1.RawValue
	if rest, err := asn1.Unmarshal(message, &choice); err != nil || len(rest) > 0 || choice.Class != asn1.ClassContextSpecific || choice.Tag != 1 {
		return nil, errSPNEGO
	}
	var resp negTokenResp
	if _, err := asn1.Unmarshal(choice.Bytes, &resp); err != nil || len(resp.Token) == 0 {
		return nil, errSPNEGO
	}
	return resp.Token, nil
}
