package rules_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/rules"
)

// of returns the findings with a code.
func of(all []finding.Finding, code finding.Code) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f finding.Finding) bool { return f.Code != code })
}

// one returns the only finding with a code.
func one(t *testing.T, w *world, code finding.Code) finding.Finding {
	t.Helper()
	all, _ := w.run()
	own := of(all, code)
	if len(own) != 1 {
		t.Fatalf("%d findings %s, want one:\n%s", len(own), code, written(all))
	}
	return own[0]
}

func policy(w *world, code finding.Code, s finding.Severity) {
	w.Declared.Policy.Severities = map[finding.Code]finding.Severity{code: s}
}

func TestSeverityByPolicyAndFloor(t *testing.T) {
	bare := taking(missing(ps010))
	blocked := func(w *world) {
		build, move := lostTo(missing(ps010))
		build(w)
		w.block(move(w), "PSL101", ps010, true, "Nobody is left.")
	}
	site := func(w *world) { w.leaves(ps010, declared.Retired); w.leaves(ps011, declared.Retired) }
	backup := func(l declared.Lifecycle) func(w *world) {
		return func(w *world) {
			w.leaves(ps008, l)
			_, img := w.image("BACKUP-LAPTOP-17")
			img.Kind = estate.KindBackup
		}
	}
	for _, c := range []struct {
		name  string
		code  finding.Code
		build func(w *world)
		says  finding.Severity // by the policy
		want  finding.Severity
	}{
		{"raised", "PSL303", narrowing(ps008), finding.Error, finding.Error},
		{"lowered", "PSL303", narrowing(ps008), finding.Note, finding.Note},
		{"the policy over the check", "PSL101", bare, finding.Error, finding.Error},
		{"the policy under the check, no floor", "PSL101", bare, finding.Note, finding.Note},
		{"error when it blocks", "PSL101", blocked, finding.Note, finding.Error},
		{"a fixed floor", "PSL605", func(w *world) { w.Declared.Guard.SMP = "other" }, finding.Note, finding.Error},
		{"warning for a retired server", "PSL506", backup(declared.Retired), finding.Note, finding.Warning},
		{"none for a draining one", "PSL506", backup(declared.Draining), finding.Note, finding.Note},
		{"a floor of one case", "PSL508", func(w *world) {
			w.leaves(ps008, declared.Retired)
			w.e.Preboots = []estate.Preboot{{Name: "WinPE", ConnectsTo: "PS008"}}
		}, finding.Note, finding.Warning},
		{"and none in another", "PSL508", func(w *world) { w.e.Preboots = []estate.Preboot{{Name: "WinPE", ConnectsTo: "elsewhere"}} }, finding.Note, finding.Note},
	} {
		w := newWorld()
		c.build(w)
		policy(w, c.code, c.says)
		if got := one(t, w, c.code).Severity; got != c.want {
			t.Errorf("%s: %s set to %s is %s, want %s", c.name, c.code, c.says, got, c.want)
		}
	}
	w := newWorld()
	site(w)
	policy(w, "PSL404", finding.Note)
	all, _ := w.run()
	for _, f := range of(all, "PSL404") {
		if f.Severity != finding.Warning {
			t.Errorf("PSL404 for a retired server, set to note, is %s", f.Severity)
		}
	}
}

func ack(code finding.Code, line int32, expires estate.Time) finding.Acknowledgement {
	a := finding.Acknowledgement{Code: code, Reason: "known", Range: at(line), Expires: expires}
	if expires != 0 {
		a.Day = "2026-11-22"
	}
	return a
}

// acknowledging declares an image's acknowledgements, in its block and as resolved.
func acknowledging(w *world, acks ...finding.Acknowledgement) {
	w.Declared.Images = []declared.Image{{In: `image "win11"`, Attrs: declared.Attrs{Acks: acks}}}
	w.res.Desired[0].Acks = acks
}

func TestAcknowledgementKeepsSeverityAndDoesNotStand(t *testing.T) {
	w := newWorld()
	narrowing(ps008)(w)
	policy(w, "PSL303", finding.Error)
	acknowledging(w, ack("PSL999", 20, 0), ack("PSL303", 21, now+1))
	f := one(t, w, "PSL303")
	if f.Severity != finding.Error || f.Acked == nil || f.Acked.Range != at(21) || f.Stands() {
		t.Errorf("acknowledged finding: %+v", f)
	}
	if raised := rules.Blocking([]finding.Finding{f}); len(raised) != 0 {
		t.Errorf("an acknowledged finding blocks: %+v", raised)
	}
}

