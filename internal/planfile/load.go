package planfile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"pslan/internal/fileerror"
	"pslan/internal/platform"
	"pslan/internal/proposal"
)

// Bounds of what is read: a plan that changes 100,000 images stays far below them.
const (
	maxBytes = 2 << 30
	maxDepth = 24
)

// Load reads a saved plan that the given version of pslan wrote. What only holds
// within one reading of the estate is not in it: the moves, what the plan means for
// each server, and the numbers of images and preboot configurations, which are -1.
//
// Every error is a *platform.Error that says what the file is instead of a plan, or
// what is wrong with it, and what to do.
func Load(path, version string) (*proposal.Proposal, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, broken(path, "", err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, broken(path, "", err)
	case !info.Mode().IsRegular():
		return nil, broken(path, "Name the file that pslan plan -out=FILE wrote.", errors.New("it is not a file"))
	case info.Size() > maxBytes:
		return nil, broken(path, askAgain, fmt.Errorf("it has %d bytes, and a saved plan has at most %d", info.Size(), int64(maxBytes)))
	}
	if err := checkHead(f, path, version); err != nil {
		return nil, err
	}
	if err := checkWhole(f, info.Size(), path); err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, broken(path, "", err)
	}
	p, err := decode(bufio.NewReaderSize(f, 64<<10))
	if err != nil {
		return nil, broken(path, askAgain, fmt.Errorf("it is not a plan that can be carried out: %w", err))
	}
	return p, nil
}

const askAgain = "Make the plan again with pslan plan -out=FILE."

func broken(path, hint string, err error) error {
	kind := platform.KindBadInput
	if fileerror.Missing(err) {
		kind = platform.KindNotFound
	}
	return &platform.Error{Op: "read the saved plan", Object: path, Kind: kind, Hint: hint, Err: fileerror.Reason(err)}
}

// checkHead looks at the first keys: is it a plan, of a format that is known, from
// this version of pslan?
func checkHead(f *os.File, path, version string) error {
	start := make([]byte, sniffBytes)
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return broken(path, "", err)
	}
	start = start[:n]
	switch sniff(start) {
	case KindPlan:
	case KindEstate:
		return broken(path, "To plan from it, use pslan plan -state="+path+".", errors.New("it is an estate file, not a saved plan"))
	case KindJournal:
		return broken(path, "To look at it, use pslan show "+path+".", errors.New("it is the journal of a run, not a saved plan"))
	default:
		if n == 0 {
			return broken(path, askAgain, errors.New("it is empty"))
		}
		return broken(path, askAgain, errors.New("it is not a saved plan"))
	}
	head := readHead(start)
	if major, _, _ := strings.Cut(head.format, "."); major != "1" {
		return broken(path, "Use the pslan that wrote it, or make the plan again.",
			fmt.Errorf("its format is %q, and this pslan reads 1.x", head.format))
	}
	if head.version != version {
		return broken(path, "A plan is applied by the version that made it. "+askAgain,
			fmt.Errorf("pslan %s made it, and this is pslan %s", head.version, version))
	}
	return nil
}

type headOf struct{ format, version string }

// readHead reads the first two keys that Load depends on; they stand first in every
// plan document.
func readHead(start []byte) headOf {
	var h headOf
	dec := json.NewDecoder(bytes.NewReader(start))
	if _, err := dec.Token(); err != nil {
		return h
	}
	for dec.More() && (h.format == "" || h.version == "") {
		key, err := dec.Token()
		if err != nil {
			return h
		}
		var value any
		if dec.Decode(&value) != nil {
			return h
		}
		text, _ := value.(string)
		switch key {
		case "format_version":
			h.format = text
		case "pslan_version":
			h.version = text
		}
	}
	return h
}

// checkWhole holds the file against its checksum, without building anything.
func checkWhole(f *os.File, size int64, path string) error {
	tail := make([]byte, tailLen)
	if size > int64(tailLen) {
		if _, err := f.ReadAt(tail, size-int64(tailLen)); err != nil {
			return broken(path, "", err)
		}
	}
	want, found := cutTail(tail)
	body := size
	if found {
		body = size - int64(tailLen)
	}
	g := newGuard()
	if _, err := io.Copy(g, io.NewSectionReader(f, 0, body)); err != nil {
		return broken(path, askAgain, err)
	}
	switch {
	case found && g.sum() == want:
		return nil
	case found || bytes.Contains(tail, []byte(`"checksum":"sha256:`)):
		return broken(path, "A saved plan is not to be edited, nor its line ends converted. "+askAgain,
			errors.New("it was changed after it was saved: its checksum is another"))
	case g.open():
		return broken(path, askAgain, errors.New("it is cut off: its end is missing"))
	}
	return broken(path, "Only a file that pslan plan -out=FILE wrote can be applied; what -json-into or show -json wrote is for reading.",
		errors.New("it is a plan document, not a saved plan"))
}

// cutTail returns the checksum of a saved plan's end.
func cutTail(tail []byte) (sum string, ok bool) {
	rest, ok := bytes.CutPrefix(tail, []byte(tailStart))
	if !ok {
		return "", false
	}
	rest, ok = bytes.CutSuffix(rest, []byte(tailEnd))
	return string(rest), ok
}
