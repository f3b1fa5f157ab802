package diff

import (
	"strings"

	"pslan/internal/declared"
	"pslan/internal/estate"
)

// groups adds what each images block says to every image that it matches.
func (r *resolver) groups() {
	for i := range r.d.Groups {
		g := &r.d.Groups[i]
		m, ok := r.matcher(&g.Match, estate.KindImage, g.In)
		var except *matcher
		if g.Except != nil {
			var fine bool
			except, fine = r.matcher(g.Except, anyKind, g.In)
			ok = ok && fine
		}
		if !ok {
			continue
		}
		members := 0
		m.each(r, func(n int32) {
			if except != nil && except.matches(&r.e.Images[n]) {
				return
			}
			members++
			r.join(g, n)
		})
		if members == 0 {
			r.out.EmptyGroups = append(r.out.EmptyGroups, g)
		}
	}
}

func (r *resolver) join(g *declared.Group, n int32) {
	r.current = n
	if have := r.out.byImage[n]; have >= 0 {
		r.attrs[have].take(&g.Attrs, g.In, false)
		return
	}
	r.add(n, g.Address.Member(r.memberName(n)), g.In, g.Range).take(&g.Attrs, g.In, false)
}

// memberName is the image's name, or its package GUID where names repeat.
func (r *resolver) memberName(n int32) string {
	img := &r.e.Images[n]
	if len(r.ix.ImagesNamed(img.Name)) == 1 {
		return img.Name
	}
	if img.Package.IsZero() {
		return img.GUID.String()
	}
	return img.Package.String()
}

const anyKind = estate.Kind(255)

// matcher is a Match, made ready for many images.
type matcher struct {
	globs    []string        // folded, with wildcards
	literals map[string]bool // folded, without
	packages map[estate.GUID]bool
	kind     estate.Kind
	owner    estate.ServerID // NoServer: any
	names    []string        // the literals as written, if there are no globs
}

func (r *resolver) matcher(m *declared.Match, kind estate.Kind, in string) (*matcher, bool) {
	out := &matcher{kind: kind, owner: estate.NoServer}
	if m.KindSet {
		out.kind = m.Kind
	}
	for _, name := range m.Names {
		if strings.ContainsAny(name, "*?") {
			out.globs = append(out.globs, estate.Fold(name))
			continue
		}
		if out.literals == nil {
			out.literals = map[string]bool{}
		}
		out.literals[estate.Fold(name)] = true
		out.names = append(out.names, name)
	}
	if len(m.Packages) > 0 {
		out.packages = make(map[estate.GUID]bool, len(m.Packages))
		for _, p := range m.Packages {
			out.packages[p] = true
		}
	}
	if m.Owner != nil {
		id, ok := r.server(m.Owner, in)
		if !ok {
			return nil, false
		}
		out.owner = id
	}
	return out, true
}

// each calls f for every image that matches, in image order; names without
// wildcards are looked up, so that many small groups cost no walk each.
func (m *matcher) each(r *resolver, f func(int32)) {
	if len(m.globs) == 0 && len(m.names) > 0 && len(m.names) < 64 {
		seen := map[int32]bool{}
		for _, name := range m.names {
			for _, n := range r.ix.ImagesNamed(name) {
				if !seen[n] && m.matches(&r.e.Images[n]) {
					seen[n] = true
					f(n)
				}
			}
		}
		return
	}
	for i := range r.e.Images {
		if m.matches(&r.e.Images[i]) {
			f(int32(i))
		}
	}
}

func (m *matcher) matches(img *estate.Image) bool {
	if m.kind != anyKind && img.Kind != m.kind {
		return false
	}
	if m.owner != estate.NoServer && img.Owner != m.owner {
		return false
	}
	if m.packages != nil && !m.packages[img.Package] {
		return false
	}
	if len(m.globs) == 0 && len(m.literals) == 0 {
		return true
	}
	name := estate.Fold(img.Name)
	if m.literals[name] {
		return true
	}
	for _, g := range m.globs {
		if Glob(g, name) {
			return true
		}
	}
	return false
}

// Glob reports whether a name fits a pattern in which * stands for any text and ?
// for one character. Both must be folded.
func Glob(pattern, name string) bool {
	if isASCII(pattern) && isASCII(name) {
		return glob([]byte(pattern), []byte(name))
	}
	return glob([]rune(pattern), []rune(name))
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func glob[T byte | rune](p, s []T) bool {
	pi, si, star, mark := 0, 0, -1, 0
	for si < len(s) {
		switch {
		case pi < len(p) && p[pi] == '*':
			star, mark = pi, si
			pi++
		case pi < len(p) && (p[pi] == '?' || p[pi] == s[si]):
			pi++
			si++
		case star >= 0:
			mark++
			pi, si = star+1, mark
		default:
			return false
		}
	}
	for pi < len(p) && p[pi] == '*' {
		pi++
	}
	return pi == len(p)
}
