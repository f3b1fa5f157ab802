package planfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
)

// Kind says what a file is.
type Kind uint8

// The kinds that `show` tells apart.
const (
	KindUnknown Kind = iota
	KindPlan         // a saved plan or a plan document
	KindEstate       // an estate file, compressed or not
	KindJournal      // the record of a run
)

const sniffBytes = 16 << 10

// Sniff tells what a file is from its first bytes. Whether it is also whole and
// right is found out by whoever reads it.
func Sniff(path string) (Kind, error) {
	f, err := os.Open(path)
	if err != nil {
		return KindUnknown, err
	}
	defer f.Close()
	start := make([]byte, sniffBytes)
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return KindUnknown, err
	}
	return sniff(start[:n]), nil
}

func sniff(start []byte) Kind {
	// Only estate files are written compressed.
	if bytes.HasPrefix(start, []byte("\x1f\x8b")) || bytes.HasPrefix(start, []byte("\x28\xb5\x2f\xfd")) {
		return KindEstate
	}
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(start, []byte("\xef\xbb\xbf"))))
	if first, err := dec.Token(); err != nil || first != json.Delim('{') {
		return KindUnknown
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return KindUnknown
		}
		if kind := kindOfKey(key); kind != KindUnknown {
			return kind
		}
		var skipped json.RawMessage
		if dec.Decode(&skipped) != nil {
			return KindUnknown
		}
	}
	return KindUnknown
}

// kindOfKey knows the keys that only one of the documents has.
func kindOfKey(key json.Token) Kind {
	switch key {
	case "pslan_version", "plan_id", "resource_changes":
		return KindPlan
	case "smp", "package_servers", "images", "taken_at", "preboot_configurations":
		return KindEstate
	case "kind", "seq", "run":
		return KindJournal
	}
	return KindUnknown
}
