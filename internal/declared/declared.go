// Package declared is what the files say, after evaluation and before it is held
// against the platform: typed values, each with the place where it was written.
// It knows no HCL; package config fills it, package diff resolves it.
package declared

import (
	"time"

	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/finding"
)

// Declared is the whole of one folder's files.
type Declared struct {
	Folder     string
	Guard      Guard
	Connection Connection
	Content    *Content // nil: no content block
	Servers    []PackageServer
	Images     []Image // image and pct_package blocks, for_each expanded, in address order
	Groups     []Group // images blocks, for_each expanded, in address order
	Preboots   []Preboot
	Policy     Policy
	// Unfinished are moves of earlier runs that a journal remembers; the files know
	// nothing of them.
	Unfinished []UnfinishedMove
}

// UnfinishedMove is a move through a middle server that a lifecycle started and no
// run has finished. It is finished while the image still belongs to the middle
// server, no block says otherwise, and a server that leaves still hands over to To.
type UnfinishedMove struct {
	Image  estate.GUID
	Middle string // the server that owns it meanwhile
	To     string // the server that it was on its way to
}

// Guard is `pslan { estate { smp = … } }`: the only platform these files are for.
type Guard struct {
	SMP   string // "" where not given
	Range diag.Range
}

// Connection says how the platform is reached. Which arguments a type knows is
// checked by config.
type Connection struct {
	Type      string // lab, smp, snapshot; "" where no block is given
	Path      string // lab: its folder; snapshot: the estate file
	Seed      string // lab: the estate file it is made from
	Operator  string // present, absent, "" (the type's default)
	Ownership string // lab: "" or operator
	SMP       *SMP   // smp: all its settings; nil for other types
	Range     diag.Range
}

// Content says how copies are seen. Root is a template over `server`; config
// evaluates it for each server (config.Loaded.ContentRoot), or that of the server's
// own block.
type Content struct {
	Method string // path, smb, manifests, none
	Record string // remembered reference contents; "" none
	// Locations is the folder under which \\HOST\SHARE\FOLDER is mounted as
	// HOST/SHARE/FOLDER, for method path; "": none is.
	Locations string
	Verify    Verify
	Login     *Login // smb: as whom; nil: from the environment alone
	Port      int    // smb: 0 for the usual one
	// Servers are those with a root of their own, as written, no name twice.
	Servers []ContentServer
	// DeleteUnusedAfter is the platform's setting "delete if unused for": how long after
	// it was marked a copy is deleted, where the platform does not tell when.
	DeleteUnusedAfter time.Duration
	Range             diag.Range
}

// DefaultDeleteUnusedAfter is "often one week" (KB 178503, KB 237210): the vendor's
// text, not a fact about an installation.
const DefaultDeleteUnusedAfter = 7 * 24 * time.Hour

// ContentServer is a server with a root of its own.
type ContentServer struct {
	Name  string // of the package server, or its host
	Range diag.Range
}

// Login says as whom pslan logs in. It never holds a password: that comes from the
// environment or from a file.
type Login struct {
	Method          string // negotiate, kerberos, ntlm, basic; "": negotiate
	User            string // DOMAIN\user, user@REALM or user; "": from the environment
	PasswordFile    string // holds the password and nothing else; "": from the environment
	Keytab          string // Kerberos keys of the user; "": none
	CredentialCache string // Kerberos tickets, as kinit leaves them; "": KRB5CCNAME
	KerberosConfig  string // krb5.conf; "": KRB5_CONFIG, else the system's
	Range           diag.Range
}

// Verify says how a copy is proved.
type Verify uint8

// VerifyHash is the default.
const (
	VerifyHash Verify = iota
	VerifySize
)

// Lifecycle of a package server.
type Lifecycle uint8

// The lifecycles.
const (
	Active Lifecycle = iota
	Draining
	Retired
)

// String returns the word of the language.
func (l Lifecycle) String() string { return [...]string{"active", "draining", "retired"}[l] }

// ServerRef is a server as the files name it: a reference to a package_server
// block (Label not empty) or a host.
type ServerRef struct {
	Host  string
	Label string // address of the block, e.g. package_server.ps010
	Range diag.Range
}

