package serve

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strings"
	"time"
	"unicode/utf16"

	"golang.org/x/crypto/md4" //lint:ignore SA1019 NTLM is made of it, and nothing else here
)

// This is the server's side of NTLM version 2, as MS-NLMP tells it, and no more than
// a login needs: no signing, no sealing, no version 1.

var ntlmSignature = []byte("NTLMSSP\x00")

// The flags of MS-NLMP 2.2.2.5 that count here.
const (
	flagUnicode    = 0x00000001
	flagTarget     = 0x00000004
	flagSign       = 0x00000010
	flagSeal       = 0x00000020
	flagNTLM       = 0x00000200
	flagAlwaysSign = 0x00008000
	flagDomain     = 0x00010000
	flagExtended   = 0x00080000
	flagTargetInfo = 0x00800000
	flagVersion    = 0x02000000
	flag128        = 0x20000000
	flagKeyExch    = 0x40000000
	flag56         = 0x80000000
)

// The pairs of MS-NLMP 2.2.2.1 that count here.
const (
	pairEnd         = 0
	pairComputer    = 1
	pairDomain      = 2
	pairDNSComputer = 3
	pairDNSDomain   = 4
	pairFlags       = 6
	pairTime        = 7
	pairBinding     = 10

	micPresent = 2 // in the value of pairFlags
)

var errNTLM = errors.New("no message of NTLM version 2")

// ntlmKind is the number of a message, 0 for none.
func ntlmKind(message []byte) uint32 {
	if len(message) < 12 || !bytes.HasPrefix(message, ntlmSignature) {
		return 0
	}
	return binary.LittleEndian.Uint32(message[8:])
}

// ntlmChallenge answers a NEGOTIATE message with a CHALLENGE message (2.2.1.2).
func ntlmChallenge(negotiate []byte, challenge [8]byte, domain, computer string, now time.Time) []byte {
	flags := uint32(flagUnicode | flagTarget | flagNTLM | flagAlwaysSign | flagDomain | flagExtended | flagTargetInfo | flagVersion | flag128 | flag56)
	if len(negotiate) >= 16 {
		flags |= binary.LittleEndian.Uint32(negotiate[12:]) & (flagSign | flagSeal | flagKeyExch)
	}
	var info []byte
	pair := func(id uint16, value []byte) {
		info = binary.LittleEndian.AppendUint16(info, id)
		info = binary.LittleEndian.AppendUint16(info, uint16(len(value)))
		info = append(info, value...)
	}
	pair(pairDomain, utf16le(domain))
	pair(pairComputer, utf16le(computer))
	pair(pairDNSDomain, utf16le(strings.ToLower(domain)))
	pair(pairDNSComputer, utf16le(strings.ToLower(computer)))
	pair(pairTime, binary.LittleEndian.AppendUint64(nil, fileTime(now)))
	pair(pairEnd, nil)

	name := utf16le(domain)
	const header = 56
	out := append([]byte{}, ntlmSignature...)
	out = binary.LittleEndian.AppendUint32(out, 2)
	out = appendField(out, len(name), header)
	out = binary.LittleEndian.AppendUint32(out, flags)
	out = append(out, challenge[:]...)
	out = append(out, make([]byte, 8)...)
	out = appendField(out, len(info), header+len(name))
	out = append(out, 10, 0, 0x61, 0x4a, 0, 0, 0, 15) // a version: Windows 10, NTLM revision 15
	return append(append(out, name...), info...)
}

// fileTime counts tenths of microseconds since 1601 (MS-DTYP 2.3.3).
func fileTime(t time.Time) uint64 {
	const from1601 = 11_644_473_600
	return uint64(t.Unix()+from1601)*10_000_000 + uint64(t.Nanosecond()/100)
}

func appendField(b []byte, length, offset int) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(length))
	b = binary.LittleEndian.AppendUint16(b, uint16(length))
	return binary.LittleEndian.AppendUint32(b, uint32(offset))
}

