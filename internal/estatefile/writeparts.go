package estatefile

import (
	"cmp"
	"slices"

	"pslan/internal/estate"
)

func (w *writer) smp() {
	s := &w.e.SMP
	if *s == (estate.Server{}) {
		return
	}
	w.raw(",\n  \"smp\": {")
	w.more = false
	w.text("name", s.Name)
	w.guid("guid", s.GUID)
	w.text("version", s.Version)
	w.raw("}")
}

func (w *writer) server(s *estate.PackageServer) {
	w.text("name", s.Name)
	w.guid("guid", s.GUID)
	w.text("host", s.Host)
	w.texts("sites", inOrder(s.Sites, estate.CompareFold))
	w.text("state", s.State.String())
	w.time("last_seen", s.LastSeen)
	if s.FreeBytes >= 0 {
		w.number("free_bytes", s.FreeBytes)
	}
	if s.TotalBytes >= 0 {
		w.number("total_bytes", s.TotalBytes)
	}
}

func (w *writer) image(img *estate.Image) {
	w.text("name", img.Name)
	w.guid("guid", img.GUID)
	w.guid("package", img.Package)
	w.text("kind", img.Kind.String())
	w.text("format", img.Format.String())
	w.text("location", img.Location)
	w.key("owner")
	w.quote(w.e.ServerName(img.Owner))
	w.claims(img.Claims)
	w.assignment(&img.Assignment)
	if img.Version != 0 {
		w.number("version", img.Version)
	}
	if c := img.Content; c != nil {
		w.content("content", c)
	}
	w.raw(",\n     \"copies\": [")
	copies := img.Copies
	byName := func(a, b estate.Copy) int { return cmp.Compare(w.place(a.Server), w.place(b.Server)) }
	if !slices.IsSortedFunc(copies, byName) {
		copies = slices.Clone(copies)
		slices.SortStableFunc(copies, byName)
	}
	for i := range copies {
		if i > 0 {
			w.raw(",")
		}
		w.raw("\n       {")
		w.more = false
		w.copy(&copies[i])
		w.raw("}")
	}
	w.raw("]")
}

// place of a server in the order of names, the SMP first.
func (w *writer) place(id estate.ServerID) int32 {
	if !id.IsServer() {
		return int32(id)
	}
	return w.rank[id]
}

func (w *writer) assignment(a *estate.Assignment) {
	if a.Mode == estate.AssignUnknown {
		return
	}
	w.key("assignment")
	w.raw(`{"mode": "` + a.Mode.String() + `"`)
	switch a.Mode {
	case estate.AssignServers:
		byName := func(a, b estate.ServerID) int { return cmp.Compare(w.place(a), w.place(b)) }
		w.raw(`, "servers": [`)
		for i, id := range inOrder(a.Servers, byName) {
			if i > 0 {
				w.raw(", ")
			}
			w.quote(w.e.ServerName(id))
		}
		w.raw("]")
	case estate.AssignSites, estate.AssignAutomatic:
		w.texts("sites", inOrder(a.Sites, estate.CompareFold))
	}
	w.raw("}")
}

// inOrder returns a list sorted, itself if it is.
func inOrder[T any](list []T, compare func(a, b T) int) []T {
	if slices.IsSortedFunc(list, compare) {
		return list
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, compare)
	return list
}

func (w *writer) content(key string, c *estate.Content) {
	w.key(key)
	w.raw("{")
	w.more = false
	w.number("files", c.Files)
	w.number("bytes", c.Bytes)
	w.digest("digest", c.Digest)
	w.digest("listing", c.Listing)
	if c.Version != 0 {
		w.number("version", c.Version)
	}
	w.text("from", c.From)
	w.time("taken_at", c.TakenAt)
	w.raw("}")
	w.more = true
}

func (w *writer) copy(c *estate.Copy) {
	w.text("server", w.e.ServerName(c.Server))
	w.text("managed", c.Managed.String())
	w.text("status", c.Status)
	w.time("status_at", c.StatusAt)
	if c.Version != 0 {
		w.number("version", c.Version)
	}
	w.time("delete_after", c.DeleteAfter)
	if c.Evidence.Sight != estate.NotLooked {
		w.key("evidence")
		w.raw("{")
		w.more = false
		w.evidence(&c.Evidence)
		w.raw("}")
	}
}

func (w *writer) evidence(ev *estate.Evidence) {
	if ev.Sight == estate.NotSeen {
		w.text("by", ev.By)
		w.time("checked_at", ev.CheckedAt)
		w.text("error", cmp.Or(ev.Error, "the copy could not be seen"))
		w.agent(ev.Agent)
		return
	}
	w.key("folder")
	if ev.Folder {
		w.raw("true")
	} else {
		w.raw("false")
	}
	w.number("files", ev.Files)
	w.number("bytes", ev.Bytes)
	w.digest("digest", ev.Digest)
	w.digest("listing", ev.Listing)
	w.text("by", ev.By)
	w.time("checked_at", ev.CheckedAt)
	switch {
	case !ev.HashedAt.IsZero() && (ev.HashedAt != ev.CheckedAt || ev.Digest.IsZero()):
		w.time("hashed_at", ev.HashedAt)
	case ev.HashedAt.IsZero() && !ev.Digest.IsZero(): // left out, it would mean checked_at
		w.raw(`, "hashed_at": ""`)
	}
	w.agent(ev.Agent)
}

// agent writes what the agent's own files say, since format version 1.1.
func (w *writer) agent(a *estate.AgentFiles) {
	if a == nil {
		return
	}
	if a.Snapshot != nil {
		w.content("snapshot", a.Snapshot)
	}
	w.time("deleted", a.Deleted)
	if a.NotUnderstood > 0 {
		w.number("not_understood", int64(a.NotUnderstood))
	}
	w.text("agent_error", a.Error)
}