// PackageServer is one package_server block or instance.
type PackageServer struct {
	Address        estate.Address
	Host           string
	HostRange      diag.Range
	Sites          []string
	SitesSet       bool
	SitesRange     diag.Range
	Lifecycle      Lifecycle
	LifecycleRange diag.Range
	Successors     []ServerRef
	Acks           []finding.Acknowledgement
	Range          diag.Range // the block's header
	In             string     // package_server "ps008"
}

// Assignment is an assignment block.
type Assignment struct {
	Mode    estate.AssignmentMode // AssignAll, AssignServers, AssignSites, AssignAutomatic
	Servers []ServerRef
	Sites   []string
	Range   diag.Range // of `servers` or `sites`
}

// Attrs are the attributes that an image, a pct_package and a group share. What
// was left out is zero and is left alone.
type Attrs struct {
	Owner          *ServerRef
	Assignment     *Assignment
	Location       string
	LocationRange  diag.Range // zero: not declared
	OnLost         OnLost
	OnLostRange    diag.Range // zero: not declared
	MinCopies      int        // 0: not declared
	MinCopiesRange diag.Range
	Reference      *ServerRef
	Acks           []finding.Acknowledgement
}

// OnLost says what to do with an image of which no good copy is left.
type OnLost uint8

// LostBlock is the default.
const (
	LostBlock OnLost = iota
	LostAbandon
)

// Image is one image or pct_package block or instance. Exactly one of Name, GUID
// and Package is given.
type Image struct {
	Address       estate.Address
	Kind          estate.Kind // KindImage for image (also matches backup images), KindPCT for pct_package
	Name          string
	GUID, Package estate.GUID
	SelectRange   diag.Range
	Attrs
	Range diag.Range // the block's header
	In    string     // image "win11"
}

// Match selects images of the estate: all given arguments must hold.
type Match struct {
	Names    []string // globs (* and ?), without case; any of them
	Kind     estate.Kind
	KindSet  bool // not set: KindImage in match, any kind in except
	Packages []estate.GUID
	Owner    *ServerRef
	Range    diag.Range
}

// Group is one images block or instance.
type Group struct {
	Address estate.Address // images.branch or images.branch["K"]; members add ["NAME"]
	Match   Match
	Except  *Match
	Attrs
	Range diag.Range
	In    string
}

// Preboot is one preboot_configuration block.
type Preboot struct {
	Address         estate.Address
	Name            string
	NameRange       diag.Range
	ConnectsTo      string
	ConnectsToRange diag.Range
	Range           diag.Range
	In              string
}

// Policy is the policy block with its defaults filled in.
type Policy struct {
	MinCopies             int
	MaxDownloads          int   // 0: no limit
	MaxDownloadsPerServer int   // 0: no limit
	Bandwidth             int64 // bits per second between two servers; 0: none given
	HashMaxAge            time.Duration
	EvidenceMaxAge        time.Duration
	StateMaxAge           time.Duration
	ChangeLimit           *ChangeLimit
	Timeouts              Timeouts
	Severities            map[finding.Code]finding.Severity
	Acks                  []finding.Acknowledgement
}

// ChangeLimit stops a plan that changes too much (PSL603).
type ChangeLimit struct {
	Percent, Minimum int
	Range            diag.Range
}

// Timeouts are the limits of waits.
type Timeouts struct {
	Download, Ownership, Sync, Operator, Room time.Duration
}

// DefaultPolicy is the policy of files that have no policy block.
func DefaultPolicy() Policy {
	const day = 24 * time.Hour
	return Policy{
		MinCopies:      1,
		HashMaxAge:     7 * day,
		EvidenceMaxAge: time.Hour,
		StateMaxAge:    day,
		Timeouts: Timeouts{
			Download: 48 * time.Hour, Ownership: 4 * time.Hour, Sync: 30 * time.Minute,
			Operator: 36 * time.Hour, Room: 10 * day,
		},
	}
}

// CheckFailure is an assertion of a check block that does not hold (PSL607).
type CheckFailure struct {
	Name    string // of the check block
	Message string
	Range   diag.Range
	In      string // check "two_sites"
}

// Variable is a variable's value as the plan document shows it.
type Variable struct {
	Value     string // JSON; "" where sensitive
	Sensitive bool
}
