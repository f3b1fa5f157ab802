package serve

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestExampleOfTheSpecification holds the keys and the proof against MS-NLMP 4.2.4
// (user User of Domain with the password Password, challenge 0123456789abcdef).
func TestExampleOfTheSpecification(t *testing.T) {
	key := ntowf2("Password", "User", "Domain")
	if want := unhex(t, "0c868a403bfd7a93a3001ef22ef02e3f"); !bytes.Equal(key, want) { // 4.2.4.1.1
		t.Errorf("NTOWFv2 is %x", key)
	}
	// 4.2.4.1.3: temp, over time 0 and the client's challenge aaaaaaaaaaaaaaaa.
	temp := unhex(t, "0101 000000000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000"+
		"02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000 00000000")
	challenge := [8]byte(unhex(t, "0123456789abcdef"))
	proof := hmacMD5(key, challenge[:], temp)
	if want := unhex(t, "68cd0ab851e51c96aabc927bebef6a1c"); !bytes.Equal(proof, want) { // 4.2.4.2.2
		t.Errorf("NTProofStr is %x", proof)
	}
	if session, want := hmacMD5(key, proof), unhex(t, "8de40ccadbc14a82f15cb0ad0de95ca3"); !bytes.Equal(session, want) { // 4.2.4.1.2
		t.Errorf("SessionBaseKey is %x", session)
	}
	a := authenticate{domain: "Domain", user: "User", response: append(bytes.Clone(proof), temp...)}
	if !a.verify("Password", challenge, nil, nil) || a.verify("password", challenge, nil, nil) {
		t.Error("the proof counts for one password")
	}
	if a.verify("Password", [8]byte{1}, nil, nil) {
		t.Error("an answer to another challenge is none")
	}
}

func FuzzNTLM(f *testing.F) {
	f.Add([]byte("NTLMSSP\x00\x03\x00\x00\x00" + strings.Repeat("\x00", 80)))
	f.Add([]byte("`\x10\x06\x06\x2b\x06\x01\x05\x05\x02\xa0\x06\x30\x04\xa2\x02\x04\x00"))
	f.Add([]byte("\xa1\x0b\x30\x09\xa2\x07\x04\x05NTLMS"))
	f.Fuzz(func(t *testing.T, token []byte) {
		message, _, err := unwrap(token)
		if err != nil {
			return
		}
		if message != nil && ntlmKind(message) == 0 {
			t.Error("unwrapped what is no message")
		}
		if a, err := readAuthenticate(message); err == nil && a.verify("x", [8]byte{}, nil, nil) {
			t.Error("proved without a password")
		}
		_ = ntlmChallenge(message, [8]byte{}, "D", "C", fuzzTime)
	})
}

func FuzzTree(f *testing.F) {
	f.Add([]byte(`<a xmlns="urn:x"><b xsi:nil="true" xmlns:xsi="` + schemaInstance + `"/>text</a>`))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := readTree(data)
		if (n == nil) == (err == nil) {
			t.Errorf("%v, %v", n, err)
		}
		if err != nil {
			return
		}
		if _, why := readDeployment(n); why == "" && !strings.EqualFold(n.name, "DeploymentItem") {
			t.Error("another root was taken")
		}
		_, _ = readInput(string(data))
	})
}
