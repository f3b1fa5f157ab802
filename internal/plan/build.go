package plan

import (
	"cmp"
	"slices"

	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
)

// Input is all that a plan is made from.
type Input struct {
	Estate   *estate.Estate
	Index    *estate.Index
	Resolved *diff.Resolved
	Deltas   []diff.Delta // as diff.Compute gives them
	Policy   *declared.Policy
	// OwnershipByOperator: taking ownership is an operator's step on this platform.
	OwnershipByOperator bool
	// SyncByOperator: so is telling servers of a change.
	SyncByOperator bool
	// Verify says how copies are proved. By hash, ownership is taken only of a copy that
	// there are hashes to compare with.
	Verify declared.Verify
	// Blocked keeps steps of an address from being planned although nothing else
	// does: findings that the policy raised to errors. They block the step named by Op
	// and what follows it; an empty list changes nothing.
	Blocked []RaisedBlock
	// Accepted are the codes that valid acknowledgements accept for a server's
	// retirement (PSL404, PSL506, PSL508), by the server's address.
	Accepted map[estate.Address][]finding.Code
	// Selection cuts the plan; the zero value chooses everything.
	Selection Selection
}

// RaisedBlock is a finding that blocks by the policy's word.
type RaisedBlock struct {
	Code    finding.Code
	Address estate.Address
	Detail  string
}

// Build makes the plan. It always succeeds: what cannot be done is in Plan.Blocks.
// The result is not yet checked (Check) nor identified (Identify).
func Build(in Input) *Plan {
	b := newBuilder(in)
	for i := range in.Deltas {
		b.move(&in.Deltas[i])
	}
	b.rooms()
	for b.hazards() { // a move that is refused no longer mends what others rely on
	}
	for i := range b.moves {
		b.write(&b.moves[i])
	}
	b.preboots()
	b.servers()
	b.gates()
	return b.finish()
}

type builder struct {
	Input
	e     *estate.Estate
	plan  *Plan
	moves []moving
	steps []Step
	// gate is the first sync of a server that holds copies to be saved or to be taken
	// before anything else refreshes it.
	gate map[estate.ServerID]*gate
	// fatal: a sync of the server would destroy the last good copy of this image.
	fatal map[estate.ServerID]int32
	risky map[estate.ServerID]bool
	// behind: the servers not to be refreshed before the image was taken, or its copy saved.
	behind map[int32][]estate.ServerID
	harms  map[estate.ServerID][]int32 // see ServerPlan.RefreshHarms
	// ownership collects, for each leaving server, the steps after which it does not
	// own the images that the plan moves off it.
	ownership map[estate.ServerID][]StepNo
	joins     map[estate.ServerID]StepNo
	raised    map[estate.Address][]RaisedBlock
	shrinks   []*chain // unassignments that wait for the joins of retired servers
	roomNeeds []roomNeed
	// repairs are, for each server, the steps that have to come before it is refreshed:
	// takes of images that it holds and whose owner is bad, and of images that it owns
	// badly; and assignments that save the copies which are left when its own go.
	repairs  map[estate.ServerID][]StepNo
	after    *afterPlan
	retiring map[estate.ServerID][]StepNo // what the drained check of a retired server waits for
}

// moving is a Move while it is built.
type moving struct {
	Move
	delta    *diff.Delta
	address  estate.Address
	names    stepNames
	ownerBad bool // the owner is up and its copy is not good: no sync before the take
	roomFor  map[estate.ServerID][]int32
	stop     finding.Code // the chain ends before `stopAt`
	stopAt   Op
	whole    bool
	reached  estate.ServerID // the last server on the path whose take is a step
	shrunk   bool            // the unassignment is a step
	last     []StepNo        // the steps after which the move is over
}

// stepNames are the texts that every step of a move shares.
type stepNames struct {
	image, pack estate.GUID
	name, label string
}

// gate joins what has to be done before a server may be refreshed. None of it needs a
// sync, so that no two gates can wait for each other.
type gate struct {
	needs []StepNo
	step  StepNo
}

const noStep = StepNo(-1)

