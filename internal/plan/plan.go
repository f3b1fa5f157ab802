package plan

import (
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
)

// Plan is what would be done, as data.
type Plan struct {
	Changes  []diff.Change // sorted by address
	Steps    []Step        // a legal order, the printed one
	Moves    []Move        // one for each image with a change or a block, in address order
	Servers  []ServerPlan  // parallel to Estate.Servers
	Blocks   []Block       // what keeps things from being done, in address order
	Facts    []Fact        // what the plan relies on, sorted
	Forecast Forecast
	Limits   Limits
	ID       string // sha256:…
	// Partial: -target or -exclude chose some of the changes.
	Partial bool
}

// Limits bind what pslan starts at a time. 0: no limit.
type Limits struct {
	MaxDownloads, PerServer int
}

// Move is the path of one image.
type Move struct {
	Desired *diff.Desired
	Image   int32 // index in Estate.Images
	Judged  estate.Judgement
	// Path are the owners from the present one to the last that is reached; one
	// entry where the owner stays. Middle servers stand between.
	Path []estate.ServerID
	// Between is the widest assignment while the move runs, Final the one after it.
	Between, Final estate.Assignment
	Gains          []estate.ServerID // servers assigned by the move or the declaration
	Loses          []estate.ServerID // servers that lose their assignment, sorted
	Creates        []estate.ServerID // servers that will hold a copy and have no good one
	Clears         []estate.ServerID // servers whose wrong files must be cleared first
	Saves          []estate.ServerID // needed copies marked for deletion that are saved first
	Keeps          []estate.ServerID // copies that carry min_copies when others are deleted, owner first
	// TakeWaits: before the final owner takes, a wait and a verify of its copy stand in the plan.
	TakeWaits bool
	Blocks    []int32 // indices in Plan.Blocks
	Steps     []StepNo
}

// OwnerMoves reports whether the owner changes.
func (m *Move) OwnerMoves() bool { return len(m.Path) > 1 }

// Target returns the last owner of the path.
func (m *Move) Target() estate.ServerID { return m.Path[len(m.Path)-1] }

// Middle returns the server in between of a two-hop move, NoServer where there is none.
func (m *Move) Middle() estate.ServerID {
	if len(m.Path) == 3 {
		return m.Path[1]
	}
	return estate.NoServer
}

// ServerPlan is what the plan means for one server.
type ServerPlan struct {
	Server estate.ServerID
	// OwnsAfter are the images that it would still own after the plan.
	OwnsAfter []int32
	// RefreshHarms are the images whose good copies a refresh of the server, as things
	// stand before the plan, would endanger. Nobody should be advised to refresh it by
	// hand.
	RefreshHarms []int32
	// LosesAll: the role goes, and with it every copy (images that have files there).
	LosesAll []int32
}

// Block is one reason why something that is declared is not done.
type Block struct {
	Code    finding.Code
	Address estate.Address
	Image   int32           // -1 for a server's block
	Server  estate.ServerID // the server concerned, NoServer if none
	// Whole: nothing of the change is done. Otherwise steps before the blocked one run.
	Whole bool
	// Detail completes the finding's body: one or two sentences with numbers.
	Detail string
}

// Fact is one observation that the plan relies on: "owner of PACKAGE is PS008".
type Fact struct {
	Kind   string // owner, assignment, location, format, kind, package, reference, reachable, class, connects_to, server
	Object string // package or image GUID, server, preboot GUID; for a class "GUID SERVER"
	Value  string
	// Name is the object in words, for messages; not part of the plan's identity.
	Name string
	// Later are the values that the plan's own steps leave behind.
	Later []string
}

// Forecast is what the plan would do to disks and links.
type Forecast struct {
	Downloads int
	Bytes     int64 // to be downloaded
	Seconds   int64 // 0 where no bandwidth is given
	Servers   []ServerForecast
}

// ServerForecast is the forecast of one server, for servers that the plan touches.
type ServerForecast struct {
	Name                            string
	CopiesNow, CopiesAfter          int
	BytesNow, BytesPeak, BytesAfter int64
	FreeAtPeak                      int64 // estate.Unknown where the room is not known
}
