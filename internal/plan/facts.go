package plan

import (
	"cmp"
	"slices"
	"strings"

	"pslan/internal/estate"
)

// The kinds of facts.
const (
	factOwner      = "owner"
	factAssignment = "assignment"
	factKind       = "kind"
	factFormat     = "format"
	factLocation   = "location"
	factPackage    = "package"
	factReference  = "reference"
	factReachable  = "reachable"
	factClass      = "class"
	factMarked     = "marked"
	factConnects   = "connects_to"
	factServer     = "server"
)

// facts lists what the plan relies on, sorted.
func (b *builder) facts() []Fact {
	f := &factList{e: b.e, servers: map[estate.ServerID]bool{}}
	for i := range b.moves {
		f.move(&b.moves[i])
	}
	for _, id := range b.Resolved.RetiredServers() {
		f.add(factServer, b.e.ServerName(id), "listed", b.e.ServerName(id))
	}
	for _, p := range b.Resolved.Preboots {
		have := &b.e.Preboots[p.Preboot]
		f.add(factConnects, have.GUID.String(), have.ConnectsTo, have.Name, p.Block.ConnectsTo)
	}
	for i := range b.e.Servers {
		if id := estate.ServerID(i); f.servers[id] {
			f.add(factReachable, b.e.ServerName(id), reachWord(b.e.Reachable(id)), b.e.ServerName(id))
		}
	}
	slices.SortFunc(f.list, func(x, y Fact) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Object, y.Object))
	})
	return f.list
}

func reachWord(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}

type factList struct {
	e       *estate.Estate
	servers map[estate.ServerID]bool
	list    []Fact
}

func (f *factList) add(kind, object, value, name string, later ...string) {
	later = slices.DeleteFunc(later, func(s string) bool { return s == value })
	f.list = append(f.list, Fact{Kind: kind, Object: object, Value: value, Name: name, Later: later})
}

func (f *factList) move(m *moving) {
	img, d := m.delta.Image, m.delta
	g := img.GUID.String()
	var owners []string
	for _, id := range m.Path {
		owners = append(owners, f.e.ServerName(id))
	}
	f.add(factOwner, g, f.e.ServerName(img.Owner), img.Name, owners...)
	f.add(factAssignment, g, assignmentText(f.e.NameAssignment(&img.Assignment)), img.Name,
		assignmentText(f.e.NameAssignment(&d.Start)), assignmentText(f.e.NameAssignment(&m.Between)), assignmentText(f.e.NameAssignment(&m.Final)))
	f.add(factKind, g, img.Kind.String(), img.Name)
	f.add(factFormat, g, img.Format.String(), img.Name, d.Format.String())
	if img.Owner == estate.SMP {
		f.add(factLocation, g, img.Location, img.Name, d.Location)
	}
	if !d.Converts {
		f.add(factPackage, g, img.Package.String(), img.Name)
	}
	object := g
	if word := m.Desired.Reference; word != estate.NoServer {
		object += " " + f.e.ServerName(word) // a person's word: judged by it again when the plan is applied
	}
	f.add(factReference, object, referenceText(&m.Judged.Reference), img.Name)
	f.copies(m, g)
}

// copies adds the class of each copy that the plan uses.
func (f *factList) copies(m *moving, g string) {
	img := m.delta.Image
	used := slices.Concat(m.Path, m.Creates, m.Keeps, m.Saves, m.delta.Deletes)
	slices.Sort(used)
	for _, id := range slices.Compact(used) {
		if !id.IsServer() {
			continue
		}
		f.servers[id] = true
		name := f.e.ServerName(id)
		f.add(factClass, g+" "+name, m.Judged.Class(id).String(), img.Name+" on "+name)
		if c := img.Copy(id); c != nil && c.DeleteAfter != 0 {
			f.add(factMarked, g+" "+name, "yes", img.Name+" on "+name, "no")
		}
	}
}

func assignmentText(a estate.AssignmentNames) string {
	switch a.Mode {
	case estate.AssignServers:
		return "servers " + strings.Join(a.Servers, ", ")
	case estate.AssignSites, estate.AssignAutomatic:
		return a.Mode.String() + " " + strings.Join(a.Sites, ", ")
	}
	return a.Mode.String()
}

// referenceText identifies a reference content: by listing where there is one, as
// a listing is read everywhere and hashes only where somebody took the time.
func referenceText(r *estate.Reference) string {
	switch {
	case r.Origin == estate.NoReference:
		return "none"
	case !r.Listing.IsZero():
		return r.Listing.String()
	}
	return r.Digest.String()
}

// Moved is a fact that no longer stands.
type Moved struct {
	Fact Fact
	Now  string
}