func newBuilder(in Input) *builder {
	b := &builder{
		Input: in, e: in.Estate, plan: &Plan{},
		gate: map[estate.ServerID]*gate{}, fatal: map[estate.ServerID]int32{}, risky: map[estate.ServerID]bool{}, behind: map[int32][]estate.ServerID{}, harms: map[estate.ServerID][]int32{},
		ownership: map[estate.ServerID][]StepNo{}, joins: map[estate.ServerID]StepNo{},
		raised: map[estate.Address][]RaisedBlock{}, retiring: map[estate.ServerID][]StepNo{},
		repairs: map[estate.ServerID][]StepNo{},
	}
	b.plan.Limits = Limits{MaxDownloads: in.Policy.MaxDownloads, PerServer: in.Policy.MaxDownloadsPerServer}
	for _, r := range in.Blocked {
		b.raised[r.Address] = append(b.raised[r.Address], r)
	}
	b.steps = make([]Step, 0, 8*len(in.Deltas))
	b.moves = make([]moving, 0, len(in.Deltas))
	return b
}

// block records why something is not done. Whole: nothing of it is.
func (b *builder) block(m *moving, code finding.Code, server estate.ServerID, whole bool, detail string) {
	m.Blocks = append(m.Blocks, int32(len(b.plan.Blocks)))
	b.plan.Blocks = append(b.plan.Blocks, Block{Code: code, Address: m.address, Image: m.Image, Server: server, Whole: whole, Detail: detail})
	m.whole = m.whole || whole
}

// stopBefore ends the chain of a move before an operation.
func (b *builder) stopBefore(m *moving, op Op, code finding.Code, server estate.ServerID, detail string) {
	b.block(m, code, server, false, detail)
	if m.stop == "" || op < m.stopAt {
		m.stop, m.stopAt = code, op
	}
}

func (b *builder) blockServer(id estate.ServerID, addr estate.Address, code finding.Code, detail string) {
	b.plan.Blocks = append(b.plan.Blocks, Block{Code: code, Address: addr, Image: -1, Server: id, Whole: true, Detail: detail})
}

// add appends a step and returns its number; needs of noStep are left out.
func (b *builder) add(s Step, needs ...StepNo) StepNo {
	if s.Op == Sync && b.SyncByOperator {
		s.By, s.Limit = ByOperator, max(s.Limit, b.Policy.Timeouts.Operator) // a person does it in their own time
	}
	for _, n := range needs {
		if n != noStep && !slices.Contains(s.Needs, n) {
			s.Needs = append(s.Needs, n)
		}
	}
	b.steps = append(b.steps, s)
	return StepNo(len(b.steps) - 1)
}

// finish orders everything and fills in what follows from the whole.
func (b *builder) finish() *Plan {
	p := b.plan
	b.choose()
	p.Moves = make([]Move, len(b.moves))
	order := b.order()
	p.Steps = order.steps
	for i := range b.moves {
		m := &b.moves[i]
		for k, n := range m.Steps {
			m.Steps[k] = order.place[n]
		}
		slices.Sort(m.Steps)
		m.Steps = slices.Compact(m.Steps)
		p.Moves[i] = m.Move
	}
	slices.SortFunc(p.Moves, func(x, y Move) int { return cmp.Compare(x.Desired.Address, y.Desired.Address) })
	b.sortBlocks()
	p.Changes = b.listChanges()
	p.Facts = b.facts()
	p.Forecast = b.forecast()
	return p
}

// sortBlocks puts the blocks in address order and renumbers the moves' references.
func (b *builder) sortBlocks() {
	blocks := b.plan.Blocks
	place := make([]int32, len(blocks))
	for i := range place {
		place[i] = int32(i)
	}
	slices.SortStableFunc(place, func(x, y int32) int {
		return cmp.Or(cmp.Compare(blocks[x].Address, blocks[y].Address), cmp.Compare(blocks[x].Code, blocks[y].Code), cmp.Compare(blocks[x].Server, blocks[y].Server))
	})
	sorted, where := make([]Block, len(blocks)), make([]int32, len(blocks))
	for to, from := range place {
		sorted[to], where[from] = blocks[from], int32(to)
	}
	b.plan.Blocks = sorted
	for i := range b.plan.Moves {
		refs := b.plan.Moves[i].Blocks
		for k := range refs {
			refs[k] = where[refs[k]]
		}
	}
}
