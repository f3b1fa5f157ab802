package smp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/smp/rows"
)

// printedCopies takes copies from the lists that package servers print, where a task
// of the connection brings them.
func (r *reading) printedCopies(ctx context.Context) error {
	from := r.p.printsCopies()
	if from == nil {
		return nil
	}
	end, err := r.p.lists.take(ctx)
	if err != nil {
		return err
	}
	defer end()
	now := r.p.Now() // by the platform's answers: there have been some
	asked := r.concerned()
	computers := make([]estate.GUID, 0, len(asked))
	for _, id := range asked {
		if c := r.dir.computers[id]; !c.IsZero() {
			computers = append(computers, c)
		}
	}
	if len(computers) > 0 {
		need, how := listAge(from), r.listing
		switch {
		case how == listsAnew:
			need = 0
		case r.polls():
			// Before they are too old, as nobody waits for the newer ones.
			need, how = need*2/3, listsPolled
			if r.asksOriginator() {
				need = min(need, pollLists)
			}
		}
		if err := r.p.bring(ctx, from, computers, now.Add(-need), how); err != nil {
			return err
		}
	}
	t, err := r.printedTable(from, asked, now)
	if err != nil {
		return err
	}
	r.tables[declared.RowsCopies] = t
	r.takeCopies(t)
	return nil
}

// concerned are the servers whose lists a reading needs: all that are not known to be
// off, or those that have to do with its images.
func (r *reading) concerned() []estate.ServerID {
	var up []estate.ServerID
	for id := range r.e.Servers {
		if r.e.Servers[id].State != estate.Offline {
			up = append(up, estate.ServerID(id))
		}
	}
	if r.wanted == nil {
		return up
	}
	in := make([]bool, len(r.e.Servers))
	mark := func(id estate.ServerID) {
		if id.IsServer() {
			in[id] = true
		}
	}
	for i := range r.found {
		c := &r.found[i]
		if c.Package.IsZero() {
			continue
		}
		members, known := r.e.Members(&c.Assignment)
		if !known {
			return up
		}
		for _, id := range members {
			mark(id)
		}
		mark(r.dir.find(host(cmp.Or(c.Location, c.where.location))))
		r.p.mu.Lock()
		t := r.p.taking[c.Package]
		for _, name := range []string{r.p.owned[c.Package], t.from, t.to} {
			mark(r.dir.find(name))
		}
		r.p.mu.Unlock()
	}
	for id, computer := range r.dir.computers {
		if l := r.p.lists.known[computer]; l != nil && l.told != nil && !in[id] {
			in[id] = slices.ContainsFunc(l.told.packages, func(p printedPackage) bool {
				_, ours := r.byPack[p.pack]
				return ours
			})
		}
	}
	return slices.DeleteFunc(up, func(id estate.ServerID) bool { return !in[id] })
}

// printedTable makes rows of the lists that can be used, and notes the servers whose
// list cannot.
func (r *reading) printedTable(from *declared.SMPRows, asked []estate.ServerID, now time.Time) (*rows.Reader, error) {
	t := &rows.Table{From: "task " + from.Task.String(), Columns: []string{"package", "server", "status", "version", "originator"}}
	var lost []lostCell
	for _, id := range asked {
		name := r.dir.names[id]
		l, err := r.usable(id, now.Add(-listAge(from)))
		if err != nil {
			r.notes.add(noteLists, name, "%s", problemOf(err))
			continue
		}
		if l == nil {
			continue
		}
		if l.told.wrong > 0 {
			lost = append(lost, lostCell{"package", l.told.wrongFirst, "it is no GUID"})
		}
		for i := range l.told.packages {
			p := &l.told.packages[i]
			if _, ours := r.byPack[p.pack]; !ours {
				continue
			}
			status, why := statusWord(p.status, from.Words)
			if why != "" {
				lost = append(lost, lostCell{"status", p.status, why})
			}
			t.Rows = append(t.Rows, []rows.Cell{{Text: p.pack.String()}, {Text: name}, {Text: status}, printedCell(p.version, "version", &lost), printedCell(p.originator, "originator", &lost)})
		}
	}
	columns := declared.ColumnsOf(declared.RowsCopies)
	v, err := t.Fit(columns.Needed, columns.Others, nil)
	if err != nil {
		return nil, readError(opLists, "", err)
	}
	reader := rows.NewReader(v, r.p.zone, from.Words)
	for _, c := range lost {
		reader.Lost(c.column, c.text, c.why)
	}
	return reader, nil
}

// lostCell is a cell of a list that says nothing.
type lostCell struct{ column, text, why string }

// printedCell is a cell as rows have it: the marks of the script are none.
func printedCell(text, column string, lost *[]lostCell) rows.Cell {
	switch text {
	case cellEmpty:
		return rows.Cell{Null: true}
	case cellUnknown:
		*lost = append(*lost, lostCell{column, text, "reading the property raised an error on the package server"})
		return rows.Cell{Null: true}
	}
	return rows.Cell{Text: text}
}

// statusWords are those of the software delivery agent (D, H Software Delivery Agent
// Status Codes). That the package server's plug-in uses the same numbers is I; words of
// the connection go before them.
var statusWords = map[string]string{
	"0": "Unavailable", "1": "Ready", "2": "Downloading", "3": "Waiting to download", "4": "Waiting to retry", "5": "Not yet downloaded",
}

