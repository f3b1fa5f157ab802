package login

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"unicode/utf16"

	"github.com/Azure/go-ntlmssp"
)

// byNTLM logs the connection in, and sends the request with the last message. plain:
// by the word NTLM, else wrapped in SPNEGO by the word Negotiate. Neither answer nor
// error: refused, and r says why.
func (c *connection) byNTLM(req *http.Request, r *Refused, plain bool) (*http.Response, error) {
	word, what := "NTLM", "NTLM"
	if !plain {
		word, what = "Negotiate", "NTLM by Negotiate"
	}
	hello, err := firstMessage(plain)
	if err != nil {
		r.tried(what, "", err)
		return nil, nil
	}
	// The first message goes without the request's body: it is sent again anyway.
	resp, err := c.send(req, word+" "+base64.StdEncoding.EncodeToString(hello), false)
	if err != nil {
		return nil, err
	}
	asked := challenge(resp.Header, word)
	closes, status := resp.Close, resp.StatusCode
	drain(resp)
	switch {
	case status != http.StatusUnauthorized || asked == nil:
		r.tried(what, fmt.Sprintf("the server did not answer its first message (HTTP %d)", status), nil)
		return nil, nil
	case closes:
		r.tried(what, "the server closes the connection, which NTLM needs to stay: something on the way takes HTTP connections apart", nil)
		return nil, nil
	}
	final, err := c.answer(req, asked, plain)
	if err != nil {
		r.tried(what, "", err)
		return nil, nil
	}
	resp, err = c.send(req, word+" "+base64.StdEncoding.EncodeToString(final), true)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusUnauthorized {
		c.account.came(byNTLM)
		return resp, nil
	}
	drain(resp)
	r.tried(what, "the server did not take user and password", nil)
	return nil, nil
}

// requestTarget asks for the server's target information (MS-NLMP 2.2.2.5), without
// which a login cannot be bound to its channel. The library leaves it to the server.
const (
	requestTarget = 0x4
	flagsAt       = 12
)

func firstMessage(plain bool) ([]byte, error) {
	hello, err := ntlmssp.NewNegotiateMessage("", "")
	if err != nil {
		return nil, err
	}
	if len(hello) >= flagsAt+4 {
		binary.LittleEndian.PutUint32(hello[flagsAt:], binary.LittleEndian.Uint32(hello[flagsAt:])|requestTarget)
	}
	if plain {
		return hello, nil
	}
	return wrapInit(oidNTLM, hello)
}

// answer makes the last message from the server's challenge. A server may answer
// Negotiate without SPNEGO's frame; then the last message goes without it, too.
func (c *connection) answer(req *http.Request, asked []byte, plain bool) (final []byte, err error) {
	if !plain && !bytes.HasPrefix(asked, []byte("NTLMSSP\x00")) {
		if asked, err = unwrap(asked); err != nil {
			return nil, err
		}
	} else {
		plain = true
	}
	who := c.account.who
	user := who.User
	if who.Domain != "" {
		user = who.Domain + `\` + user
	}
	final, err = ntlmssp.NewAuthenticateMessage(bindChallenge(asked, "HTTP/"+host(req), bindingHash(c.tls)), user, who.Password(), nil)
	if err == nil && !plain {
		final, err = wrapNext(final)
	}
	return final, err
}

// The parts of a challenge and of its target information (MS-NLMP 2.2.1.2, 2.2.2.1).
const (
	challengeInfoAt = 40 // length, room, offset of the target information
	challengeHeader = 48

	avEnd             = 0
	avTargetName      = 9
	avChannelBindings = 10
)

// bindChallenge writes the name of the service and the hash of the channel into a
// challenge's target information. What the client answers is computed over it, and the
// library takes it as it comes; so this is where a login is bound to a channel
// (MS-NLMP 3.1.5.1.2). A challenge that cannot be read comes back as it is.
func bindChallenge(message []byte, service string, bound []byte) []byte {
	info, err := targetInfo(message)
	if err != nil {
		return message
	}
	name := utf16.Encode([]rune(service))
	spelled := make([]byte, 0, 2*len(name))
	for _, u := range name {
		spelled = binary.LittleEndian.AppendUint16(spelled, u)
	}
	info = appendPair(info, avTargetName, spelled)
	if bound != nil {
		info = appendPair(info, avChannelBindings, bound)
	}
	info = appendPair(info, avEnd, nil)
	out := slices.Clone(message)
	binary.LittleEndian.PutUint16(out[challengeInfoAt:], uint16(len(info)))
	binary.LittleEndian.PutUint16(out[challengeInfoAt+2:], uint16(len(info)))
	binary.LittleEndian.PutUint32(out[challengeInfoAt+4:], uint32(len(out)))
	return append(out, info...)
}

var errNoTargetInfo = errors.New("no target information")

const maxTargetInfo = 16 << 10

// targetInfo are the pairs of a challenge, without the two that are written here and
// without the end.
func targetInfo(message []byte) ([]byte, error) {
	if len(message) < challengeHeader {
		return nil, errNoTargetInfo
	}
	length := int(binary.LittleEndian.Uint16(message[challengeInfoAt:]))
	at := int64(binary.LittleEndian.Uint32(message[challengeInfoAt+4:]))
	if length == 0 || length > maxTargetInfo || at < challengeHeader || at+int64(length) > int64(len(message)) {
		return nil, errNoTargetInfo
	}
	var kept []byte
	for rest := message[at : at+int64(length)]; ; {
		if len(rest) < 4 {
			return nil, errNoTargetInfo
		}
		id, size := binary.LittleEndian.Uint16(rest), int(binary.LittleEndian.Uint16(rest[2:]))
		if id == avEnd {
			return kept, nil
		}
		if len(rest) < 4+size {
			return nil, errNoTargetInfo
		}
		if id != avTargetName && id != avChannelBindings {
			kept = append(kept, rest[:4+size]...)
		}
		rest = rest[4+size:]
	}
}

func appendPair(info []byte, id uint16, value []byte) []byte {
	info = binary.LittleEndian.AppendUint16(info, id)
	info = binary.LittleEndian.AppendUint16(info, uint16(len(value)))
	return append(info, value...)
}
