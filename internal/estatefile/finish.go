package estatefile

import (
	"bytes"
	"cmp"
	"slices"

	"pslan/internal/diag"
	"pslan/internal/estate"
)

const severityWarning = diag.Warning

// line is the number of the line in which an offset, which must not go back,
// stands: every byte is looked at once.
func (r *reader) line(offset int64) int32 {
	from := max(0, int(r.lineUpTo-r.base))
	to := max(from, int(offset-r.base))
	if r.lineUpTo < r.base { // the buffer slid on meanwhile
		r.lines = r.place.lines
	}
	r.lines += int32(bytes.Count(r.buf[from:to], newline))
	r.lineUpTo = offset
	return r.lines + 1
}

// resolve reports names that nothing declares.
func (r *reader) resolve() {
	const needed = keyServers | keyImages // without them it is no estate file, and that was said
	if r.doubtful || r.given&needed != needed {
		return
	}
	r.undeclared(&r.servers, "Unknown package server", "package server")
	r.undeclared(&r.sites, "Unknown site", "site")
}

// finish puts names in the place of numbers, and brings the estate into its
// canonical order.
func (r *reader) finish() {
	for i, ids := range r.serverPlaces.sites {
		r.e.Servers[i].Sites = r.siteNames(ids)
	}
	var last []int32
	for i, ids := range r.siteIDs {
		a := &r.e.Images[i].Assignment
		if i > 0 && ids != nil && slices.Equal(ids, last) {
			a.Sites = r.e.Images[r.lastSites].Assignment.Sites // neighbours often share them
			continue
		}
		if a.Sites = r.siteNames(ids); ids != nil {
			last, r.lastSites = ids, i
		}
	}
	slices.SortFunc(r.e.Sites, estate.CompareFold)
	slices.SortStableFunc(r.e.Preboots, func(a, b estate.Preboot) int {
		return cmp.Or(estate.CompareFold(a.Name, b.Name), slices.Compare(a.GUID[:], b.GUID[:]))
	})
	r.sortServers()
	byName := func(a, b estate.Image) int {
		return cmp.Or(estate.CompareFold(a.Name, b.Name), slices.Compare(a.GUID[:], b.GUID[:]))
	}
	if !slices.IsSortedFunc(r.e.Images, byName) {
		r.e.SortImages()
	}
}

// siteNames turns numbers into the sites' names as declared, sorted, each once.
func (r *reader) siteNames(ids []int32) []string {
	if len(ids) == 0 {
		return nil
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = r.sites.list[id].text
	}
	slices.SortFunc(names, estate.CompareFold)
	return slices.Compact(names)
}

// sortServers sorts the package servers and gives all that refers to them, which
// has the numbers of the names until now, its final numbers.
func (r *reader) sortServers() {
	if len(r.e.Servers) == 0 {
		return
	}
	order := make([]int32, len(r.e.Servers)) // place -> as declared
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return estate.CompareFold(r.e.Servers[a].Name, r.e.Servers[b].Name)
	})
	servers := make([]estate.PackageServer, len(order))
	place := make([]int32, len(order)) // as declared -> place
	for i, declared := range order {
		servers[i] = r.e.Servers[declared]
		place[declared] = int32(i)
	}
	r.e.Servers = servers
	final := make([]estate.ServerID, len(r.servers.list))
	same := true
	for i := range final {
		final[i] = estate.ServerID(place[r.servers.list[i].declared])
		same = same && final[i] == estate.ServerID(i)
	}
	if !same {
		r.renumber(final)
	}
}

func (r *reader) renumber(final []estate.ServerID) {
	byServer := func(a, b estate.Copy) int { return cmp.Compare(a.Server, b.Server) }
	for i := range r.e.Images {
		img := &r.e.Images[i]
		if img.Owner.IsServer() {
			img.Owner = final[img.Owner]
		}
		for k, id := range img.Assignment.Servers {
			img.Assignment.Servers[k] = final[id]
		}
		slices.Sort(img.Assignment.Servers)
		for k := range img.Copies {
			if c := &img.Copies[k]; c.Server.IsServer() {
				c.Server = final[c.Server]
			}
		}
		if !slices.IsSortedFunc(img.Copies, byServer) {
			slices.SortFunc(img.Copies, byServer)
		}
	}
}
