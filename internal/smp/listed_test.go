package smp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/smp/rows"
	"pslan/internal/smp/wire"
)

// TestUsable: a list counts if it is young, of this server, and printed by this run.
func TestUsable(t *testing.T) {
	began := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	computer := [...]estate.GUID{{1}, {2}}
	told := func(host string, at time.Time) *printed { return &printed{host: host, at: at} }
	for _, c := range []struct {
		name string
		list *packageList
		want string
	}{
		{"good", &packageList{at: began, told: told("PS009", began.Add(time.Minute))}, ""},
		{"a whole host name", &packageList{at: began, told: told("ps009.contoso.com", began)}, ""},
		{"a name that nobody knows", &packageList{at: began, told: told("VERYLONGNETBIOS", began)}, ""},
		{"a clock that is behind", &packageList{at: began, told: told("PS009", began.Add(-9*time.Minute))}, ""},
		{"a clock that is far behind", &packageList{at: began, told: told("PS009", began.Add(-time.Hour))}, "its list says that it was printed 1h0m0s before the task was run"},
		{"another server", &packageList{at: began, told: told("ps010", began)}, "its list says that it is of PS010"},
		{"too old", &packageList{at: began.Add(-16 * time.Minute), told: told("PS009", began)}, "its newest list is of 2026-11-22 09:44 UTC"},
		{"failed", &packageList{at: began, fault: &rows.Fault{Problem: "it failed"}}, "it failed"},
		{"none", nil, "its list has not come yet"},
	} {
		p := &Platform{lists: lists{known: map[estate.GUID]*packageList{}}}
		if c.list != nil {
			p.lists.known[computer[0]] = c.list
		}
		r := &reading{p: p, dir: newDirectory(2), e: &estate.Estate{Servers: []estate.PackageServer{{Name: "PS009"}, {Name: "PS010"}}}}
		for i, name := range []string{"PS009", "PS010"} {
			r.dir.addServer(estate.ServerID(i), estate.GUID{}, computer[i], name, strings.ToLower(name)+".contoso.com")
		}
		l, err := r.usable(0, began.Add(-15*time.Minute))
		var fault *rows.Fault
		if errors.As(err, &fault); c.want == "" && (err != nil || l != c.list) || c.want != "" && (fault == nil || fault.Problem != c.want) {
			t.Errorf("%s: %v, %v", c.name, l, err)
		}
	}
}

