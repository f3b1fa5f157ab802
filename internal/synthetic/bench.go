package synthetic

import (
	"fmt"
	"io"
)

// The estate that speed is measured on. Twenty servers in five sites hold an image
// together; there are 25 such sets, so 500 servers in 125 sites.
const (
	benchSets      = 25
	serversPerSet  = 20
	sitesPerSet    = 5
	serversPerSite = serversPerSet / sitesPerSet
)

// Bench is an estate of Images images with 20 copies each, and HCL files that move
// every tenth of them to another owner.
type Bench struct {
	Images int
	Seed   uint64
}

// set of servers that hold image i.
func (b Bench) set(i int) int { return i % benchSets }

// ownerPlace is the place of the present owner in its set: each place is as likely.
func (b Bench) ownerPlace(i int) int { return i / benchSets % serversPerSet }

// leaving reports whether the server at a place of its set is to own nothing any
// more: two of twenty, so that a tenth of all images change owner.
func leaving(place int) bool { return place%10 == 3 }

func benchServer(set, place int) string { return fmt.Sprintf("PS%03d", set*serversPerSet+place+1) }

func benchSite(set, n int) string { return fmt.Sprintf("SITE-%03d", set*sitesPerSet+n+1) }

func benchImage(i int) string { return fmt.Sprintf("IMG-%06d", i) }

func (b Bench) sites(i int) []string {
	var names []string
	for n := range sitesPerSet {
		names = append(names, benchSite(b.set(i), n))
	}
	return names
}

// declaredOwner is the owner that the files give image i.
func (b Bench) declaredOwner(i int) string {
	place := b.ownerPlace(i)
	if leaving(place) {
		place++
	}
	return benchServer(b.set(i), place)
}

// Moves returns how many images change owner.
func (b Bench) Moves() int {
	n := 0
	for i := range b.Images {
		if leaving(b.ownerPlace(i)) {
			n++
		}
	}
	return n
}

// WriteEstate writes the estate file, an image at a time.
func (b Bench) WriteEstate(w io.Writer) error {
	r := &random{state: b.Seed}
	var sites []site
	var servers []server
	for set := range benchSets {
		for n := range sitesPerSet {
			sites = append(sites, site{benchSite(set, n)})
		}
		for place := range serversPerSet {
			name := benchServer(set, place)
			servers = append(servers, server{
				Name: name, GUID: guid("server " + name), Host: name + ".contoso.com",
				Sites: []string{benchSite(set, place/serversPerSite)}, State: "online", LastSeen: takenAt,
				FreeBytes: 4000 * gib, TotalBytes: 64_000 * gib,
			})
		}
	}
	d, err := newDocument(w, sites, servers)
	if err != nil {
		return err
	}
	for i := range b.Images {
		set, owner := b.set(i), benchServer(b.set(i), b.ownerPlace(i))
		img := newImage(benchImage(i), owner, assignment{Mode: "sites", Sites: b.sites(i)}, 1+r.below(4), size(r))
		absent := -1
		if r.percent(2) { // one copy of every fiftieth image is not there
			absent = r.below(serversPerSet)
		}
		for place := range serversPerSet {
			if name := benchServer(set, place); place == absent && name != owner {
				img.missing(name, "Ready")
			} else {
				img.good(name)
			}
		}
		img.spare()
		if err := d.line(&img); err != nil {
			return err
		}
	}
	return d.close()
}
