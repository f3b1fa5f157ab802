package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"pslan/internal/apply"
)

// FormatVersion of the journal. A reader refuses another major version.
const FormatVersion = "1.0"

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
}

// line is one record as it stands in the file.
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
	Hash    string           `json:"hash,omitempty"`
}

func (l *line) record() apply.Record {
	return apply.Record{Kind: l.Kind, Step: l.Step, At: l.At, Note: l.Note, Servers: l.Servers, Before: l.Before, After: l.After}
}

// seal fills in the hash and returns the bytes of the line with its line end.
func (l *line) seal(previous string) ([]byte, error) {
	l.Hash = ""
	body, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	l.Hash = chain(previous, body)
	sealed, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	return append(sealed, '\n'), nil
}

// holds reports whether the line's hash is the one that follows the previous one.
func (l *line) holds(previous string) bool {
	bare := *l
	bare.Hash = ""
	body, err := json.Marshal(&bare)
	return err == nil && chain(previous, body) == l.Hash
}

func chain(previous string, body []byte) string {
	h := sha256.New()
	h.Write([]byte(previous))
	h.Write([]byte{'\n'})
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// Transition is one thing that may follow another for one step.
type Transition struct {
	From, To apply.RecordKind // From "" is a step without a record in this segment
	Why      string
}

// Transitions is the table of what may follow what for one step within a segment.
// Nothing follows observed, skipped and failed.
func Transitions() []Transition {
	const none = apply.RecordKind("")
	return []Transition{
		{none, apply.RecordIntended, "a request is about to be made"},
		{none, apply.RecordObserved, "a step that only waits or looks has seen what it waits for"},
		{none, apply.RecordSkipped, "the effect was there before anything was asked"},
		{none, apply.RecordFailed, "what the step relies on does not stand"},
		{apply.RecordIntended, apply.RecordRequested, "the platform accepted the request"},
		{apply.RecordIntended, apply.RecordIntended, "it is asked again: the effect was looked for and not found"},
		{apply.RecordIntended, apply.RecordObserved, "the answer was lost and the effect was seen"},
		{apply.RecordIntended, apply.RecordFailed, "the platform refused"},
		{apply.RecordRequested, apply.RecordObserved, "the effect was seen"},
		{apply.RecordRequested, apply.RecordFailed, "the effect did not show, or something else moved"},
		{apply.RecordRequested, apply.RecordIntended, "it is asked again: the effect was looked for and not found"},
		{apply.RecordRequested, apply.RecordRequested, "asked again together with others, and accepted"},
	}
}

func legal(from, to apply.RecordKind) bool {
	for _, t := range Transitions() {
		if t.From == from && t.To == to {
			return true
		}
	}
	return false
}
