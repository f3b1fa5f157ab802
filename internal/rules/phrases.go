package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"pslan/internal/estate"
	"pslan/internal/wording"
)

// namesShown is how many names a sentence lists before it counts the rest.
const namesShown = 8

// count writes "1 image", "12 images".
func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	if strings.HasSuffix(one, "copy") {
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(one, "y"))
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// files writes "3 files"; "files" where the number is not known.
func files(n int64) string {
	if n < 0 {
		return "files"
	}
	return count(int(n), "file")
}

// is picks the verb for a number of things.
func is(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// pick returns one for 1 and many for all else.
func pick(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// list joins names for a sentence: "A, B and C", the first ones "and 12 more".
func list(names []string) string { return wording.List(names, namesShown) }

// serverNames are the names of servers, sorted.
func (r *run) serverNames(ids []estate.ServerID) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = r.e.ServerName(id)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(estate.Fold(a), estate.Fold(b)) })
	return names
}

func (r *run) servers(ids []estate.ServerID) string { return list(r.serverNames(ids)) }

// imageNames are the names of images, in the estate's order.
func (r *run) imageNames(ns []int32) []string {
	ns = slices.Clone(ns)
	slices.Sort(ns)
	names := make([]string, 0, len(ns))
	for _, n := range ns {
		names = append(names, r.e.Images[n].Name)
	}
	return names
}

// moment writes a time for people: 2026-11-29 10:00 UTC.
func moment(t estate.Time) string { return t.Time().Format("2006-01-02 15:04 UTC") }

// sentence begins with a capital letter, unless the first word is a name or code
// that has a capital, a digit or a sign in it.
func sentence(s string) string {
	word, _, _ := strings.Cut(s, " ")
	if strings.IndexFunc(word, func(c rune) bool { return !unicode.IsLower(c) && c != ',' && c != ':' }) >= 0 {
		return s
	}
	c, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(c)) + s[n:]
}

// held says how much of the reference a copy has: "1 of 3 files (4.1 GiB of 12.4 GiB)".
func held(ev *estate.Evidence, ref *estate.Reference) string {
	if ev.Files == 0 && ref.Origin == estate.NoReference {
		return "no file"
	}
	if ref.Origin == estate.NoReference || ref.Files < 0 {
		return fmt.Sprintf("%s (%s)", files(ev.Files), wording.Size(ev.Bytes))
	}
	return fmt.Sprintf("%d of %s (%s of %s)", ev.Files, files(ref.Files), wording.Size(ev.Bytes), wording.Size(ref.Bytes))
}

// origin says where the reference content comes from.
func (r *run) origin(ref *estate.Reference) string {
	switch ref.Origin {
	case estate.FromWord:
		return fmt.Sprintf("the copy on %s, which the files name as the reference", r.e.ServerName(ref.Server))
	case estate.FromOwner:
		return fmt.Sprintf("the owner's copy on %s", r.e.ServerName(ref.Server))
	case estate.FromRecord:
		return fmt.Sprintf("the content recorded of %s on %s", ref.From, moment(ref.TakenAt))
	case estate.FromSnapshot:
		if ref.Version == 0 {
			return "the snapshot.xml of " + ref.From
		}
		return fmt.Sprintf("the snapshot.xml of %s (version %d)", ref.From, ref.Version)
	default:
		return "nothing"
	}
}

// assignment says who is assigned: "all package servers", "PS008 and PS009".
func (r *run) assignment(a *estate.Assignment) string {
	switch a.Mode {
	case estate.AssignAll:
		return "all package servers"
	case estate.AssignServers:
		if len(a.Servers) == 0 {
			return "no server"
		}
		return r.servers(a.Servers)
	case estate.AssignSites:
		return "the " + pick(len(a.Sites), "site ", "sites ") + list(a.Sites)
	case estate.AssignAutomatic:
		return "automatically, with manual prestaging"
	default:
		return "an assignment that the platform does not tell"
	}
}

// unseen says why nothing is known of a copy.
func (s *subject) unseen(id estate.ServerID) string {
	c, _ := s.copyOn(id)
	srv := &s.e.Servers[id]
	switch {
	case srv.State == estate.Offline && srv.LastSeen != 0:
		return "offline, last seen " + moment(srv.LastSeen)
	case srv.State == estate.Offline:
		return "offline"
	case c == nil || c.Evidence.Sight == estate.NotLooked:
		return "not looked at"
	case c.Evidence.Sight == estate.NotSeen:
		return "hidden from pslan: " + c.Evidence.Error
	default:
		return "nothing to compare it with"
	}
}
