package simulation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pslan/internal/apply"
	"pslan/internal/estate"
	"pslan/internal/lab"
	"pslan/internal/lab/world"
	"pslan/internal/platform"
)

// stage is the platform that pslan sees. Behind it stands the lab; in between,
// everybody else acts.
type stage struct {
	scenario *Scenario
	lab      *lab.Lab
	eyes     platform.Eyes
	gate     *gate
	oracle   *oracle
	log      *log

	calls, writes, pauses int
	pending               map[Moment]map[int][]Act
	next                  []Act // what befalls the next writes
	blind, unseen         int
	late                  []late
	lag                   *lag // nil: what the platform tells is so now
	happened              []world.Happening

	round control
}

// control is how the present round is cut short.
type control struct {
	from   int // calls before the round
	stopAt int
	killAt int
	stop   func()
	kill   func()
	dead   bool
	alone  bool // requests are made one at a time
}

// mostCalls is more than any round needs.
const mostCalls = 20_000

var errDead = &platform.Error{Op: "call", Kind: platform.KindUnreachable, Err: context.Canceled}

// Describe implements platform.Platform.
func (st *stage) Describe() platform.Description { return st.lab.Describe() }

// Close implements platform.Platform.
func (st *stage) Close() error { return nil }

// Now implements platform.Clock.
func (st *stage) Now() time.Time { return st.lab.Now() }

// call counts a call and has everybody act whose moment it is. It reports whether
// the process still lives.
func (st *stage) call(ctx context.Context, key string) bool {
	place := fmt.Sprintf("%s %06d", key, apply.Job(ctx))
	st.gate.pass(place)
	if st.round.dead {
		return false
	}
	st.calls++
	st.log.add("%d %s", st.calls, key)
	if st.calls-st.round.from > mostCalls {
		st.oracle.fail("stuck", "a round has made %d calls and does not end", mostCalls)
		st.die()
		return false
	}
	st.act(BeforeCall, st.calls)
	n := st.calls - st.round.from
	if n == st.round.stopAt {
		st.log.add("interrupt")
		st.oracle.count("interrupt")
		st.round.stop()
		st.gate.pass(place) // the word has to get round before the call goes on
		if st.round.dead {
			return false
		}
	}
	if n == st.round.killAt && n%2 == 0 {
		st.die()
	}
	return !st.round.dead
}

func (st *stage) die() {
	st.log.add("the process is killed")
	st.oracle.count("kill")
	st.round.dead = true
	st.round.kill()
}

// dieAfter kills the process when the request was done and its answer is on the way.
func (st *stage) dieAfter() bool {
	if n := st.calls - st.round.from; n == st.round.killAt && n%2 == 1 && !st.round.dead {
		st.die()
	}
	return st.round.dead
}

// act carries out what everybody else does at a moment.
func (st *stage) act(when Moment, n int) {
	for _, a := range st.pending[when][n] {
		st.log.add("act %s", a)
		if a.Stage != "" {
			st.befall(a)
			continue
		}
		st.oracle.beforeOutside()
		var err error
		if a.Do != "" {
			err = st.lab.Do(strings.Fields(a.Do))
			st.oracle.count("do " + strings.Fields(a.Do)[0])
		} else {
			err = st.lab.Break(strings.Fields(a.Break))
			st.oracle.count("break " + verbOf(a.Break))
		}
		if err != nil {
			st.log.add("  in vain: %v", err)
		}
		st.oracle.afterOutside()
	}
}

// verbOf names a fault without its objects.
func verbOf(words string) string {
	for _, w := range strings.Fields(words) {
		if !strings.HasPrefix(w, "PS") {
			return w
		}
	}
	return words
}

func (st *stage) befall(a Act) {
	st.oracle.count("stage " + a.Stage)
	switch a.Stage {
	case "blind":
		st.blind++
	case "unseen":
		st.unseen++
	default:
		st.next = append(st.next, a)
	}
}