// statusWord is the word for a status number; why says what it is where there is none.
func statusWord(number string, words map[string]string) (word, why string) {
	switch number {
	case cellEmpty, "":
		return "", ""
	case cellUnknown:
		return "", "reading the property raised an error on the package server"
	}
	for theirs, ours := range words {
		if estate.Fold(theirs) == estate.Fold(number) {
			return ours, ""
		}
	}
	if word = statusWords[number]; word != "" {
		return word, ""
	}
	return "unknown (" + number + ")", "no documented status has this number; map it with words"
}

// clockSlack is how far the clock of a package server may be behind the platform's.
const clockSlack = 10 * time.Minute

// usable is the list of a server, or why it cannot be used: one from before least is too
// old. Neither: nothing was asked.
func (r *reading) usable(id estate.ServerID, least time.Time) (*packageList, error) {
	computer := r.dir.computers[id]
	if computer.IsZero() {
		return nil, &rows.Fault{Problem: "the GUID of its computer is not told, and tasks name computers by it", Hint: "add the column computer or guid to rows \"package_servers\""}
	}
	l := r.p.lists.known[computer]
	switch {
	case l == nil && r.listing == listsFound:
		return nil, nil
	case l == nil:
		return nil, &rows.Fault{Problem: "its list has not come yet"}
	case l.fault != nil:
		return nil, l.fault
	}
	if l.at.Before(least) {
		return nil, &rows.Fault{Problem: fmt.Sprintf("its newest list is of %s", l.at.UTC().Format("2006-01-02 15:04 UTC")), Hint: "look why a run of the task brings no newer one"}
	}
	if behind := l.at.Sub(l.told.at); behind > clockSlack {
		return nil, &rows.Fault{Problem: fmt.Sprintf("its list says that it was printed %s before the task was run", behind.Round(time.Minute)),
			Hint: "set the clock of the package server, or look whether the task shows the output of an older run"}
	}
	if other := r.dir.find(l.told.host); other != id && other != estate.NoServer {
		return nil, &rows.Fault{Problem: fmt.Sprintf("its list says that it is of %s", cmp.Or(r.e.ServerName(other), l.told.host)),
			Hint: "look at the column computer of rows \"package_servers\""}
	}
	return l, nil
}

// problemOf is a fault with what to do, as part of a sentence.
func problemOf(err error) string {
	var f *rows.Fault
	if !errors.As(err, &f) {
		return err.Error()
	}
	if f.Hint == "" {
		return f.Problem
	}
	return f.Problem + "; " + f.Hint
}

const fromOriginator = "originator"

func (r *reading) asksOriginator() bool {
	return slices.Contains(r.p.set.Owner.Sources, fromOriginator)
}

// claimOriginators takes what package servers hold for the originator of a package. The
// property is documented and its values are not (N; the XML of an agent's policy has
// "NS", D, KB 180560): it is asked only where the connection names it as a source, and
// still needs another one that agrees. A value that names nobody is told and says nothing.
func (r *reading) claimOriginators() {
	t := r.tables[declared.RowsCopies]
	if t == nil || !r.asksOriginator() {
		return
	}
	claims := r.originators(t)
	taken := r.takenByOriginator(claims)
	noted := map[string]bool{}
	for _, c := range claims {
		switch m, moves := taken[c.at]; {
		case c.id == estate.NoServer:
			if key := estate.Fold(c.said); !noted[key] {
				noted[key] = true
				r.notes.add(noteOriginators, fmt.Sprintf("%q", c.said), "for %s", r.found[c.at].Name)
			}
		case moves && c.id == m.from && c.by != m.to: // it has not heard of the take yet
			r.found[c.at].unheard = true
		default:
			r.claimAs(c.at, fromOriginator, c.said, c.id)
		}
	}
}

// originator is what one server holds for the originator of an image's package.
type originator struct {
	at   int // the image's place in found
	by   estate.ServerID
	said string
	id   estate.ServerID // whom it means
}

func (r *reading) originators(t *rows.Reader) []originator {
	var out []originator
	for i := range t.Rows {
		at, ours := r.byPack[t.GUID(i, "package")]
		said := t.Word(i, "originator")
		if !ours || said == "" {
			continue
		}
		id := r.dir.find(said)
		if strings.EqualFold(said, "NS") {
			id = estate.SMP
		}
		out = append(out, originator{at, r.dir.find(t.Text(i, "server")), said, id})
	}
	return out
}

// movement is a take of ownership that the new owner itself tells of.
type movement struct{ from, to estate.ServerID }

// takenByOriginator finds the takes that were asked for and that the new owner's own list
// shows, by the image's place: other servers may hear of them only when they fetch their
// policy (I; when the property changes is N).
func (r *reading) takenByOriginator(claims []originator) map[int]movement {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	out := map[int]movement{}
	for _, c := range claims {
		t, moving := r.p.taking[r.found[c.at].Package]
		if !moving || !t.concerns(r.number) {
			continue
		}
		m := movement{r.dir.find(t.from), r.dir.find(t.to)}
		if m.to != estate.NoServer && c.by == m.to && c.id == m.to {
			out[c.at] = m
		}
	}
	return out
}
