package rules_test

import (
	"crypto/sha256"
	"strings"
	"time"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/rules"
)

// The servers of a world. PS008 and PS009 are in HQ, PS010 and PS011 in BERLIN.
const (
	ps008 estate.ServerID = iota
	ps009
	ps010
	ps011
)

const (
	imageFiles = 3
	imageBytes = 13314398617
)

var now = estate.TimeOf(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))

func hours(n int) estate.Time { return estate.Time(time.Duration(n) * time.Hour) }

// world is a small installation with what is declared for it and a plan, all made
// by hand, so that each test shows the facts that its rule looks at.
type world struct {
	rules.Input
	e   *estate.Estate
	res *diff.Resolved
}

func newWorld() *world {
	w := &world{e: &estate.Estate{TakenAt: now, Source: "lab", SMP: estate.Server{Name: "smp01.contoso.com"}, Sites: []string{"BERLIN", "HQ"}}}
	w.res = &diff.Resolved{Desired: make([]diff.Desired, 0, 32), MinCopies: 1}
	d := &declared.Declared{Policy: declared.DefaultPolicy()}
	w.Input = rules.Input{Estate: w.e, Declared: d, Resolved: w.res, Plan: &plan.Plan{}, Now: now}
	for i, name := range []string{"PS008", "PS009", "PS010", "PS011"} {
		w.e.Servers = append(w.e.Servers, estate.PackageServer{
			Name: name, Host: strings.ToLower(name) + ".contoso.com", Sites: []string{[]string{"HQ", "BERLIN"}[i/2]},
			State: estate.Online, LastSeen: now - hours(100), FreeBytes: 500 << 30, TotalBytes: 1000 << 30,
		})
		w.res.Servers = append(w.res.Servers, diff.ServerDesired{Address: estate.Address("package_server").Member(name)})
		w.Plan.Servers = append(w.Plan.Servers, plan.ServerPlan{Server: estate.ServerID(i)})
	}
	return w
}

// run runs the rules; the world is indexed as it stands then.
func (w *world) run() ([]finding.Finding, diag.Diagnostics) {
	w.Index = estate.NewIndex(w.e)
	return rules.Run(&w.Input)
}

func digest(text string) estate.Digest { return sha256.Sum256([]byte(text)) }

func at(line int32) diag.Range {
	return diag.Range{Filename: "images.hcl", Start: diag.Pos{Line: line, Column: 3, Byte: line * 10}, End: diag.Pos{Line: line, Column: 9, Byte: line*10 + 6}}
}

func seen(id estate.ServerID, files, bytes int64, content string) estate.Copy {
	c := estate.Copy{Server: id, Evidence: estate.Evidence{Sight: estate.Seen, Folder: true, Files: files, Bytes: bytes, By: "path", CheckedAt: now - hours(1)}}
	if files > 0 {
		c.Evidence.Digest, c.Evidence.Listing = digest(content), digest("listing "+content)
	}
	return c
}

func good(id estate.ServerID) estate.Copy { return seen(id, imageFiles, imageBytes, "right") }

func empty(id estate.ServerID) estate.Copy { return seen(id, 0, 0, "") }

func missing(id estate.ServerID) estate.Copy {
	c := empty(id)
	c.Evidence.Folder = false
	return c
}

func partial(id estate.ServerID) estate.Copy { return seen(id, 1, 4402341478, "half") }

// wrong has the listing of a good copy and other bytes.
func wrong(id estate.ServerID) estate.Copy {
	c := good(id)
	c.Evidence.Digest = digest("wrong")
	return c
}

// lists puts a snapshot.xml of a version beside a copy, that lists what another holds.
func lists(c, what estate.Copy, version int64) estate.Copy {
	ev := &what.Evidence
	c.Evidence.Agent = &estate.AgentFiles{Snapshot: &estate.Content{Files: ev.Files, Bytes: ev.Bytes, Listing: ev.Listing, Version: version}}
	return c
}

func unseen(id estate.ServerID, why string) estate.Copy {
	return estate.Copy{Server: id, Evidence: estate.Evidence{Sight: estate.NotSeen, Error: why}}
}

func notLooked(id estate.ServerID) estate.Copy { return estate.Copy{Server: id} }

func marked(c estate.Copy, until estate.Time) estate.Copy {
	c.DeleteAfter = until
	return c
}

func says(c estate.Copy, status string) estate.Copy {
	c.Status, c.StatusAt = status, now-hours(50)
	return c
}