func TestAcknowledgementRunsOut(t *testing.T) {
	w := newWorld()
	narrowing(ps008)(w)
	acknowledging(w, ack("PSL303", 21, now))
	f := one(t, w, "PSL303")
	if f.Acked != nil || !strings.HasSuffix(f.Detail, `It was acknowledged through 2026-11-22 ("known"); that has run out, so it counts again.`) {
		t.Errorf("expired acknowledgement: %+v", f)
	}
	_, notes := w.run()
	if len(notes) != 0 {
		t.Errorf("it is not unused: %v", notes)
	}
}

func TestAcknowledgementsCountWhereTheyAreWritten(t *testing.T) {
	server := func(w *world) { // in the block of the server that it is about
		b := w.leaves(ps008, declared.Retired)
		b.Acks = []finding.Acknowledgement{ack("PSL506", 20, 0)}
		_, img := w.image("BACKUP-LAPTOP-17")
		img.Kind = estate.KindBackup
	}
	lifecycle := func(w *world) { // in the block of the server whose lifecycle moves the image
		b := w.leaves(ps008, declared.Retired)
		b.Acks = []finding.Acknowledgement{ack("PSL101", 20, 0)}
		n, _ := w.image("WIN11-23H2", good(ps008), missing(ps010))
		w.usual(w.move(w.lifecycleMoves(n, ps008, ps010), ps008, ps010), "PS010")
	}
	byPolicy := func(w *world) {
		narrowing(ps008)(w)
		w.Declared.Policy.Acks = []finding.Acknowledgement{ack("PSL303", 20, 0)}
	}
	for code, build := range map[finding.Code]func(*world){"PSL506": server, "PSL101": lifecycle, "PSL303": byPolicy} {
		w := newWorld()
		build(w)
		if f := one(t, w, code); f.Acked == nil {
			t.Errorf("%s is not acknowledged: %+v", code, f)
		}
	}
	w := newWorld() // not in the block of another server
	server(w)
	b := w.leaves(ps009, declared.Draining)
	b.Acks, w.res.Servers[ps008].Block.Acks = w.res.Servers[ps008].Block.Acks, nil
	if f := one(t, w, "PSL506"); f.Acked != nil {
		t.Errorf("another server's block acknowledges it: %+v", f)
	}
}

func TestUnusedAcknowledgementsAreWarnings(t *testing.T) {
	w := newWorld()
	narrowing(ps008)(w)
	acknowledging(w, ack("PSL303", 21, 0), ack("PSL104", 22, 0))
	w.Declared.Policy.Acks = []finding.Acknowledgement{ack("PSL603", 40, now-1)}
	w.Declared.Servers = []declared.PackageServer{{
		Address: "package_server.old", In: `package_server "old"`, Acks: []finding.Acknowledgement{ack("PSL404", 30, 0)},
	}}
	w.res.Gone = []*declared.PackageServer{&w.Declared.Servers[0]} // its work is done
	_, notes := w.run()
	var got []string
	for _, d := range notes {
		got = append(got, fmt.Sprintf("%s %d %s: %s. %s", d.Severity, d.Subject.Start.Line, d.In, d.Summary, d.Detail))
	}
	want := []string{
		`warning 22 image "win11": Acknowledgement without a finding. No finding PSL104 is left here for it to acknowledge. Take it out, so that it does not hide a later one that means something else.`,
		`warning 40 policy: Acknowledgement without a finding. It was valid through 2026-11-22, and no finding PSL603 is left here for it to acknowledge. Take it out.`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("unused acknowledgements (-want +got):\n%s", d)
	}
	w.Plan.Partial = true
	if _, notes := w.run(); len(notes) != 0 {
		t.Errorf("of a partial plan nothing can be said: %v", notes)
	}
}

func TestBlocking(t *testing.T) {
	for _, c := range []struct {
		name string
		f    finding.Finding
		want bool
	}{
		{"raised by the policy", finding.Finding{Code: "PSL303", Severity: finding.Error, Address: "image.a"}, true},
		{"an error of its own", finding.Finding{Code: "PSL304", Severity: finding.Error, Address: "image.a"}, true},
		{"a warning", finding.Finding{Code: "PSL303", Severity: finding.Warning, Address: "image.a"}, false},
		{"blocks already", finding.Finding{Code: "PSL303", Severity: finding.Error, Address: "image.a", Blocks: true}, false},
		{"acknowledged", finding.Finding{Code: "PSL303", Severity: finding.Error, Address: "image.a", Acked: &finding.Acknowledgement{}}, false},
		{"about the run", finding.Finding{Code: "PSL607", Severity: finding.Error, Address: "check.a"}, false},
		{"about nothing that has steps", finding.Finding{Code: "PSL303", Severity: finding.Error}, false},
		{"blocked by the planner where it has steps", finding.Finding{Code: "PSL402", Severity: finding.Error, Address: "package_server.a"}, false},
	} {
		if got := len(rules.Blocking([]finding.Finding{c.f})) == 1; got != c.want {
			t.Errorf("%s: blocks is %v, want %v", c.name, got, c.want)
		}
	}
}