// ReadEstate implements platform.Reader.
func (st *stage) ReadEstate(ctx context.Context, scope platform.Scope) (*estate.Estate, error) {
	if !st.call(ctx, "read "+scopeKey(st.scenario, scope)) {
		return nil, errDead
	}
	if st.blind > 0 {
		st.blind--
		return nil, &platform.Error{Op: "read the estate", Kind: platform.KindUnreachable, Err: errors.New("the platform did not answer")}
	}
	st.oracle.looked(scope)
	return st.estate(ctx, scope)
}

func scopeKey(s *Scenario, scope platform.Scope) string {
	if scope.Images == nil {
		return "all"
	}
	var names []string
	for i := range s.Images {
		if slices.Contains(scope.Images, guidOf(imageNumber(s.Images[i].Name), false)) {
			names = append(names, s.Images[i].Name)
		}
	}
	return strings.Join(names, " ")
}

// ReadSync implements platform.Reader.
func (st *stage) ReadSync(ctx context.Context) (*platform.SyncState, error) {
	if !st.call(ctx, "read sync") {
		return nil, errDead
	}
	if st.blind > 0 {
		st.blind--
		return nil, &platform.Error{Op: "read sync", Kind: platform.KindUnreachable, Err: errors.New("the platform did not answer")}
	}
	st.oracle.lookedAtSync()
	return st.sync(ctx)
}

// See implements platform.Eyes.
func (st *stage) See(ctx context.Context, looks []platform.Look) ([]platform.Seen, error) {
	var key strings.Builder
	key.WriteString("see")
	for i := range looks {
		fmt.Fprintf(&key, " %s:%s", looks[i].Server, looks[i].Image.Name)
		if looks[i].Hash {
			key.WriteString("#")
		}
	}
	if !st.call(ctx, key.String()) {
		return nil, errDead
	}
	seen, err := st.eyes.See(ctx, looks)
	if st.unseen > 0 && err == nil {
		st.unseen--
		for i := range seen {
			seen[i] = platform.Seen{Evidence: estate.Evidence{Sight: estate.NotSeen, CheckedAt: estate.TimeOf(st.Now()), Error: "access denied"}}
		}
		return seen, nil
	}
	for i := range looks {
		if err == nil && seen[i].Evidence.Sight == estate.Seen {
			st.oracle.saw(&looks[i])
		}
	}
	return seen, err
}

// Pause implements platform.Clock.
func (st *stage) Pause(ctx context.Context, tick time.Duration, until time.Time) error {
	if !st.call(ctx, "pause") {
		return context.Canceled
	}
	st.pauses++
	st.act(BeforePause, st.pauses)
	for i := range st.late {
		if due := st.late[i].due; until.IsZero() || due.Before(until) {
			until = due
		}
	}
	err := st.lab.Pause(ctx, tick, until)
	st.oracle.timePassed()
	st.lateRequests()
	return err
}

// write is every request: it is judged, and then done, or whatever befalls it.
func (st *stage) write(ctx context.Context, req *request, do func() error) error {
	if !st.call(ctx, req.String()) {
		return errDead
	}
	st.writes++
	st.act(BeforeWrite, st.writes)
	if st.round.dead {
		return errDead
	}
	st.oracle.request(req)
	err := st.befallen(req, do)
	st.log.add("  answer: %v", err)
	st.act(AfterWrite, st.writes)
	if st.dieAfter() {
		return errDead
	}
	return err
}

func (st *stage) befallen(req *request, do func() error) error {
	var a Act
	if len(st.next) > 0 {
		a, st.next = st.next[0], st.next[1:]
	}
	unreachable := func(text string) error {
		return &platform.Error{Op: req.kind, Kind: platform.KindUnreachable, Err: errors.New(text)}
	}
	switch a.Stage {
	case "fail":
		return &platform.Error{Op: req.kind, Kind: platform.KindRefused, Err: errors.New("the platform answered with an error")}
	case "unreachable":
		return unreachable("no connection")
	case "ignore":
		return nil
	case "slow":
		if !st.round.alone { // others' requests are on their way at the same time
			break
		}
		st.pass(a.Length)
		err := do()
		st.oracle.arrivedLate(req)
		return err
	case "delay":
		st.late = append(st.late, late{due: st.lab.Now().Add(a.Length), do: do, req: req})
		return nil
	}
	err := do()
	st.oracle.done(req) // also where an error came: it may be that of a lost answer
	if a.Stage == "lose" {
		return unreachable("the connection was lost before the answer came")
	}
	return err
}

