// Package diff holds what the files declare against what was observed.
//
// Resolve finds, for every image of the estate, what is declared for it: its own
// block, else the groups that match it, else the successors of an owner that is
// draining or retired, attribute by attribute. Compute turns that into changes:
// what a reader of the plan counts. How a change is reached, and whether it can
// be, is decided in package plan.
//
// The package is pure: it knows no file, clock, network or context.
package diff

import (
	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/finding"
)

// OwnerSource says who decided the owner of an image.
type OwnerSource uint8

// The sources, in order of precedence.
const (
	OwnerUndeclared OwnerSource = iota
	OwnerDeclared               // its own block or a group
	OwnerSuccessor              // the lifecycle of its present owner
)

// Desired is what is declared for one image of the estate.
type Desired struct {
	Image   int32 // index in Estate.Images
	Address estate.Address
	In      string     // the block for people: image "win11"; "" for an undeclared image
	Range   diag.Range // the block's header, or that of the lifecycle that moves it
	// Declared: a block names the image. An undeclared image is here only because a lifecycle concerns it.
	Declared bool

	OwnerSource OwnerSource
	Owner       estate.ServerID // NoServer where not declared
	OwnerRange  diag.Range

	Assignment      *estate.Assignment // nil where not declared
	AssignmentRange diag.Range

	Location      string // "" where not declared
	LocationRange diag.Range

	Abandon        bool // on_lost = "abandon"
	MinCopies      int  // policy's and block's, whichever is more
	MinCopiesRange diag.Range
	Reference      estate.ServerID // NoServer where no person named one
	ReferenceRange diag.Range
	Acks           []finding.Acknowledgement

	// Homeless: the owner is draining or retired, and nothing says who takes the image (PSL402).
	Homeless bool
}

// ServerDesired is what is declared for one package server of the estate.
type ServerDesired struct {
	Block     *declared.PackageServer // nil where no block names it
	Address   estate.Address          // package_server["NAME"] where no block names it
	Lifecycle declared.Lifecycle
}

// PrebootDesired is what is declared for one preboot configuration.
type PrebootDesired struct {
	Block   *declared.Preboot
	Preboot int32 // index in Estate.Preboots
}

// Resolved is the declared state, resolved against one estate.
type Resolved struct {
	Desired  []Desired       // in image order: those declared, and those a lifecycle concerns
	Servers  []ServerDesired // parallel to Estate.Servers
	Preboots []PrebootDesired
	// Gone are retired servers that the platform no longer lists: done.
	Gone []*declared.PackageServer
	// EmptyGroups are groups that match nothing: a note each.
	EmptyGroups []*declared.Group
	Undeclared  int // images that no block names
	// MinCopies is the policy's, for images that no block names.
	MinCopies int
	byImage   []int32
}

// Of returns what is declared for an image, nil if nothing is.
func (r *Resolved) Of(image int32) *Desired {
	if n := r.byImage[image]; n >= 0 {
		return &r.Desired[n]
	}
	return nil
}

// Retired reports whether a server is declared retired.
func (r *Resolved) Retired(id estate.ServerID) bool {
	return id.IsServer() && r.Servers[id].Lifecycle == declared.Retired
}

// Leaving reports whether a server is draining or retired: it must own nothing in the end.
func (r *Resolved) Leaving(id estate.ServerID) bool {
	return id.IsServer() && r.Servers[id].Lifecycle != declared.Active
}

// Action is what a change does, in the reader's words: created, updated, destroyed.
type Action uint8

// The actions.
const (
	Create Action = iota
	Update
	Delete
)

// String returns "create", "update" or "delete".
func (a Action) String() string { return [...]string{"create", "update", "delete"}[a] }

// Header is what all changes have.
type Header struct {
	Address estate.Address
	Action  Action
	Range   diag.Range // where it is declared; zero where a lifecycle's consequence has no place of its own
	In      string
	// Blocked names the findings that keep the change from being reached; a blocked
	// change is listed and not counted. Filled by package plan.
	Blocked []finding.Code
}

// Change is one entry of the plan's difference: *ImageChange, *CopyChange,
// *ServerChange or *PrebootChange.
type Change interface {
	Head() *Header
	sealed()
}

// Head returns the header itself.
func (h *Header) Head() *Header { return h }
func (h *Header) sealed()       {}

// ImageChange is an image (or PCT package) whose owner, assignment, location or
// format will differ. Fields that stay have Before equal After.
type ImageChange struct {
	Header
	Image         int32
	Name          string
	GUID, Package estate.GUID
	Kind          estate.Kind

	OwnerBefore, OwnerAfter           string // names; "smp"; "" in doubt
	AssignmentBefore, AssignmentAfter estate.AssignmentNames
	LocationBefore, LocationAfter     string
	FormatBefore, FormatAfter         estate.Format
}

// CopyChange is a copy that will come to be on a server, or be deleted there.
type CopyChange struct {
	Header
	Image   int32
	Name    string
	Package estate.GUID
	Server  string
	Class   estate.Class // what is there now
	Files   int64        // create: of the reference; delete: what is there (Unknown where nothing tells)
	Bytes   int64
	From    string // create: the server it is downloaded from
	Label   string // the copied image's label part for people: `win11`, `branch["X"]`, `["NAME"]`
}

// ServerChange is a package server whose role will be removed.
type ServerChange struct {
	Header
	Server string
	Host   string
	Sites  []string
}

// PrebootChange is a preboot configuration whose profile will name another SMP.
type PrebootChange struct {
	Header
	Preboot                           int32
	Name                              string
	GUID                              estate.GUID
	ConnectsToBefore, ConnectsToAfter string
}

// Same reports whether the image would stay as it is.
func (c *ImageChange) Same() bool {
	return c.OwnerBefore == c.OwnerAfter && c.AssignmentBefore.Equal(&c.AssignmentAfter) &&
		c.LocationBefore == c.LocationAfter && c.FormatBefore == c.FormatAfter
}