func TestBlocksOfImagesWithoutDeclarationHaveFindings(t *testing.T) {
	w := newWorld()
	n, _ := w.image("WIN11-23H2", good(ps008))
	m := w.move(w.desire(n, "win11", owned(ps010)), ps008)
	w.block(m, "PSL405", ps010, true, "Too small.")
	w.block(m, "PSL405", ps011, true, "Too small as well.") // one for each server
	w.block(m, "PSL303", estate.NoServer, true, "Raised.")  // a rule that does not fire by itself
	all, _ := w.run()
	if got := of(all, "PSL405"); len(got) != 2 || got[0].Server != "PS010" || got[1].Server != "PS011" {
		t.Errorf("blocks of two servers:\n%s", written(got))
	}
	raised := of(all, "PSL303")
	if len(raised) != 1 || !raised[0].Blocks || raised[0].Severity != finding.Error || raised[0].Detail != "Raised." || raised[0].Range != at(10) {
		t.Errorf("a block without a finding of its own:\n%s", written(raised))
	}
}

func TestAcceptedCodesOfLaw15(t *testing.T) {
	w := newWorld()
	b := w.leaves(ps008, declared.Retired)
	b.Acks = []finding.Acknowledgement{ack("PSL404", 1, now+1), ack("PSL508", 2, now), ack("PSL403", 3, 0)}
	w.leaves(ps009, declared.Draining).Acks = []finding.Acknowledgement{ack("PSL404", 4, 0)}
	policy(w, "PSL506", finding.Warning)
	got := rules.Accepted(w.Declared, w.res, now)
	want := map[estate.Address][]finding.Code{"package_server.ps008": {"PSL404", "PSL506"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("accepted (-want +got):\n%s", d)
	}
}

func TestAnErrorOnWhatIsBlockedAnywayRaisesNothing(t *testing.T) {
	w := newWorld()
	n, _ := w.image("WIN11-23H2", good(ps008), good(ps009))
	m := w.move(w.desire(n, "win11", both(owned(ps010), assigned(estate.ServersOf(ps009)))), ps008)
	if f := one(t, w, "PSL304"); f.Blocks || len(rules.Blocking([]finding.Finding{f})) != 1 {
		t.Fatalf("an error of its own is to be raised: %+v", f)
	}
	w.block(m, "PSL405", ps010, true, "Too small.")
	if f := one(t, w, "PSL304"); !f.Blocks || len(rules.Blocking([]finding.Finding{f})) != 0 {
		t.Errorf("nothing is left to block: %+v", f)
	}
}

func TestARaisedFindingIsSaidOnce(t *testing.T) {
	w := newWorld()
	narrowing(ps008)(w)
	policy(w, "PSL303", finding.Error)
	first := one(t, w, "PSL303")
	w.block(&w.Plan.Moves[0], first.Code, estate.NoServer, true, first.Detail)
	again := one(t, w, "PSL303")
	if again.Detail != first.Detail || !again.Blocks {
		t.Errorf("the second time it says:\n%s", written([]finding.Finding{again}))
	}
}

func TestUnknownRoomIsNoted(t *testing.T) {
	w := newWorld()
	taking()(w)
	w.e.Servers[ps010].FreeBytes = estate.Unknown
	w.Plan.Moves[0].Creates = []estate.ServerID{ps010}
	_, notes := w.run()
	if len(notes) != 1 || !strings.Contains(notes[0].Detail, "how much is free on PS010") {
		t.Errorf("notes: %v", notes)
	}
}

// TestRunPromises holds random worlds against what the package promises.
func TestRunPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		randomWorld(t, w)
		all, _ := w.run()
		again, _ := w.run()
		if d := cmp.Diff(all, again); d != "" {
			t.Fatalf("two runs differ: %s", d)
		}
		if !slices.IsSortedFunc(all, func(a, b finding.Finding) int { return strings.Compare(string(a.Code), string(b.Code)) }) {
			t.Fatalf("not sorted by code:\n%s", written(all))
		}
		for i := range w.Plan.Blocks {
			b := &w.Plan.Blocks[i]
			if !slices.ContainsFunc(all, func(f finding.Finding) bool {
				return f.Code == b.Code && f.Address == b.Address && f.Blocks && strings.Contains(f.Detail, b.Detail)
			}) {
				t.Fatalf("no finding for %+v in:\n%s", b, written(all))
			}
		}
		for _, f := range all {
			rule, ok := rules.Lookup(f.Code)
			if !ok || f.Title != rule.Title || f.Detail == "" || f.Fix == "" || f.Severity < max(rule.Floor, finding.Note) || f.Blocks && f.Severity != finding.Error {
				t.Fatalf("a finding that breaks a promise: %+v", f)
			}
		}
	})
}

