package diff

import (
	"fmt"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/wording"
)

// Resolve finds what is declared for each image, server and preboot configuration
// of an estate. All problems are reported at once; with errors the result must
// not be used.
func Resolve(d *declared.Declared, ix *estate.Index) (*Resolved, diag.Diagnostics) {
	r := &resolver{d: d, e: ix.Estate(), ix: ix, out: &Resolved{MinCopies: d.Policy.MinCopies}, byLabel: map[string]estate.ServerID{}, current: -1}
	r.servers()
	r.out.byImage = make([]int32, len(r.e.Images))
	for i := range r.out.byImage {
		r.out.byImage[i] = -1
	}
	r.images()
	r.groups()
	r.finishDeclared()
	r.lifecycles()
	r.unfinished()
	r.preboots()
	r.sortDesired()
	return r.out, r.diags.Sort()
}

type resolver struct {
	d       *declared.Declared
	e       *estate.Estate
	ix      *estate.Index
	out     *Resolved
	diags   diag.Diagnostics
	byLabel map[string]estate.ServerID // block address -> server
	attrs   []*merged                  // parallel to out.Desired while images and groups are read
	quarrel map[quarrelKey]*quarrel
	current int32 // the image being merged, for messages
}

func (r *resolver) errorf(at diag.Range, in, summary, detail string, args ...any) {
	r.diags = append(r.diags, &diag.Diagnostic{
		Severity: diag.Error, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: at, In: in,
	})
}

// servers finds the server of each package_server block.
func (r *resolver) servers() {
	r.out.Servers = make([]ServerDesired, len(r.e.Servers))
	for i := range r.d.Servers {
		b := &r.d.Servers[i]
		ids := r.ix.HostMatches(b.Host)
		switch {
		case len(ids) == 0 && b.Lifecycle == declared.Retired:
			r.out.Gone = append(r.out.Gone, b)
			r.byLabel[string(b.Address)] = estate.NoServer
			continue
		case len(ids) != 1:
			r.hostProblem(b.Host, ids, b.HostRange, b.In)
			r.byLabel[string(b.Address)] = estate.NoServer
			continue
		}
		id := ids[0]
		r.byLabel[string(b.Address)] = id
		if other := r.out.Servers[id].Block; other != nil {
			r.errorf(b.HostRange, b.In, "Package server declared twice",
				"%s is declared here and at %s. A server has one lifecycle, so it can have one block; remove one of the two.",
				r.e.ServerName(id), other.HostRange)
			continue
		}
		r.out.Servers[id] = ServerDesired{Block: b, Address: b.Address, Lifecycle: b.Lifecycle}
	}
	for i := range r.out.Servers {
		if s := &r.out.Servers[i]; s.Block == nil {
			s.Address = estate.Address("package_server").Member(r.e.Servers[i].Name)
		}
	}
}

// hostProblem reports a host that means no server, or more than one.
func (r *resolver) hostProblem(host string, ids []estate.ServerID, at diag.Range, in string) {
	if len(ids) > 1 {
		r.errorf(at, in, "Ambiguous package server", "%q may mean %s. Write the full host name, so that exactly one server is meant.",
			host, r.serverList(ids))
		return
	}
	if r.isSMP(host) {
		r.errorf(at, in, "The SMP is not a package server",
			"%q is the SMP itself. An image cannot be moved between the SMP and a package server by any interface. "+
				"What exists: change where an image on the SMP is kept with `location`, or import its files by hand on a package server, which makes a new image with a new GUID.", host)
		return
	}
	names := make([]string, len(r.e.Servers))
	for i := range r.e.Servers {
		names[i] = r.e.Servers[i].Name
	}
	r.errorf(at, in, "Unknown package server",
		"The platform lists no package server %q.%s It lists %s.", host, wording.DidYouMean(host, names), wording.List(names, 8))
}

func (r *resolver) isSMP(host string) bool {
	smp, h := estate.Fold(r.e.SMP.Name), estate.Fold(host)
	label, _, _ := strings.Cut(smp, ".")
	return h != "" && (h == smp || h == label || h == "smp")
}

func (r *resolver) serverList(ids []estate.ServerID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = fmt.Sprintf("%s (%s)", r.e.Servers[id].Name, r.e.Servers[id].Host)
	}
	return wording.List(names, 8)
}

// server resolves a reference; ok is false after a problem was reported (or was
// reported before, at the block it refers to).
func (r *resolver) server(ref *declared.ServerRef, in string) (estate.ServerID, bool) {
	if ref.Label != "" {
		id, known := r.byLabel[ref.Label]
		if known {
			return id, id != estate.NoServer
		}
	}
	ids := r.ix.HostMatches(ref.Host)
	if len(ids) != 1 {
		r.hostProblem(ref.Host, ids, ref.Range, in)
		return estate.NoServer, false
	}
	return ids[0], true
}

