package estate

import (
	"cmp"
	"slices"
	"strings"
)

// Index finds things of one Estate by name, host, GUID or package. Build it once;
// it is read-only afterwards and may be shared.
type Index struct {
	estate    *Estate
	servers   map[string]ServerID   // by name
	hosts     map[string][]ServerID // by name, host and the host's first label
	byName    map[string][]int32
	byGUID    map[GUID]int32
	byPackage map[GUID]int32
	all       []ServerID
	sites     map[string][]ServerID // by name, folded and as spelled in Estate.Sites
}

// NewIndex indexes an estate.
func NewIndex(e *Estate) *Index {
	ix := &Index{
		estate:    e,
		servers:   make(map[string]ServerID, len(e.Servers)),
		hosts:     make(map[string][]ServerID, 2*len(e.Servers)),
		byName:    make(map[string][]int32, len(e.Images)),
		byGUID:    make(map[GUID]int32, len(e.Images)),
		byPackage: make(map[GUID]int32, len(e.Images)),
		sites:     make(map[string][]ServerID, 2*len(e.Sites)),
	}
	for i := range e.Servers {
		s, id := &e.Servers[i], ServerID(i)
		ix.servers[Fold(s.Name)] = id
		label, _, _ := strings.Cut(s.Host, ".")
		for _, h := range []string{s.Name, s.Host, label} {
			if h = Fold(h); h != "" && !slices.Contains(ix.hosts[h], id) {
				ix.hosts[h] = append(ix.hosts[h], id)
			}
		}
	}
	ix.indexSites()
	names := make([]int32, len(e.Images)) // one backing array for the usual case of unique names
	for i := range e.Images {
		img, n := &e.Images[i], int32(i)
		names[i] = n
		key := Fold(img.Name)
		if have, ok := ix.byName[key]; ok {
			ix.byName[key] = append(have, n)
		} else {
			ix.byName[key] = names[i : i+1 : i+1]
		}
		if !img.GUID.IsZero() {
			ix.byGUID[img.GUID] = n
		}
		if !img.Package.IsZero() {
			ix.byPackage[img.Package] = n
		}
	}
	return ix
}

func (ix *Index) indexSites() {
	e := ix.estate
	ix.all = make([]ServerID, len(e.Servers))
	for i := range e.Servers {
		id := ServerID(i)
		ix.all[i] = id
		for _, site := range e.Servers[i].Sites {
			key := Fold(site)
			if have := ix.sites[key]; len(have) == 0 || have[len(have)-1] != id {
				ix.sites[key] = append(have, id)
			}
		}
	}
	for _, site := range e.Sites {
		ix.sites[site] = ix.sites[Fold(site)]
	}
}

// SiteServers returns the package servers of a site, sorted. The slice is shared.
func (ix *Index) SiteServers(site string) []ServerID {
	if ids, ok := ix.sites[site]; ok {
		return ids
	}
	return ix.sites[Fold(site)]
}

// Members is Estate.Members for many assignments: it looks sites up. The slice may
// be shared and must not be changed.
func (ix *Index) Members(a *Assignment) (ids []ServerID, known bool) {
	switch a.Mode {
	case AssignAll:
		return ix.all, true
	case AssignServers:
		return a.Servers, true
	case AssignSites, AssignAutomatic:
		for i, site := range a.Sites {
			if i == 0 {
				ids = ix.SiteServers(site)
				continue
			}
			ids = append(slices.Clip(ids), ix.SiteServers(site)...)
		}
		if len(a.Sites) > 1 {
			slices.Sort(ids)
			ids = slices.Compact(ids)
		}
		return ids, a.Mode == AssignSites
	default:
		return nil, false
	}
}

// Estate returns the indexed estate.
func (ix *Index) Estate() *Estate { return ix.estate }

// Server finds a package server by its name; NoServer if there is none.
func (ix *Index) Server(name string) ServerID {
	if id, ok := ix.servers[Fold(name)]; ok {
		return id
	}
	return NoServer
}

// HostMatches returns all servers that a host as written in the files may mean:
// by name, full host, or the host's first label. Exactly one is a match.
func (ix *Index) HostMatches(host string) []ServerID { return ix.hosts[Fold(host)] }

// ImagesNamed returns the indices of the images with a name.
func (ix *Index) ImagesNamed(name string) []int32 { return ix.byName[Fold(name)] }

// ImageByGUID finds an image by its own GUID; nil if there is none.
func (ix *Index) ImageByGUID(g GUID) *Image {
	if n, ok := ix.byGUID[g]; ok {
		return &ix.estate.Images[n]
	}
	return nil
}

// ImageNumber is ImageByGUID giving the index in Estate.Images, -1 if there is none.
func (ix *Index) ImageNumber(g GUID) int32 {
	if n, ok := ix.byGUID[g]; ok {
		return n
	}
	return -1
}

// PackageNumber finds an image by its package GUID; -1 if there is none.
func (ix *Index) PackageNumber(g GUID) int32 {
	if n, ok := ix.byPackage[g]; ok {
		return n
	}
	return -1
}

// Sort brings an estate into its canonical order. Servers must not be referred to
// yet by number: readers sort servers first, images last.
func (e *Estate) SortImages() {
	slices.SortFunc(e.Images, func(a, b Image) int {
		return cmp.Or(CompareFold(a.Name, b.Name), slices.Compare(a.GUID[:], b.GUID[:]))
	})
}