// image adds an image that belongs to PS008 and is assigned to all.
func (w *world) image(name string, copies ...estate.Copy) (int32, *estate.Image) {
	n := int32(len(w.e.Images))
	w.e.Images = append(w.e.Images, estate.Image{
		Name: name, GUID: guid("guid " + name), Package: guid("package " + name), Owner: ps008,
		Assignment: estate.Assignment{Mode: estate.AssignAll}, Copies: copies, Version: 1601867730,
	})
	return n, &w.e.Images[n]
}

func guid(text string) (g estate.GUID) {
	d := digest(text)
	copy(g[:], d[:])
	return g
}

// desire declares an image by a block of its own: image.win11.
func (w *world) desire(n int32, label string, change func(*diff.Desired)) *diff.Desired {
	w.res.Desired = append(w.res.Desired, diff.Desired{
		Image: n, Address: estate.Address("image." + label), In: `image "` + label + `"`, Range: at(10), Declared: true,
		Owner: estate.NoServer, Reference: estate.NoServer, MinCopies: 1,
	})
	d := &w.res.Desired[len(w.res.Desired)-1]
	if change != nil {
		change(d)
	}
	return d
}

func owned(id estate.ServerID) func(*diff.Desired) {
	return func(d *diff.Desired) { d.Owner, d.OwnerSource, d.OwnerRange = id, diff.OwnerDeclared, at(12) }
}

func assigned(a estate.Assignment) func(*diff.Desired) {
	return func(d *diff.Desired) { d.Assignment, d.AssignmentRange = &a, at(14) }
}

func both(changes ...func(*diff.Desired)) func(*diff.Desired) {
	return func(d *diff.Desired) {
		for _, c := range changes {
			c(d)
		}
	}
}

// move plans a move along a path of owners.
func (w *world) move(d *diff.Desired, path ...estate.ServerID) *plan.Move {
	img := &w.e.Images[d.Image]
	m := plan.Move{Desired: d, Image: d.Image, Judged: w.e.Judge(img, d.Reference), Path: path, Between: img.Assignment, Final: img.Assignment}
	if d.Assignment != nil {
		m.Final = *d.Assignment
	}
	m.TakeWaits = len(path) > 1 && m.Judged.Class(path[len(path)-1]) != estate.Good
	w.Plan.Moves = append(w.Plan.Moves, m)
	return &w.Plan.Moves[len(w.Plan.Moves)-1]
}

// step adds a step to the plan and to a move, which may be nil.
func (w *world) step(m *plan.Move, s plan.Step) {
	if m != nil {
		m.Steps = append(m.Steps, plan.StepNo(len(w.Plan.Steps)))
	}
	w.Plan.Steps = append(w.Plan.Steps, s)
}

// usual adds the steps of a direct move to a server.
func (w *world) usual(m *plan.Move, server string) {
	for _, op := range []plan.Op{plan.Sync, plan.WaitCopy, plan.VerifyCopy, plan.TakeOwnership, plan.Sync, plan.VerifyOwnership} {
		w.step(m, plan.Step{Op: op, Server: server})
	}
}

// block keeps a move from being done.
func (w *world) block(m *plan.Move, code finding.Code, server estate.ServerID, whole bool, detail string) {
	m.Blocks = append(m.Blocks, int32(len(w.Plan.Blocks)))
	w.Plan.Blocks = append(w.Plan.Blocks, plan.Block{Code: code, Address: m.Desired.Address, Image: m.Image, Server: server, Whole: whole, Detail: detail})
}

func (w *world) blockServer(code finding.Code, id estate.ServerID, detail string) {
	w.Plan.Blocks = append(w.Plan.Blocks, plan.Block{Code: code, Address: w.res.Servers[id].Address, Image: -1, Server: id, Whole: true, Detail: detail})
}

// leaves gives a server a block with a lifecycle.
func (w *world) leaves(id estate.ServerID, l declared.Lifecycle) *declared.PackageServer {
	label := strings.ToLower(w.e.Servers[id].Name)
	b := &declared.PackageServer{
		Address: estate.Address("package_server." + label), Host: w.e.Servers[id].Name, In: `package_server "` + label + `"`,
		Lifecycle: l, Range: at(1), LifecycleRange: at(3),
	}
	w.res.Servers[id] = diff.ServerDesired{Block: b, Address: b.Address, Lifecycle: l}
	return b
}

// lifecycleMoves is an image that no block names and that a lifecycle moves.
func (w *world) lifecycleMoves(n int32, from, to estate.ServerID) *diff.Desired {
	return w.desire(n, "", func(d *diff.Desired) {
		b := w.res.Servers[from].Block
		d.Declared, d.Address, d.In, d.Range = false, estate.UndeclaredImage(w.e.Images[n].Name), b.In, b.LifecycleRange
		d.Owner, d.OwnerSource, d.OwnerRange = to, diff.OwnerSuccessor, b.LifecycleRange
	})
}