// images finds the image of each image and pct_package block.
func (r *resolver) images() {
	r.out.Desired = make([]Desired, 0, len(r.d.Images))
	for i := range r.d.Images {
		b := &r.d.Images[i]
		n, ok := r.imageOf(b)
		if !ok {
			continue
		}
		if have := r.out.byImage[n]; have >= 0 {
			other := &r.out.Desired[have]
			r.errorf(b.SelectRange, b.In, "Image declared twice",
				"%s and %s both name the image %q (package %s). Two blocks could say different things about it; remove one, or narrow one of them down with guid or package.",
				other.Address, b.Address, r.e.Images[n].Name, r.e.Images[n].Package)
			continue
		}
		r.current = n
		r.add(n, b.Address, b.In, b.Range).take(&b.Attrs, b.In, true)
	}
}

func (r *resolver) add(image int32, addr estate.Address, in string, at diag.Range) *merged {
	r.out.byImage[image] = int32(len(r.out.Desired))
	r.out.Desired = append(r.out.Desired, Desired{
		Image: image, Address: addr, In: in, Range: at, Declared: true,
		Owner: estate.NoServer, Reference: estate.NoServer,
	})
	m := &merged{r: r}
	r.attrs = append(r.attrs, m)
	return m
}

func (r *resolver) imageOf(b *declared.Image) (int32, bool) {
	switch {
	case !b.GUID.IsZero():
		return r.oneImage(b, r.ix.ImageNumber(b.GUID), "guid", b.GUID)
	case !b.Package.IsZero():
		return r.oneImage(b, r.ix.PackageNumber(b.Package), "package", b.Package)
	}
	var found []int32
	for _, n := range r.ix.ImagesNamed(b.Name) {
		if r.kindFits(b.Kind, n) {
			found = append(found, n)
		}
	}
	switch len(found) {
	case 1:
		return found[0], true
	case 0:
		r.errorf(b.SelectRange, b.In, "No such image", "The platform has no %s named %q.%s", kindName(b.Kind), b.Name, r.suggestImage(b))
	default:
		var l []string
		for _, n := range found {
			l = append(l, fmt.Sprintf("guid %s (package %s)", r.e.Images[n].GUID, r.e.Images[n].Package))
		}
		r.errorf(b.SelectRange, b.In, "Image name is not unique",
			"%q names %d images: %s. Use guid or package instead of name to say which one is meant.", b.Name, len(found), wording.List(l, 8))
	}
	return 0, false
}

func (r *resolver) kindFits(want estate.Kind, n int32) bool {
	have := r.e.Images[n].Kind
	return have == want || want == estate.KindImage && have == estate.KindBackup
}

func (r *resolver) oneImage(b *declared.Image, n int32, argument string, g estate.GUID) (int32, bool) {
	if n < 0 {
		r.errorf(b.SelectRange, b.In, "No such image", "The platform has no image with %s %s.", argument, g)
		return 0, false
	}
	if !r.kindFits(b.Kind, n) {
		r.errorf(b.SelectRange, b.In, "Wrong kind of block",
			"%q is of kind %s; an %s block cannot declare it. Use %s.", r.e.Images[n].Name, r.e.Images[n].Kind, blockWord(b.Kind), blockWord(r.e.Images[n].Kind))
		return 0, false
	}
	return n, true
}

func blockWord(k estate.Kind) string {
	if k == estate.KindPCT {
		return "pct_package"
	}
	return "image"
}

func kindName(k estate.Kind) string {
	if k == estate.KindPCT {
		return "PCT package"
	}
	return "image"
}

func (r *resolver) suggestImage(b *declared.Image) string {
	for _, n := range r.ix.ImagesNamed(b.Name) {
		return fmt.Sprintf(" There is one of kind %s with this name: declare it with %s.", r.e.Images[n].Kind, blockWord(r.e.Images[n].Kind))
	}
	var names []string
	for i := range r.e.Images {
		if r.kindFits(b.Kind, int32(i)) {
			names = append(names, r.e.Images[i].Name)
		}
	}
	if near := wording.DidYouMean(b.Name, names); near != "" {
		return near
	}
	return " Names are compared without case and must be whole; `pslan show` of an estate file lists them."
}

// preboots finds the preboot configuration of each block.
func (r *resolver) preboots() {
	seen := map[int32]*declared.Preboot{}
	for i := range r.d.Preboots {
		b := &r.d.Preboots[i]
		found, names := int32(-1), []string{}
		for n := range r.e.Preboots {
			names = append(names, r.e.Preboots[n].Name)
			if estate.Fold(r.e.Preboots[n].Name) == estate.Fold(b.Name) {
				found = int32(n)
			}
		}
		if found < 0 {
			r.errorf(b.NameRange, b.In, "No such preboot configuration", "The platform has no preboot configuration named %q.%s", b.Name, wording.DidYouMean(b.Name, names))
			continue
		}
		if other := seen[found]; other != nil {
			r.errorf(b.NameRange, b.In, "Preboot configuration declared twice", "%q is declared here and at %s; remove one of the two.", b.Name, other.NameRange)
			continue
		}
		seen[found] = b
		r.out.Preboots = append(r.out.Preboots, PrebootDesired{Block: b, Preboot: found})
	}
}
