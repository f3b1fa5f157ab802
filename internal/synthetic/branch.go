package synthetic

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// office is a site of the branch-offices example: five servers, of which the first
// is the hub that owns the site's images, and 35 images.
type office struct {
	site, prefix string
	// replaced: the fifth server is new hardware and is to take over from the first.
	replaced bool
}

var offices = [...]office{
	{"Berlin", "BER", false}, {"Cologne", "CGN", true}, {"Graz", "GRZ", false}, {"Hamburg", "HAM", true},
	{"Leipzig", "LEJ", false}, {"Munich", "MUC", false}, {"Vienna", "VIE", true}, {"Zurich", "ZRH", false},
}

var roles = [...]string{"DESK", "NOTE", "KIOSK", "CAD", "CALL", "TRAIN", "LAB"}

// BranchOfficesSeed is the seed of the estate under version control.
const BranchOfficesSeed = 20261122

// BranchOffices writes the estate of the branch-offices example: 40 package servers
// in 8 sites and 300 images, with the untidiness of a grown installation.
func BranchOffices(w io.Writer, seed uint64) error {
	r := &random{state: seed}
	var sites []site
	var servers []server
	for i, o := range offices {
		sites = append(sites, site{o.site})
		for n := 1; n <= 5; n++ {
			name := officeServer(i, n)
			servers = append(servers, server{
				Name: name, GUID: guid("server " + name), Host: fmt.Sprintf("ps%d%02d.%s.contoso.com", i+1, n, o.prefix),
				Sites: []string{o.site}, State: "online", LastSeen: takenAt,
				FreeBytes: int64(900+r.below(600)) * gib, TotalBytes: 2000 * gib,
			})
		}
	}
	var images []image
	for n := 1; n <= 20; n++ {
		images = append(images, golden(r, n, servers))
	}
	for i := range offices {
		for n := 1; n <= 35; n++ {
			images = append(images, local(r, i, n, servers))
		}
	}
	slices.SortFunc(images, func(a, b image) int { return cmp.Compare(a.Name, b.Name) })
	d, err := newDocument(w, sites, servers)
	if err != nil {
		return err
	}
	for i := range images {
		if err := d.line(&images[i]); err != nil {
			return err
		}
	}
	return d.close()
}

func officeServer(office, n int) string { return fmt.Sprintf("PS%d%02d", office+1, n) }

// golden makes an image that every server of the company holds. Two of them were
// captured in Hamburg, so that Hamburg's hub owns them.
func golden(r *random, n int, servers []server) image {
	owner := officeServer(0, 1)
	if n == 7 || n == 15 {
		owner = officeServer(3, 1)
	}
	img := newImage(fmt.Sprintf("GOLD-%02d", n), owner, assignment{Mode: "all"}, 2+r.below(3), size(r))
	for i := range servers {
		if name := servers[i].Name; name != owner && r.percent(1) {
			img.missing(name, "Ready")
		} else {
			img.good(name)
		}
	}
	return img
}

// local makes an image of one office, held by the five servers there.
func local(r *random, o, n int, servers []server) image {
	hub := officeServer(o, 1)
	name := fmt.Sprintf("%s-%s-%02d", offices[o].prefix, roles[n%len(roles)], n)
	to := assignment{Mode: "sites", Sites: []string{offices[o].site}}
	switch {
	case n == 35:
		name += "-TEST" // nobody cares where these are
	case offices[o].prefix == "MUC" && n%9 == 0:
		to = assignment{Mode: "all"} // as captured: nobody ever narrowed it
	case offices[o].prefix == "GRZ" && n%7 == 0:
		to = assignment{Mode: "servers", Servers: []string{hub, officeServer(o, 2)}}
	}
	img := newImage(name, hub, to, 1+r.below(4), size(r))
	for i := range servers {
		s := &servers[i]
		held := s.Sites[0] == offices[o].site
		switch to.Mode {
		case "all":
			held = true
		case "servers":
			held = slices.Contains(to.Servers, s.Name)
		}
		fresh := offices[o].replaced && s.Name == officeServer(o, 5)
		switch {
		case !held:
		case fresh && r.percent(25):
			img.missing(s.Name, "Ready")
		case fresh && img.Content.Files > 1 && r.percent(10):
			img.partial(s.Name)
		default:
			img.good(s.Name)
		}
	}
	return img
}

// size is between 3 and 15 GiB, no round number.
func size(r *random) int64 {
	return 3*gib + int64(r.below(12*1024))*1_048_576 + int64(r.below(1_048_576))
}