// Stale holds the facts of a plan against a fresh reading and returns those that
// moved. A fact that stands where one of the plan's own steps leaves it, a copy
// that got better and a server that came back have not moved.
func Stale(facts []Fact, ix *estate.Index) []Moved {
	s := staleness{e: ix.Estate(), ix: ix, judged: map[string]estate.Judgement{}, words: Words(facts), left: map[string]bool{}}
	for i := range facts {
		if f := &facts[i]; f.Kind == factServer && ix.Server(f.Object) == estate.NoServer {
			s.left[f.Object] = true
		}
	}
	var out []Moved
	for i := range facts {
		now := s.now(&facts[i])
		if s.left[serverOf(&facts[i])] {
			continue // its role was removed, as the plan says: what was there says nothing any more
		}
		if now != facts[i].Value && !slices.Contains(facts[i].Later, now) && !better(&facts[i], now) {
			out = append(out, Moved{facts[i], now})
		}
	}
	return out
}

// Unbegun are the facts of a plan of which no step was ever begun: where a step would
// leave a fact, somebody else has moved it.
func Unbegun(facts []Fact) []Fact {
	out := slices.Clone(facts)
	for i := range out {
		out[i].Later = nil
	}
	return out
}

// Words are the servers whose copies are the reference of an image by a person's
// word, as the facts of a plan say.
func Words(facts []Fact) map[estate.GUID]string {
	words := map[estate.GUID]string{}
	for i := range facts {
		text, word, ok := strings.Cut(facts[i].Object, " ")
		if !ok || facts[i].Kind != factReference {
			continue
		}
		if g, err := estate.ParseGUID(text); err == nil {
			words[g] = word
		}
	}
	return words
}

// References are the reference contents that the facts of a plan name, as text.
func References(facts []Fact) map[estate.GUID]string {
	all := map[estate.GUID]string{}
	for i := range facts {
		text, _, _ := strings.Cut(facts[i].Object, " ")
		if g, err := estate.ParseGUID(text); err == nil && facts[i].Kind == factReference {
			all[g] = facts[i].Value
		}
	}
	return all
}

func better(f *Fact, now string) bool {
	switch f.Kind {
	case factReachable:
		return now == "yes"
	case factMarked:
		return now == "no"
	case factClass:
		return now == estate.Good.String() || classRank(now) > classRank(f.Value) && f.Value != estate.Good.String()
	case factServer:
		return now == "not listed" // retired: done
	}
	return false
}

func classRank(word string) int {
	for c := estate.ClassUnknown; c <= estate.Good; c++ {
		if c.String() == word {
			return int(c)
		}
	}
	return -1
}

type staleness struct {
	e  *estate.Estate
	ix *estate.Index
	// judged are the images judged so far, by GUID text.
	judged map[string]estate.Judgement
	words  map[estate.GUID]string
	// left are servers that the plan retires and the platform no longer lists.
	left map[string]bool
}

// serverOf returns the server that a fact is about, "" if it is about none.
func serverOf(f *Fact) string {
	switch f.Kind {
	case factReachable:
		return f.Object
	case factClass, factMarked:
		_, server, _ := strings.Cut(f.Object, " ")
		return server
	}
	return ""
}

func (s *staleness) now(f *Fact) string {
	switch f.Kind {
	case factServer, factReachable:
		id := s.ix.Server(f.Object)
		switch {
		case f.Kind == factServer && id == estate.NoServer:
			return "not listed"
		case f.Kind == factServer:
			return "listed"
		}
		return reachWord(s.e.Reachable(id))
	case factConnects:
		for i := range s.e.Preboots {
			if s.e.Preboots[i].GUID.String() == f.Object {
				return s.e.Preboots[i].ConnectsTo
			}
		}
		return "gone"
	}
	text, server, _ := strings.Cut(f.Object, " ")
	g, err := estate.ParseGUID(text)
	if err != nil {
		return "gone"
	}
	img := s.ix.ImageByGUID(g)
	if img == nil {
		return "gone"
	}
	return s.image(f.Kind, img, server)
}

func (s *staleness) image(kind string, img *estate.Image, server string) string {
	switch kind {
	case factOwner:
		return s.e.ServerName(img.Owner)
	case factAssignment:
		return assignmentText(s.e.NameAssignment(&img.Assignment))
	case factKind:
		return img.Kind.String()
	case factFormat:
		return img.Format.String()
	case factLocation:
		return img.Location
	case factPackage:
		return img.Package.String()
	case factMarked:
		if c := img.Copy(s.ix.Server(server)); c != nil && c.DeleteAfter != 0 {
			return "yes"
		}
		return "no"
	}
	g := img.GUID.String()
	j, done := s.judged[g]
	if !done {
		word := estate.NoServer
		if w := s.words[img.GUID]; w != "" {
			word = s.ix.Server(w)
		}
		j = s.e.Judge(img, word)
		s.judged[g] = j
	}
	if kind == factReference {
		return referenceText(&j.Reference)
	}
	return j.Class(s.ix.Server(server)).String()
}
