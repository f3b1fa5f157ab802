//go:build peers

package smb

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"pslan/internal/content"
	"pslan/internal/peertest"
)

// TestSignedOrEncrypted: whatever a server is set to, no answer comes in the clear and
// without signature once somebody is logged in.
func TestSignedOrEncrypted(t *testing.T) {
	const secret = "the bytes of a disk image"
	for _, tt := range []struct {
		name      string
		global    []string
		share     []string
		encrypted bool
	}{
		{"as installed", nil, nil, false},
		{"signing disabled", []string{"server signing = disabled"}, nil, false},
		{"signing mandatory", []string{"server signing = mandatory"}, nil, false},
		{"encryption desired", []string{"server smb encrypt = desired"}, nil, true},
		{"encryption required", []string{"server smb encrypt = required"}, nil, true},
		{"encryption required by the share", nil, []string{"smb encrypt = required"}, true},
		{"AES-128-CCM", []string{"server smb encrypt = required", "server smb3 encryption algorithms = AES-128-CCM"}, nil, true},
		{"SMB 3.0.2 encrypted", []string{"server smb encrypt = required", "server max protocol = SMB3_02"}, nil, true},
		{"SMB 2.0.2", []string{"server max protocol = SMB2_02"}, nil, false},
		{"SMB 2.1", []string{"server max protocol = SMB2_10"}, nil, false},
		{"SMB 3.0", []string{"server max protocol = SMB3_00"}, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"p/cache/a.gho": strings.Repeat(secret, 100_000)})
			s := peertest.Samba{Global: tt.global, Shares: map[string]string{"packages": dir}, Lines: map[string][]string{"packages": tt.share}}.Start(t)
			if s == nil {
				return
			}
			var plain, unsigned, clear int
			in := false
			p := newProxy(t, s.Port, func(frame []byte) {
				if bytes.Contains(frame, []byte(secret)) {
					clear++
				}
				if string(frame[:4]) == "\xfdSMB" {
					return
				}
				plain++
				const signed, pending = 0x8, 0x103
				if in && binary.LittleEndian.Uint32(frame[16:])&signed == 0 && binary.LittleEndian.Uint32(frame[8:]) != pending {
					unsigned++
				}
				in = in || command(frame) == commandSessionSetup
			})
			fsys := open(t, pool(t, s, func(o *Options) { o.Port = p.port }), "//127.0.0.1/packages")
			files, _, err := content.ReadTree(t.Context(), fsys, "p/cache", true)
			if err != nil || len(files) != 1 || files[0].SHA256 != sha256.Sum256([]byte(strings.Repeat(secret, 100_000))) {
				t.Fatal(files, err)
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			if (clear == 0) != tt.encrypted {
				t.Errorf("%d frames show the bytes of the file; encrypted should be %v", clear, tt.encrypted)
			}
			if unsigned > 0 {
				t.Errorf("%d of %d plain frames are not signed", unsigned, plain)
			}
		})
	}
}

// TestTampering: a single bit that somebody changes on the way is noticed.
func TestTampering(t *testing.T) {
	for _, global := range [][]string{nil, {"server smb encrypt = required"}} {
		dir := t.TempDir()
		write(t, dir, map[string]string{"p/cache/a.gho": strings.Repeat("x", 3<<20)})
		s := peertest.Samba{Global: global, Shares: map[string]string{"packages": dir}}.Start(t)
		if s == nil {
			return
		}
		p := newProxy(t, s.Port, func(frame []byte) {
			if len(frame) > 500_000 {
				frame[400_000] ^= 1
			}
		})
		fsys := open(t, pool(t, s, func(o *Options) { o.Port, o.AnswerTimeout = p.port, shortly }), "//127.0.0.1/packages")
		files, _, err := content.ReadTree(t.Context(), fsys, "p/cache", true)
		if err == nil || files != nil {
			t.Errorf("with %q: read %v, though it was changed on the way", global, files)
		}
		t.Log(err)
	}
}

// TestGuests: who would be let in as nobody in particular is told so.
func TestGuests(t *testing.T) {
	s := peertest.Samba{Global: []string{"map to guest = bad user"},
		Shares: map[string]string{"packages": t.TempDir()}, Lines: map[string][]string{"packages": {"guest ok = yes"}}}.Start(t)
	if s == nil {
		return
	}
	_, _, err := pool(t, s, func(o *Options) { o.Who = as(t, "nobody-known", "x") }).Open("//127.0.0.1/packages")
	wantKind(t, err, Guest, "would let anybody in as a guest")
	// Who is known gets in.
	open(t, pool(t, s, nil), "//127.0.0.1/packages")

	// Somebody in between who tells the client that it is a guest turns nothing off.
	p := newProxy(t, s.Port, func(frame []byte) {
		if string(frame[:4]) == "\xfeSMB" && command(frame) == commandSessionSetup && binary.LittleEndian.Uint32(frame[8:]) == 0 {
			frame[headerSize+2] |= flagGuest
		}
	})
	_, _, err = pool(t, s, func(o *Options) { o.Port = p.port }).Open("//127.0.0.1/packages")
	wantKind(t, err, Guest, "as a guest")
}

// wantKind holds an error against its kind and a part of its text.
func wantKind(t *testing.T, err error, kind Kind, text string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Kind != kind || !strings.Contains(err.Error(), text) {
		t.Errorf("error %v (%+v), want kind %d with %q", err, e, kind, text)
	}
}

// TestWatching: frames are understood whatever pieces they come in.
func TestWatching(t *testing.T) {
	frame := func(cmd uint16, status uint32, rest ...byte) []byte {
		b := make([]byte, 4+headerSize, 4+headerSize+8)
		copy(b[4:], "\xfeSMB")
		binary.LittleEndian.PutUint32(b[12:], status)
		binary.LittleEndian.PutUint16(b[16:], cmd)
		b = append(b, rest...)
		binary.BigEndian.PutUint32(b, uint32(len(b)-4))
		return b
	}
	stream := append(frame(0, 0, 65, 0, 1, 0, 0x11, 3, 0, 0), frame(1, moreProcessing, 9, 0, 0, 0, 0, 0, 0, 0)...)
	stream = append(stream, frame(1, 0, 9, 0, flagEncrypted, 0, 0, 0, 0, 0)...)
	for size := 1; size <= len(stream); size++ {
		g := &guard{}
		for at := 0; at < len(stream); at += size {
			if err := g.watch(stream[at:min(at+size, len(stream))]); err != nil {
				t.Fatalf("in pieces of %d: %v", size, err)
			}
		}
		if want := (greeting{dialect: 0x0311, setup: true, flags: flagEncrypted}); g.greet != want {
			t.Fatalf("in pieces of %d: %+v, want %+v", size, g.greet, want)
		}
	}
}

func FuzzWatch(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x48\xfeSMB"), 3)
	f.Add([]byte("HTTP/1.1 400"), 1)
	f.Add([]byte("\x00\x00\x00\x04\xffSMB"), 8)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		if size < 1 || size > len(data) {
			return
		}
		whole, pieces := &guard{}, &guard{}
		err := whole.watch(data)
		var again error
		for at := 0; at < len(data) && again == nil; at += size {
			again = pieces.watch(data[at:min(at+size, len(data))])
		}
		if !errors.Is(err, again) || whole.greet != pieces.greet && err == nil {
			t.Errorf("at once %v %+v, in pieces of %d %v %+v", err, whole.greet, size, again, pieces.greet)
		}
	})
}
