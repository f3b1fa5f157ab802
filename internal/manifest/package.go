package manifest

import (
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"pslan/internal/content"
	"pslan/internal/estate"
)

func (r *reader) packages() {
	if !r.open('[', "the list of packages") {
		return
	}
	for r.more() {
		if len(r.Packages) >= maxPackages {
			r.problem("Too many packages", "The manifest has more than %d packages.", maxPackages)
			r.failed = true
			return
		}
		r.onePackage()
		r.in = ""
	}
	r.close()
}

// stated is what a package says of its own files.
type stated struct {
	digest, listing estate.Digest
	bytes           int64
	sums            bool // any of them was given
}

// onePackage reads one package.
func (r *reader) onePackage() {
	at := r.offset()
	if !r.open('{', "a package") {
		return
	}
	var p Package
	var s stated
	before := r.found()
	for r.more() {
		r.packageMember(&p, &s, r.key())
	}
	r.close()
	if r.failed || r.found() > before {
		return
	}
	p.SumUp()
	switch want := s.sumsLike(&p); {
	case p.GUID.IsZero():
		r.add(r.src, at, "Package without a GUID", `Every package needs "package": its GUID.`)
	case r.numbers[p.GUID]:
		r.add(r.src, at, "Package twice", "The package %s stands twice in the manifest. Were two manifests joined?", p.GUID)
	case !p.Folder && p.Error == "" && len(p.Files) > 0:
		r.add(r.src, at, "Files without a folder", "The package has %d files, and \"folder\" is not true.", len(p.Files))
	case p.Error == "" && s.sums && want != p.Sums:
		r.add(r.src, at, "A manifest at odds with itself",
			"The bytes or digests of the package are not those of the files that are listed: the manifest was changed by hand or damaged. Probe the server again.")
	}
	r.numbers[p.GUID] = true
	r.Packages = append(r.Packages, p)
}

// sumsLike is what the sums of the package have to be, if those stated are right.
func (s *stated) sumsLike(p *Package) content.Sums {
	return content.Sums{Files: int64(len(p.Files)), Bytes: s.bytes, Digest: s.digest, Listing: s.listing}
}

func (r *reader) packageMember(p *Package, s *stated, key string) {
	switch key {
	case "package":
		p.GUID = parsed(r, key, estate.ParseGUID)
		r.in = fmt.Sprintf("package %q", p.GUID)
	case "dir":
		p.Dir = r.text(key)
	case "folder":
		r.decode(key, &p.Folder)
	case "error":
		p.Error = r.text(key)
	case "bytes":
		r.decode(key, &s.bytes)
		s.sums = true
	case "digest":
		s.digest = parsed(r, key, estate.ParseDigest)
		s.sums = true
	case "listing":
		s.listing = parsed(r, key, estate.ParseDigest)
		s.sums = true
	case "snapshot":
		p.agent().Snapshot = r.snapshot()
	case "deleted":
		if at := r.moment(key); !at.IsZero() {
			p.agent().Deleted = at
		}
	case "not_understood":
		r.decode(key, &p.agent().NotUnderstood)
	case "agent_error":
		if s := r.text(key); s != "" {
			p.agent().Error = s
		}
	case "files":
		r.files(p)
	default:
		r.skip()
	}
}

// agent is what the agent's files say, made where nothing was said yet.
func (p *Package) agent() *estate.AgentFiles {
	if p.Agent == nil {
		p.Agent = &estate.AgentFiles{}
	}
	return p.Agent
}

// parsed takes a text with a meaning.
func parsed[T any](r *reader, key string, parse func(string) (T, error)) T {
	s := r.text(key)
	v, err := parse(s)
	if err != nil {
		r.problem("Broken value", "%q is %s: %v.", key, shown(s), err)
	}
	return v
}

// snapshot reads what the agent's snapshot lists.
func (r *reader) snapshot() *estate.Content {
	var o snapshotObject
	r.decode("snapshot", &o)
	listing, err := estate.ParseDigest(o.Listing)
	at, ok := parseTime(o.TakenAt)
	if err != nil || !ok || o.Files < 0 || o.Bytes < 0 || o.Version < 0 {
		r.problem("Broken snapshot", `"snapshot" holds a number below 0, or a digest or time that is none.`)
	}
	return &estate.Content{Files: o.Files, Bytes: o.Bytes, Listing: listing, Version: o.Version, TakenAt: at}
}

// files reads the files of a package.
func (r *reader) files(p *Package) {
	if !r.open('[', "a list of files") {
		return
	}
	p.Files = nil
	for r.more() {
		if len(p.Files) >= maxFiles {
			r.problem("Too many files", "The package has more than %d files.", maxFiles)
			r.failed = true
			return
		}
		var o fileObject
		at, before := r.offset(), r.found()
		r.decode("files", &o)
		f, what := o.file()
		if what != "" && !r.failed && r.found() == before {
			r.add(r.src, at, "Broken file", "%s", what)
		}
		p.Files = append(p.Files, f)
	}
	r.close()
	byPath := func(a, b File) int { return strings.Compare(a.Path, b.Path) }
	if !slices.IsSortedFunc(p.Files, byPath) {
		slices.SortFunc(p.Files, byPath)
	}
	for i := 1; i < len(p.Files); i++ {
		if p.Files[i].Path == p.Files[i-1].Path {
			r.problem("File twice", "%s stands twice in the package.", shown(p.Files[i].Path))
		}
	}
}

// file makes a file of what was read, or says what is wrong with it.
func (o *fileObject) file() (f File, what string) {
	modified, ok1 := parseTime(o.Modified)
	hashed, ok2 := parseTime(o.HashedAt)
	digest, ok3 := parseHash(o.SHA256)
	switch {
	case !validPath(o.Path):
		return f, fmt.Sprintf("%s is no path of a file below a package's folder, with / between names and in NFC.", shown(o.Path))
	case o.Bytes < 0:
		return f, fmt.Sprintf("%s has %d bytes.", shown(o.Path), o.Bytes)
	case !ok1, !ok2:
		return f, fmt.Sprintf("%s has a broken time. A time looks like 2026-11-22T10:00:00Z.", shown(o.Path))
	case !ok3:
		return f, fmt.Sprintf("%s has the hash %s. A SHA-256 is 64 hexadecimal digits.", shown(o.Path), shown(o.SHA256))
	case control(o.ID):
		return f, fmt.Sprintf("%s has the id %s, with a control character.", shown(o.Path), shown(o.ID))
	}
	f.Path, f.Bytes, f.Modified, f.SHA256 = o.Path, o.Bytes, modified.Time(), digest
	f.ID, f.HashedAt = o.ID, hashed
	return f, ""
}

// parseHash reads 64 hexadecimal digits, as sha256sum writes them, with or without
// the prefix that digests have.
func parseHash(s string) (d estate.Digest, ok bool) {
	s = strings.TrimPrefix(s, "sha256:")
	if s == "" {
		return d, true
	}
	if len(s) != hex.EncodedLen(len(d)) {
		return d, false
	}
	_, err := hex.Decode(d[:], []byte(s))
	return d, err == nil
}

func validPath(p string) bool {
	return p != "" && p != "." && p == path.Clean(p) && p[0] != '/' && p != ".." && !strings.HasPrefix(p, "../") &&
		!strings.Contains(p, `\`) && !control(p) && norm.NFC.IsNormalString(p)
}
