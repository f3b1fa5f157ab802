package credential

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const passwordLimit = 4096 // bytes

// PasswordFile reads a file that holds a password and nothing else. A line's end after
// it does not count, nor does the mark that Windows puts in front of a text: UTF-16 is
// what PowerShell's > writes. A wrong password may lock an account, so what cannot be
// meant is refused before anything is dialled.
func PasswordFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("the password file cannot be read: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, passwordLimit+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("the password file cannot be read: %w", err)
	case len(data) > passwordLimit:
		return "", fmt.Errorf("the password file %s is larger than %d bytes: it holds the password and nothing else", name, passwordLimit)
	}
	text, err := decoded(data)
	if err != nil {
		return "", fmt.Errorf("the password file %s %w", name, err)
	}
	password, err := onOneLine(text)
	switch {
	case err != nil:
		return "", fmt.Errorf("the password file %s %w", name, err)
	case password == "":
		return "", fmt.Errorf("the password file %s is empty", name)
	}
	return password, nil
}

// onOneLine takes the line's end away. It is an error where more than one line, or
// another control character, is left.
func onOneLine(text string) (password string, err error) {
	password = strings.TrimRight(text, "\r\n")
	switch {
	case strings.ContainsAny(password, "\r\n"):
		return "", errLines
	case strings.ContainsFunc(password, unicode.IsControl):
		return "", errControl
	}
	return password, nil
}

// The rest of sentences about what a password was to be read from.
var (
	errLines   = errors.New("has more than one line: it holds the password and nothing else")
	errControl = errors.New("holds a control character, which no password has: it holds the password and nothing else")
)

var errEncoding = errors.New("is no text in UTF-8 or UTF-16: save it as UTF-8")

func decoded(data []byte) (string, error) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		data = bytes.TrimPrefix(data, []byte("\ufeff"))
		if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
			return "", errEncoding
		}
		return string(data), nil
	}
	if len(data)%2 != 0 {
		return "", errEncoding
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return string(utf16.Decode(units)), nil
}