// SetAssignment implements platform.Writer.
func (st *stage) SetAssignment(ctx context.Context, image platform.ImageRef, to estate.AssignmentNames) error {
	r := &request{kind: "assign", image: st.number(image), to: to}
	return st.write(ctx, r, func() error { return st.lab.SetAssignment(context.Background(), image, to) })
}

// UpdateMembership implements platform.Writer.
func (st *stage) UpdateMembership(ctx context.Context) error {
	return st.write(ctx, &request{kind: "update", image: -1}, func() error { return st.lab.UpdateMembership(context.Background()) })
}

// RefreshServer implements platform.Writer.
func (st *stage) RefreshServer(ctx context.Context, server string) error {
	return st.write(ctx, &request{kind: "refresh", image: -1, server: server}, func() error { return st.lab.RefreshServer(context.Background(), server) })
}

// TakeOwnership implements platform.Writer.
func (st *stage) TakeOwnership(ctx context.Context, image platform.ImageRef, server string) error {
	r := &request{kind: "take", image: st.number(image), server: server}
	return st.write(ctx, r, func() error { return st.lab.TakeOwnership(context.Background(), image, server) })
}

// SetLocation implements platform.Writer.
func (st *stage) SetLocation(ctx context.Context, image platform.ImageRef, to string) error {
	r := &request{kind: "locate", image: st.number(image), location: to}
	return st.write(ctx, r, func() error { return st.lab.SetLocation(context.Background(), image, to) })
}

// RebuildPreboot implements platform.Writer.
func (st *stage) RebuildPreboot(ctx context.Context, preboot estate.GUID) error {
	return st.write(ctx, &request{kind: "rebuild", image: -1}, func() error { return st.lab.RebuildPreboot(context.Background(), preboot) })
}

// operatorKinds are the operator's tasks as requests.
var operatorKinds = map[platform.OperatorOp]string{
	platform.OpTakeOwnership: "take", platform.OpClearCopy: "clear", platform.OpCopyFiles: "copy", platform.OpConvert: "convert",
	platform.OpChangeProfile: "profile", platform.OpRetireServer: "retire", platform.OpRefresh: "refresh",
}

// AskOperator implements platform.Writer.
func (st *stage) AskOperator(ctx context.Context, task platform.OperatorTask) error {
	r := &request{kind: operatorKinds[task.Op], image: st.number(task.Image), server: task.Server, location: task.To, files: task.Files, operator: true}
	return st.write(ctx, r, func() error { return st.lab.AskOperator(context.Background(), task) })
}

// number finds an image of the scenario; -1 for none.
func (st *stage) number(image platform.ImageRef) int {
	for i := range st.scenario.Images {
		if guidOf(imageNumber(st.scenario.Images[i].Name), false) == image.Image {
			return i
		}
	}
	return -1
}

// request is something that pslan asks for.
type request struct {
	kind     string // assign, update, refresh, take, locate, rebuild, clear, copy, convert, profile, retire
	image    int    // of the scenario; -1 for none
	server   string
	to       estate.AssignmentNames
	location string
	files    []string
	operator bool
}

// String names the request; two requests for the same have the same name.
func (r *request) String() string {
	s := "ask " + r.kind
	if r.operator {
		s += " of the operator"
	}
	if r.image >= 0 {
		s += fmt.Sprintf(" image#%d", r.image)
	}
	if r.server != "" {
		s += " " + r.server
	}
	if r.kind == "assign" {
		s += " " + settingOf(&r.to)
	}
	if r.location != "" {
		s += " " + r.location
	}
	return s
}
