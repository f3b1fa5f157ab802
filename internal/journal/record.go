package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"pslan/internal/apply"
)

// FormatVersion of the journal. A reader refuses another major version.
const FormatVersion = "1.0"

// Bounds. A journal within them is written, and no other is read.
const (
	maxLine  = 1 << 20
	maxFile  = 1 << 30
	maxGroup = 4 << 20  // bytes that are written before they are flushed
	maxText  = 64 << 10 // bytes of a note; longer ones are cut
)

// Header says what a run is. It stands in every `opened` record.
type Header struct {
	FormatVersion string    `json:"format_version"`
	Run           string    `json:"run"`
	PlanID        string    `json:"plan_id"`
	Version       string    `json:"pslan_version"`
	SMP           string    `json:"smp"`
	User          string    `json:"user"`
	Host          string    `json:"host"`
	PID           int       `json:"pid"`
	Started       time.Time `json:"started"`
	Steps         int       `json:"steps"`
	Plan          string    `json:"plan"`    // file name of the saved plan, beside the journal
	Segment       int       `json:"segment"` // 1 for the first run, one more each time it goes on
	// Inputs is a digest of what the plan was made from besides the platform: a run goes
	// on only while it is the same.
	Inputs string `json:"inputs,omitempty"`
	// Approved says what was approved: all, or safe, the steps without a risk.
	Approved string `json:"approved,omitempty"`
}

// Closing says how a run, or one segment of it, ended.
type Closing struct {
	Outcome  string    `json:"outcome"` // complete, incomplete, paused, abandoned, failed
	ExitCode int       `json:"exit_code"`
	At       time.Time `json:"at"`
	Note     string    `json:"note,omitempty"`
	// GoesOn: work remains, and the next apply takes this run up again.
	GoesOn bool `json:"goes_on,omitempty"`
	// Counts is filled in by the Writer.
	Counts *Counts `json:"counts,omitempty"`
}

// Counts is where the steps of a run stand at an end, by their last record in any segment.
type Counts struct {
	Observed  int `json:"observed"`
	Skipped   int `json:"skipped"`
	Failed    int `json:"failed"`
	Open      int `json:"open"`      // intended or requested: its effect was not seen yet
	Untouched int `json:"untouched"` // no record
}

// line is one record as it stands in the file, without its hash.
type line struct {
	Seq     int              `json:"seq"`
	Kind    apply.RecordKind `json:"kind"`
	At      time.Time        `json:"at"`
	Step    string           `json:"step,omitempty"`
	Note    string           `json:"note,omitempty"`
	Servers []string         `json:"servers,omitempty"`
	Before  string           `json:"before,omitempty"`
	After   string           `json:"after,omitempty"`
	Header  *Header          `json:"header,omitempty"`
	Closing *Closing         `json:"closing,omitempty"`
}

func lineOf(r *apply.Record) line {
	return line{
		Kind: r.Kind, At: r.At.UTC(), Step: r.Step, Note: cut(r.Note),
		Servers: r.Servers, Before: cut(r.Before), After: cut(r.After),
	}
}

func (l *line) record() apply.Record {
	return apply.Record{Kind: l.Kind, Step: l.Step, At: l.At, Note: l.Note, Servers: l.Servers, Before: l.Before, After: l.After}
}

// The hash stands last, so that what it is over are the bytes of the line without it.
const (
	beforeHash = `,"hash":"`
	afterHash  = `"}`
	hashLength = 2 * sha256.Size
)

// seal returns the bytes of the line with its hash and line end, and the hash.
func (l *line) seal(previous string) (sealed []byte, hash string, err error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		return nil, "", err
	}
	body := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	hash = chain(previous, body)
	sealed = append(body[:len(body)-1], beforeHash+hash+afterHash+"\n"...)
	return sealed, hash, nil
}

// unseal takes a line without its line end apart. linked reports whether its hash is
// the one that follows the previous one.
func unseal(text []byte, previous string) (l *line, hash string, linked bool, err error) {
	at := len(text) - len(beforeHash) - hashLength - len(afterHash)
	if at < 1 || !bytes.HasPrefix(text[at:], []byte(beforeHash)) || !bytes.HasSuffix(text, []byte(afterHash)) {
		return nil, "", false, errors.New("it does not end with a hash")
	}
	hash = string(text[at+len(beforeHash) : len(text)-len(afterHash)])
	body := append(bytes.Clone(text[:at]), '}')
	l = &line{}
	if err := json.Unmarshal(body, l); err != nil {
		return nil, "", false, err
	}
	return l, hash, hash == chain(previous, body), nil
}

// chain is the hash of a record: over the hash before it, a line end, and the bytes
// of the record without its hash.
func chain(previous string, body []byte) string {
	h := sha256.New()
	h.Write([]byte(previous))
	h.Write([]byte{'\n'})
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// cut shortens a text that is longer than any that is kept.
func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return fmt.Sprintf("%s... (%d bytes left out)", s[:n], len(s)-n)
}

// quoted is a word from a file as it is said to people: bounded, and printable.
func quoted(s string) string {
	const most = 200
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return strconv.Quote(s)
}