func randomWorld(t *rapid.T, w *world) {
	id := rapid.Custom(func(t *rapid.T) estate.ServerID { return estate.ServerID(rapid.IntRange(0, 3).Draw(t, "server")) })
	codes := rapid.SampledFrom(rules.All())
	for i := range w.e.Servers {
		w.e.Servers[i].State = estate.State(rapid.IntRange(0, 2).Draw(t, "state"))
		if l := declared.Lifecycle(rapid.IntRange(0, 2).Draw(t, "lifecycle")); l != declared.Active {
			w.leaves(estate.ServerID(i), l)
		}
	}
	kinds := []func(estate.ServerID) estate.Copy{good, empty, missing, partial, wrong, notLooked}
	for i := range rapid.IntRange(1, 5).Draw(t, "images") {
		var copies []estate.Copy
		for s := range estate.ServerID(4) {
			if rapid.Bool().Draw(t, "copy") {
				c := rapid.SampledFrom(kinds).Draw(t, "kind")(s)
				if rapid.Bool().Draw(t, "marked") {
					c.DeleteAfter = now
				}
				copies = append(copies, says(c, "Ready"))
			}
		}
		n, img := w.image(fmt.Sprintf("IMAGE-%d", i), copies...)
		img.Owner = rapid.SampledFrom([]estate.ServerID{estate.SMP, estate.NoServer, 0, 1, 2, 3}).Draw(t, "owner")
		img.Kind, img.Format = estate.Kind(rapid.IntRange(0, 2).Draw(t, "kind")), estate.Format(rapid.IntRange(0, 1).Draw(t, "format"))
		img.Location = rapid.SampledFrom([]string{"", `\\PS008\x`, `C:\x`, `\\smp01\x`}).Draw(t, "location")
		img.Assignment.Mode = estate.AssignmentMode(rapid.IntRange(0, 4).Draw(t, "mode"))
		d := w.desire(n, fmt.Sprintf("i%d", i), nil)
		if rapid.Bool().Draw(t, "owned") {
			owned(id.Draw(t, "new owner"))(d)
		}
		if rapid.Bool().Draw(t, "assigned") {
			assigned(estate.ServersOf(id.Draw(t, "one"), id.Draw(t, "two")))(d)
		}
		if !rapid.Bool().Draw(t, "moves") {
			continue
		}
		path := []estate.ServerID{img.Owner}
		if d.OwnerSource == diff.OwnerDeclared && d.Owner != img.Owner {
			path = append(path, d.Owner)
		}
		m := w.move(d, path...)
		for range rapid.IntRange(0, 2).Draw(t, "blocks") {
			code := codes.Draw(t, "code").Code
			w.block(m, code, rapid.SampledFrom([]estate.ServerID{estate.SMP, estate.NoServer, 0, 3}).Draw(t, "at"), rapid.Bool().Draw(t, "whole"),
				"Block "+string(code)+".")
		}
	}
}

// BenchmarkRun is the bar of the package: images that the plan concerns and about
// which there is nothing to say.
func BenchmarkRun(b *testing.B) {
	w := newWorld()
	random := rand.New(rand.NewPCG(1, 2))
	const servers, images, copies = 500, 100_000, 20
	w.e.Servers, w.res.Servers, w.Plan.Servers = nil, nil, nil
	for i := range servers {
		name := fmt.Sprintf("PS%03d", i)
		w.e.Servers = append(w.e.Servers, estate.PackageServer{Name: name, Host: name + ".contoso.com", Sites: []string{"HQ"}, State: estate.Online})
		w.res.Servers = append(w.res.Servers, diff.ServerDesired{Address: estate.Address("package_server").Member(name)})
		w.Plan.Servers = append(w.Plan.Servers, plan.ServerPlan{Server: estate.ServerID(i)})
	}
	w.res.Desired = make([]diff.Desired, 0, images)
	for i := range images {
		first := estate.ServerID(random.IntN(servers - copies))
		var on []estate.Copy
		var ids []estate.ServerID
		for k := range estate.ServerID(copies) {
			on, ids = append(on, good(first+k)), append(ids, first+k)
		}
		n, img := w.image(fmt.Sprintf("IMAGE-%d", i), on...)
		img.Owner, img.Assignment = first, estate.ServersOf(ids...)
		w.desire(n, "x", both(owned(first), assigned(img.Assignment)))
	}
	for b.Loop() {
		if all, _ := w.run(); len(of(all, "PSL109")) != 0 {
			b.Fatalf("%d findings, first:\n%s", len(all), written(all[:1]))
		}
	}
}
