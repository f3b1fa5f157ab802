package estatefile

import (
	"cmp"
	"fmt"
	"slices"

	"pslan/internal/estate"
)

// image reads one image with its copies.
func (r *reader) image() {
	img := estate.Image{Owner: estate.NoServer}
	number := int32(len(r.e.Images))
	begin := r.at
	line := r.line(begin)
	broken := 0
	var sites []int32
	r.copies = r.copies[:0]
	for first := true; r.member(first); first = false {
		switch string(r.key) {
		case "name":
			before := r.found()
			if img.Name = r.nameValue(); r.found() > before {
				broken |= brokenName
			}
			r.what.name = img.Name
		case "guid":
			before := r.found()
			if img.GUID = r.guid(); r.found() > before {
				broken |= brokenGUID
			}
			if !img.GUID.IsZero() {
				uniqueGUID(r, &r.imageGUIDs, img.GUID, line, "image")
			}
		case "package":
			img.Package = r.guid()
			r.samePackage(img.Package, line)
		case "kind":
			img.Kind = enum(&r.values, estate.ParseKind, "image, pct, backup")
		case "format":
			img.Format = enum(&r.values, estate.ParseFormat, "managed, legacy")
		case "location":
			img.Location = r.string()
		case "owner":
			img.Owner = r.owner()
		case "assignment":
			sites = r.assignment(&img.Assignment)
		case "version":
			img.Version = r.count()
		case "content":
			img.Content = r.content()
		case "copies":
			r.copyList(number + 1)
		case "owner_claims":
			img.Claims = r.claims()
		default:
			r.skip(3)
		}
	}
	if r.failed {
		return
	}
	r.imageIsWhole(&img, begin, broken)
	img.Copies = r.keepCopies()
	r.e.Images = append(r.e.Images, img)
	if sites != nil {
		for len(r.siteIDs) < int(number) {
			r.siteIDs = append(r.siteIDs, nil)
		}
		r.siteIDs = append(r.siteIDs, sites)
	}
}

// What was reported of an image already.
const (
	brokenName = 1 << iota
	brokenGUID
)

// imageIsWhole reports what an image cannot do without, at its beginning.
func (r *reader) imageIsWhole(img *estate.Image, begin int64, broken int) {
	until := begin + 1
	if begin < r.base { // the image is longer than the buffer: its end is shown instead
		begin, until = r.offset()-1, r.offset()
	}
	if img.GUID.IsZero() && broken&brokenGUID == 0 {
		r.problem(begin, until, "Image without a GUID", "Every image needs its own \"guid\", which is not that of its package: names repeat, and tasks refer to it.")
	}
	if img.Name == "" && broken&brokenName == 0 {
		r.problem(begin, until, "Image without a name", "Every image needs a \"name\".")
	}
	if img.Format == estate.Legacy && !img.Package.IsZero() {
		r.problem(begin, until, "Legacy image with a package", "A legacy image has a folder and no package: leave \"package\" out, or say \"format\": \"managed\".")
	}
}

// samePackage warns of two images with one package: what is done to one is done to
// the other.
func (r *reader) samePackage(g estate.GUID, line int32) {
	if g.IsZero() {
		return
	}
	if other, twice := r.packages[g]; twice {
		r.add(severityWarning, r.spot(r.at, r.offset()), "Two images with the same package",
			fmt.Sprintf("The package %s is also that of the image at line %d. What is done to one of them is done to the other.", g, other))
		return
	}
	r.packages[g] = line
}

// owner reads the name of a server, "smp", or "" where the owner is in doubt.
func (r *reader) owner() estate.ServerID {
	b, ok := r.bytes()
	if !ok || len(b) == 0 {
		return estate.NoServer
	}
	if isSMP(b) {
		return estate.SMP
	}
	return estate.ServerID(r.referTo(&r.servers, b))
}

func isSMP(b []byte) bool {
	return len(b) == 3 && b[0]|0x20 == 's' && b[1]|0x20 == 'm' && b[2]|0x20 == 'p'
}