func utf16le(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// authenticate is an AUTHENTICATE message (2.2.1.3).
type authenticate struct {
	domain, user string
	response     []byte // NTProofStr, and what it was made over
	sessionKey   []byte // encrypted
	flags        uint32
	mic          []byte // nil: there is none
	raw          []byte
}

func readAuthenticate(message []byte) (*authenticate, error) {
	const header = 64
	if ntlmKind(message) != 3 || len(message) < header {
		return nil, errNTLM
	}
	bad := false
	field := func(at int) []byte {
		length, offset := int(binary.LittleEndian.Uint16(message[at:])), int(binary.LittleEndian.Uint32(message[at+4:]))
		if length == 0 {
			return nil
		}
		if offset < header || offset > len(message) || length > len(message)-offset {
			bad = true
			return nil
		}
		return message[offset : offset+length]
	}
	a := &authenticate{response: field(20), sessionKey: field(52), flags: binary.LittleEndian.Uint32(message[60:]), raw: message}
	domain, user := field(28), field(36)
	if bad || a.flags&flagUnicode == 0 {
		return nil, errNTLM
	}
	a.domain, a.user = fromUTF16(domain), fromUTF16(user)
	// 2.2.2.7: the proof, a header of 28 bytes, and pairs to the end. 24 bytes are version 1.
	if len(a.response) < 16+28+4 {
		return nil, errNTLM
	}
	if flags := pairOf(a.response[16+28:], pairFlags); len(flags) == 4 && binary.LittleEndian.Uint32(flags)&micPresent != 0 {
		if len(message) < 88 {
			return nil, errNTLM
		}
		a.mic = message[72:88]
	}
	return a, nil
}

// pairOf returns the value of a pair, nil if it is not there.
func pairOf(pairs []byte, want uint16) []byte {
	for len(pairs) >= 4 {
		id, length := binary.LittleEndian.Uint16(pairs), int(binary.LittleEndian.Uint16(pairs[2:]))
		if id == pairEnd || length > len(pairs)-4 {
			return nil
		}
		if id == want {
			return pairs[4 : 4+length]
		}
		pairs = pairs[4+length:]
	}
	return nil
}

func fromUTF16(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// ntowf2 is NTOWFv2 of MS-NLMP 3.3.2: the key that a password makes.
func ntowf2(password, user, domain string) []byte {
	h := md4.New()
	h.Write(utf16le(password))
	return hmacMD5(h.Sum(nil), utf16le(strings.ToUpper(user)+domain))
}

func hmacMD5(key []byte, parts ...[]byte) []byte {
	h := hmac.New(md5.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// bound tells whether the client has seen the certificate of this server: the hash of
// the channel's binding (RFC 5929, tls-server-end-point) stands in its answer.
func (a *authenticate) bound(certificate []byte) bool {
	sum := sha256.Sum256(certificate)
	data := append([]byte("tls-server-end-point:"), sum[:]...)
	h := md5.New() // over a gss_channel_bindings_struct without addresses (MS-NLMP 3.1.5.1.2)
	h.Write(make([]byte, 16))
	h.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(data))))
	h.Write(data)
	return hmac.Equal(h.Sum(nil), pairOf(a.response[16+28:], pairBinding))
}

// verify holds the message against a password: the proof (3.3.2), and the check over
// all three messages where there is one (3.2.5.1.2).
func (a *authenticate) verify(password string, challenge [8]byte, negotiate, challenged []byte) bool {
	key := ntowf2(password, a.user, a.domain)
	proof := hmacMD5(key, challenge[:], a.response[16:])
	if !hmac.Equal(proof, a.response[:16]) {
		return false
	}
	if a.mic == nil {
		return true
	}
	session := hmacMD5(key, proof)
	if a.flags&flagKeyExch != 0 && len(a.sessionKey) == 16 {
		stream, err := rc4.NewCipher(session)
		if err != nil {
			return false
		}
		exported := make([]byte, 16)
		stream.XORKeyStream(exported, a.sessionKey)
		session = exported
	}
	unsigned := bytes.Clone(a.raw)
	clear(unsigned[72:88])
	return hmac.Equal(a.mic, hmacMD5(session, negotiate, challenged, unsigned))
}
