package planfile

import (
	"encoding/json"

	"pslan/internal/finding"
)

// The types of this file are the document's objects, key by key, in the order in
// which they are written.

type variable struct {
	Value     json.RawMessage `json:"value,omitempty"`
	Sensitive bool            `json:"sensitive,omitempty"`
}

type estateOf struct {
	SMP     string `json:"smp"`
	TakenAt string `json:"taken_at,omitempty"`
	Source  string `json:"source"`
}

// resourceChange is one entry of resource_changes; A are the attributes of its type.
type resourceChange[A any] struct {
	Address      string         `json:"address"`
	Mode         string         `json:"mode"`
	Type         string         `json:"type"`
	Name         string         `json:"name"`
	Index        string         `json:"index,omitempty"`
	ProviderName string         `json:"provider_name"`
	Change       delta[A]       `json:"change"`
	ActionReason string         `json:"action_reason"`
	DeclaredAt   *place         `json:"declared_at"`
	Holds        string         `json:"holds,omitempty"` // class of the copy that is there now
	BlockedBy    []finding.Code `json:"blocked_by"`
	Wanted       *wanted[A]     `json:"wanted,omitempty"` // of a blocked change
}

type delta[A any] struct {
	Actions         [1]string `json:"actions"`
	Before          *A        `json:"before"`
	After           *A        `json:"after"`
	AfterUnknown    struct{}  `json:"after_unknown"`
	BeforeSensitive struct{}  `json:"before_sensitive"`
	AfterSensitive  struct{}  `json:"after_sensitive"`
}

type wanted[A any] struct {
	Actions [1]string `json:"actions"`
	After   *A        `json:"after"`
}

type imageAttributes struct {
	Name       string     `json:"name"`
	Package    string     `json:"package"`
	GUID       string     `json:"guid"`
	Kind       string     `json:"kind"`
	Format     string     `json:"format"`
	Owner      string     `json:"owner"`
	Assignment assignment `json:"assignment"`
	Location   string     `json:"location"`
}

type copyAttributes struct {
	Name    string `json:"name"`
	Package string `json:"package"`
	Server  string `json:"server"`
	Files   *int64 `json:"files,omitempty"` // left out where nothing tells
	Bytes   *int64 `json:"bytes,omitempty"`
	From    string `json:"from,omitempty"`
}

type serverAttributes struct {
	Name  string   `json:"name"`
	Host  string   `json:"host"`
	Sites []string `json:"sites"`
}

type prebootAttributes struct {
	Name       string `json:"name"`
	GUID       string `json:"guid"`
	ConnectsTo string `json:"connects_to"`
}

type assignment struct {
	Mode    string   `json:"mode"`
	Servers []string `json:"servers"`
	Sites   []string `json:"sites"`
}

type position struct {
	Line   int32 `json:"line"`
	Column int32 `json:"column"`
	Byte   int32 `json:"byte"`
}

// place is where something is declared: its line for readers in a hurry, the whole
// range, and the block in words.
type place struct {
	Filename string    `json:"filename"`
	Line     int32     `json:"line"`
	Start    *position `json:"start,omitempty"`
	End      *position `json:"end,omitempty"`
	In       string    `json:"in,omitempty"`
}

type textRange struct {
	Filename string   `json:"filename"`
	Start    position `json:"start"`
	End      position `json:"end"`
}

type stepOf struct {
	N         int            `json:"n"`
	ID        string         `json:"id"`
	Op        string         `json:"op"`
	Address   string         `json:"address"`
	Name      string         `json:"name"`
	Label     string         `json:"label"`
	Image     string         `json:"image,omitempty"`
	Package   string         `json:"package"`
	Preboot   string         `json:"preboot,omitempty"`
	Server    string         `json:"server"`
	From      string         `json:"from"`
	Snapshot  string         `json:"snapshot_of,omitempty"` // whose snapshot.xml is the reference
	Servers   []string       `json:"servers,omitempty"`
	Skipped   []string       `json:"skipped,omitempty"`
	MustReach []string       `json:"must_reach,omitempty"`
	Needs     []string       `json:"needs"`
	By        string         `json:"by"`
	Risk      string         `json:"risk"`
	Before    facts          `json:"before"`
	After     facts          `json:"after"`
	Files     int64          `json:"files"`
	Bytes     int64          `json:"bytes"`
	Starts    int            `json:"starts,omitempty"` // downloads
	WaitsFor  string         `json:"waits_for"`
	Limit     float64        `json:"limit_seconds"`
	Seconds   int64          `json:"seconds,omitempty"`  // estimate
	Accepted  []finding.Code `json:"accepted,omitempty"` // by an acknowledgement
	BlockedBy []finding.Code `json:"blocked_by"`
}

// facts are those of a step: what is absent is not meant.
type facts struct {
	Owner      *string     `json:"owner,omitempty"`
	Assignment *assignment `json:"assignment,omitempty"`
	Location   *string     `json:"location,omitempty"`
	ConnectsTo *string     `json:"connects_to,omitempty"`
	Format     *string     `json:"format,omitempty"`
	Verified   []string    `json:"verified,omitempty"`
}

type findingOf struct {
	Code         finding.Code     `json:"code"`
	Severity     string           `json:"severity"`
	Title        string           `json:"title"`
	Detail       string           `json:"detail"`
	Fix          string           `json:"fix"`
	Address      string           `json:"address"`
	Server       string           `json:"server"`
	Image        string           `json:"image"`
	Blocks       bool             `json:"blocks"`
	Range        *textRange       `json:"range"`
	In           string           `json:"in,omitempty"`
	Acknowledged *acknowledgement `json:"acknowledged"`
}

type acknowledgement struct {
	Reason string     `json:"reason"`
	Ticket string     `json:"ticket"`
	Day    string     `json:"expires"` // its last valid day, as written
	Until  string     `json:"until"`   // the end of that day
	Range  *textRange `json:"range"`
}

type forecastOf struct {
	Downloads int              `json:"downloads"`
	Bytes     int64            `json:"bytes"`
	Seconds   int64            `json:"seconds,omitempty"`
	Servers   []serverForecast `json:"package_servers"`
}

type serverForecast struct {
	Name        string `json:"name"`
	CopiesNow   int    `json:"copies_now"`
	CopiesAfter int    `json:"copies_after"`
	BytesNow    int64  `json:"bytes_now"`
	BytesPeak   int64  `json:"bytes_peak"`
	BytesAfter  int64  `json:"bytes_after"`
	FreeAtPeak  *int64 `json:"free_at_peak,omitempty"`
}

// The objects of the key "saved".

type limitsOf struct {
	MaxDownloads int `json:"max_downloads"`
	PerServer    int `json:"max_downloads_per_server"`
}

type blockOf struct {
	Code    finding.Code `json:"code"`
	Address string       `json:"address"`
	Whole   bool         `json:"whole"`
	Detail  string       `json:"detail"`
}

type factOf struct {
	Kind   string `json:"kind"`
	Object string `json:"object"`
	Value  string `json:"value"`
	Name   string `json:"name"`
	// Later are the values that the plan's own steps leave behind.
	Later []string `json:"later,omitempty"`
}

type noteOf struct {
	Severity string     `json:"severity"`
	Summary  string     `json:"summary"`
	Detail   string     `json:"detail"`
	Subject  *textRange `json:"range"`
	Context  *textRange `json:"context,omitempty"`
	In       string     `json:"in,omitempty"`
}