// TestOriginatorsOfATake: while a take is under way the new owner's own word goes before
// that of servers which have not heard of it; otherwise each that disagrees is a doubt.
func TestOriginatorsOfATake(t *testing.T) {
	pack := estate.GUID{5}
	for _, c := range []struct {
		name   string
		taking bool
		rows   map[string]string // what servers hold for the originator
		want   string
	}{
		{"before", true, map[string]string{"PS008": "PS008", "PS009": "PS008", "PS010": "PS008"}, "originator says PS008"},
		{"the new owner knows", true, map[string]string{"PS008": "PS008", "PS009": "PS009", "PS010": "ps008.contoso.com"}, "originator says PS009"},
		{"all know", true, map[string]string{"PS008": "PS009", "PS009": "PS009", "PS010": "PS009"}, "originator says PS009"},
		{"others alone know", true, map[string]string{"PS008": "PS008", "PS009": "PS008", "PS010": "PS009"}, "originator says PS008, originator says PS009"},
		{"a third one is named", true, map[string]string{"PS009": "PS009", "PS010": "NS"}, "originator says PS009, originator says smp"},
		{"no take", false, map[string]string{"PS008": "PS008", "PS009": "PS009"}, "originator says PS008, originator says PS009"},
	} {
		p := &Platform{set: &declared.SMP{Owner: declared.SMPOwner{Sources: []string{"location", fromOriginator}}}, taking: map[estate.GUID]transfer{}}
		if c.taking {
			p.taking[pack] = transfer{from: "PS008", to: "PS009"}
		}
		names := []string{"PS008", "PS009", "PS010"}
		r := &reading{
			p: p, dir: newDirectory(len(names)), byPack: map[estate.GUID]int{pack: 0}, claims: map[int][]claim{}, tables: map[declared.RowKind]*rows.Reader{},
			e: &estate.Estate{SMP: estate.Server{Name: "SMP01"}}, found: []candidate{{Image: estate.Image{Name: "WIN11", Package: pack}}},
		}
		table := &rows.Table{Columns: []string{"package", "server", "originator"}}
		for i, name := range names {
			r.e.Servers = append(r.e.Servers, estate.PackageServer{Name: name})
			r.dir.addServer(estate.ServerID(i), estate.GUID{}, estate.GUID{}, name, strings.ToLower(name)+".contoso.com")
			if said := c.rows[name]; said != "" {
				table.Rows = append(table.Rows, []rows.Cell{{Text: pack.String()}, {Text: name}, {Text: said}})
			}
		}
		v, err := table.Fit(table.Columns, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.tables[declared.RowsCopies] = rows.NewReader(v, nil, nil)
		r.claimOriginators()
		if got := r.said(distinct(r.claims[0])); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// distinct are claims without those that name the same server in other words.
func distinct(claims []claim) (out []claim) {
	for _, c := range claims {
		if !slices.ContainsFunc(out, func(have claim) bool { return have.id == c.id }) {
			out = append(out, c)
		}
	}
	return out
}

// answering stands in for the web services.
type answering struct {
	Services
	call func(wire.Call) (*wire.Node, error)
	made []string
}

func (a *answering) Call(_ context.Context, c wire.Call) (*wire.Node, error) {
	a.made = append(a.made, c.Method)
	return a.call(c)
}

func (a *answering) ServerTime() (time.Time, bool) { return time.Time{}, false }

// asking is a platform behind services, of which nothing was asked yet.
func asking(a *answering, poll time.Duration) *Platform {
	return &Platform{
		o: Options{Now: time.Now}, set: &declared.SMP{Poll: poll}, services: a,
		lists: lists{turn: make(chan struct{}, 1), known: map[estate.GUID]*packageList{}},
	}
}

// TestLostRunsEnd: a run that nobody can find again after its answer was lost is started
// once more, and not for ever.
func TestLostRunsEnd(t *testing.T) {
	from := &declared.SMPRows{Task: estate.GUID{9}, Wait: time.Minute}
	lost := &wire.Error{Kind: wire.KindTimeout, MaybeDone: true}
	for _, c := range []struct {
		name   string
		start  error // what starting a run says
		starts int
		want   error
	}{
		{"every answer is lost", lost, listStarts, errListsLost},
		{"nothing was sent", &wire.Error{Kind: wire.KindUnreachable}, 1, nil},
		{"refused", &wire.Error{Kind: wire.KindRights}, 1, nil},
	} {
		a := &answering{call: func(call wire.Call) (*wire.Node, error) {
			if call.Method == executeTask {
				return nil, c.start
			}
			return &wire.Node{Name: "ArrayOfTaskStatusDetails"}, nil
		}}
		err := asking(a, time.Millisecond).bring(t.Context(), from, []estate.GUID{{1}}, time.Now().Add(-time.Minute), listsWaited)
		if err == nil || c.want != nil && !errors.Is(err, c.want) || c.want == nil && !errors.Is(err, c.start) {
			t.Errorf("%s: %v", c.name, err)
		}
		starts := 0
		for _, m := range a.made {
			if m == executeTask {
				starts++
			}
		}
		if starts != c.starts {
			t.Errorf("%s: %d runs were started: %v", c.name, starts, a.made)
		}
	}
}

// TestBringEnds: a reading that is given up while it waits for a list ends, and a later
// one does not start the run again.
func TestBringEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	from := &declared.SMPRows{Task: estate.GUID{9}}
	a := &answering{}
	a.call = func(call wire.Call) (*wire.Node, error) {
		if call.Method == executeTask {
			return &wire.Node{Name: "guid", Text: estate.GUID{7}.String()}, nil
		}
		if len(a.made) > 2 { // it waits next
			cancel()
		}
		return &wire.Node{Name: "ArrayOfTaskStatusDetails"}, nil
	}
	p := asking(a, time.Hour)
	if err := p.bring(ctx, from, []estate.GUID{{1}}, time.Now(), listsWaited); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := p.bring(t.Context(), from, []estate.GUID{{1}}, time.Now(), listsPolled); err != nil {
		t.Error(err)
	}
	// What is not listed by its instance is looked for among the runs of the task.
	if made := strings.Join(a.made, " "); made != "GetTaskStatus ExecuteTask"+strings.Repeat(" GetTaskStatus", 4) {
		t.Error(made)
	}
}

func BenchmarkPrinted(b *testing.B) {
	var text strings.Builder
	text.WriteString(headLine + allNames)
	const packages = 10_000
	for i := range packages {
		fmt.Fprintf(&text, "6d3f0c1e-52a1-4a35-9d6c-%012x\tIMAGE-%d\t1\t?\t%d\t12\tps%03d.contoso.com\tFalse\t10080\t-\tSMP01\t-\n", i+1, i, 1601867730+i%500, i%20)
	}
	fmt.Fprintf(&text, "end\t%d\n", packages)
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if p, err := parsePrinted(text.String()); err != nil || len(p.packages) != packages {
			b.Fatal(err)
		}
	}
}
