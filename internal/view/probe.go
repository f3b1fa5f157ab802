package view

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"pslan/internal/wording"
)

// ProbeProgress is how far a probe of a server's disk has come.
type ProbeProgress struct {
	Server   string
	Phase    ProbePhase
	Packages int // listed so far
	// Files and FilesDone count the files of all packages; Done and Total their bytes.
	// Done are those that were read or recognised.
	Files, FilesDone int
	Done, Total      int64
	Elapsed          time.Duration
	Left             time.Duration // 0: nothing can be said
}

// ProbePhase is what a probe is at.
type ProbePhase uint8

// The phases.
const (
	ProbeListing ProbePhase = iota
	ProbeHashing
	ProbeChecking
)

// String returns "listing", "hashing" or "checking".
func (p ProbePhase) String() string { return [...]string{"listing", "hashing", "checking"}[p] }

// text is one line for people.
func (p *ProbeProgress) text() string {
	var done string
	switch p.Phase {
	case ProbeListing:
		done = fmt.Sprintf("%d packages, %d files", p.Packages, p.Files)
	case ProbeHashing:
		done = fmt.Sprintf("%s, %d of %d files", wording.Share(p.Done, p.Total), p.FilesDone, p.Files)
	default:
		done = fmt.Sprintf("%d packages", p.Packages)
	}
	text := fmt.Sprintf("%s: Still %s... [%s, %s elapsed", printable(p.Server), p.Phase, done, lasts(p.Elapsed))
	if p.Left > 0 {
		text += ", about " + roughly(p.Left) + " left"
	}
	return text + "]"
}

// Probe shows the progress on Err: on a terminal in one line that the next one
// overwrites, else line by line.
func (h *human) Probe(p ProbeProgress) {
	text := p.text()
	if !h.ErrTerminal {
		h.err.WriteString(text + "\n")
		h.err.Flush()
		return
	}
	width := h.Width
	if width <= 0 {
		width = defaultWidth
	}
	if n := utf8.RuneCountInString(text); n >= width { // a line that breaks cannot be overwritten
		text = string([]rune(text)[:width-1])
	}
	n := utf8.RuneCountInString(text)
	h.err.WriteString("\r" + text + strings.Repeat(" ", max(h.live-n, 0)))
	h.err.Flush()
	h.live = n
}

// endLive wipes the line that is overwritten, before something else is written.
func (h *human) endLive() {
	if h.live > 0 {
		h.err.WriteString("\r" + strings.Repeat(" ", h.live) + "\r")
		h.err.Flush()
		h.live = 0
	}
}

type probeLine struct {
	head
	Probe probeState `json:"probe"`
	Type  string     `json:"type"`
}

type probeState struct {
	Server         string `json:"server"`
	Phase          string `json:"phase"`
	Packages       int    `json:"packages"`
	Files          int    `json:"files"`
	FilesDone      int    `json:"files_done"`
	BytesDone      int64  `json:"bytes_done"`
	BytesTotal     int64  `json:"bytes_total"`
	ElapsedSeconds *int64 `json:"elapsed_seconds"`
	ETASeconds     *int64 `json:"eta_seconds,omitempty"`
}

// Probe shows the progress.
func (v *jsonView) Probe(p ProbeProgress) {
	l := &probeLine{head: v.info(p.text()), Type: "probe_progress", Probe: probeState{
		Server: p.Server, Phase: p.Phase.String(), Packages: p.Packages, Files: p.Files, FilesDone: p.FilesDone,
		BytesDone: p.Done, BytesTotal: p.Total, ElapsedSeconds: seconds(p.Elapsed),
	}}
	if p.Left > 0 {
		l.Probe.ETASeconds = seconds(p.Left)
	}
	v.line(l)
	v.w.Flush()
}