// assignment reads the setting, and returns the numbers of its sites.
func (r *reader) assignment(a *estate.Assignment) (sites []int32) {
	if !r.enter('{', "an object") {
		return nil
	}
	begin := r.at
	r.ids = r.ids[:0]
	for first := true; r.member(first); first = false {
		switch string(r.key) {
		case "mode":
			a.Mode = enum(&r.values, estate.ParseAssignmentMode, "all, servers, sites, automatic")
		case "servers":
			r.assignedServers()
		case "sites":
			sites = r.siteList(sites)
		default:
			r.skip(4)
		}
	}
	if r.failed {
		return nil
	}
	if len(r.ids) > 0 && a.Mode != estate.AssignServers {
		r.problem(begin, begin+1, "Servers of another mode", fmt.Sprintf("\"servers\" are given, and the mode is %q. Servers are chosen individually with mode \"servers\" only.", a.Mode))
	}
	if len(sites) > 0 && a.Mode != estate.AssignSites && a.Mode != estate.AssignAutomatic {
		r.problem(begin, begin+1, "Sites of another mode", fmt.Sprintf("\"sites\" are given, and the mode is %q. Sites are chosen with mode \"sites\" or \"automatic\" only.", a.Mode))
	}
	a.Servers = r.keepIDs()
	return sites
}

func (r *reader) assignedServers() {
	if !r.enter('[', "a list of package servers") {
		return
	}
	for first := true; r.element(first); first = false {
		b, ok := r.bytes()
		switch {
		case !ok:
		case len(b) == 0:
			r.wrongValue("Empty name", "The assignment names an empty package server.")
		case isSMP(b):
			r.wrongValue("The SMP in an assignment", "The SMP is no package server: nothing can be assigned to it.")
		default:
			r.ids = append(r.ids, r.referTo(&r.servers, b))
		}
	}
}

// keepIDs moves the servers of an assignment to where they stay.
func (r *reader) keepIDs() []estate.ServerID {
	n := len(r.ids)
	if n == 0 {
		return nil
	}
	slices.Sort(r.ids)
	r.ids = slices.Compact(r.ids)
	n = len(r.ids)
	if len(r.idRoom) < n {
		r.idRoom = make([]estate.ServerID, max(n, min(8192, 4*len(r.e.Images)+16)))
	}
	kept := r.idRoom[:n:n]
	r.idRoom = r.idRoom[n:]
	for i, id := range r.ids {
		kept[i] = estate.ServerID(id)
	}
	return kept
}

// content reads the recorded content of the owner.
func (r *reader) content() *estate.Content {
	if !r.enter('{', "an object") {
		return nil
	}
	if len(r.contentRoom) == 0 {
		r.contentRoom = make([]estate.Content, min(1024, 2*len(r.e.Images)+4))
	}
	c := &r.contentRoom[0]
	r.contentRoom = r.contentRoom[1:]
	for first := true; r.member(first); first = false {
		switch string(r.key) {
		case "files":
			c.Files = r.count()
		case "bytes":
			c.Bytes = r.count()
		case "digest":
			c.Digest = r.digest()
		case "listing":
			c.Listing = r.digest()
		case "version":
			c.Version = r.count()
		case "from":
			c.From = r.word()
		case "taken_at":
			c.TakenAt = r.moment()
		default:
			r.skip(4)
		}
	}
	return c
}

// keepCopies moves the copies of the image that was read to where they stay, in
// rooms made for many: growing a slice for each image would waste half of it.
func (r *reader) keepCopies() []estate.Copy {
	n := len(r.copies)
	if n == 0 {
		return nil
	}
	byServer := func(a, b estate.Copy) int { return cmp.Compare(a.Server, b.Server) }
	if !slices.IsSortedFunc(r.copies, byServer) {
		slices.SortFunc(r.copies, byServer)
	}
	if len(r.copyRoom) < n {
		r.copyRoom = make([]estate.Copy, max(n, min(8192, n*(len(r.e.Images)+4))))
	}
	kept := r.copyRoom[:n:n]
	r.copyRoom = r.copyRoom[n:]
	copy(kept, r.copies)
	return kept
}
