package plan_test

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
)

// A scenario is an estate and the files, in a few lines each:
//
//	smp smp01
//	server PS008 off site=HQ,BR free=10
//	image W11 owner=PS008 assign=all content=A copies=PS008:A,PS009:A!,PS010:- kind=pct legacy loc=\\PS008\x
//	preboot WinPE smp01
//
// A copy is SERVER:CONTENT; CONTENT is a letter (equal letters, equal bytes), "-"
// for no folder, "0" for an empty folder, "?" for one that could not be seen,
// "A/2" for the first two files of A, "A~" for A's sizes with other bytes; a "!"
// behind it marks the copy for deletion, "!!" with an overdue mark. "A/2^A" has a
// snapshot.xml of the platform's version that lists A, "A^B1" one of version 1 that
// lists B, "-^A" one and no files.
//
//	server PS008 retired successors=PS010 ack=PSL404
//	image W11 owner=PS010 assign=PS010,PS009 min=2 ref=PS009 abandon loc=\\smp02\x
//	preboot WinPE smp02
//	policy min=1 downloads=2 verify=size
func parseEstate(text string) (*estate.Estate, error) {
	e := &estate.Estate{TakenAt: 1_000_000, Source: "test", SMP: estate.Server{Name: "smp01"}}
	lines := fields(text)
	for _, l := range lines {
		if l.word(0) != "server" {
			continue
		}
		s := estate.PackageServer{Name: l.word(1), Host: strings.ToLower(l.word(1)) + ".example", GUID: guid("server " + l.word(1)), State: estate.Online, FreeBytes: estate.Unknown, TotalBytes: estate.Unknown}
		if l.has("off") {
			s.State = estate.Offline
		}
		if v := l.value("site"); v != "" {
			s.Sites = strings.Split(v, ",")
			for _, site := range s.Sites {
				if !strings.Contains(" "+strings.Join(e.Sites, " ")+" ", " "+site+" ") {
					e.Sites = append(e.Sites, site)
				}
			}
		}
		if v := l.value("free"); v != "" {
			s.FreeBytes, _ = strconv.ParseInt(v, 10, 64)
		}
		e.Servers = append(e.Servers, s)
	}
	for _, l := range lines {
		switch l.word(0) {
		case "image":
			img, err := parseImage(e, l)
			if err != nil {
				return nil, err
			}
			e.Images = append(e.Images, img)
		case "preboot":
			e.Preboots = append(e.Preboots, estate.Preboot{Name: l.word(1), GUID: guid("preboot " + l.word(1)), ConnectsTo: l.word(2)})
		}
	}
	e.SortImages()
	return e, nil
}

func parseImage(e *estate.Estate, l line) (estate.Image, error) {
	img := estate.Image{Name: l.word(1), GUID: guid("image " + l.word(1)), Package: guid("package " + l.word(1)), Version: 2, Owner: serverID(e, l.value("owner")), Location: l.value("loc")}
	if l.has("legacy") {
		img.Format, img.Package = estate.Legacy, estate.GUID{}
	}
	switch l.value("kind") {
	case "pct":
		img.Kind = estate.KindPCT
	case "backup":
		img.Kind, img.Package = estate.KindBackup, estate.GUID{}
	}
	if img.Format == estate.Managed && img.Kind != estate.KindBackup && img.Owner != estate.SMP {
		img.Assignment = parseAssignment(e, l.value("assign"))
	}
	if v := l.value("content"); v != "" {
		ev := contentOf(v)
		img.Content = &estate.Content{Files: ev.Files, Bytes: ev.Bytes, Digest: ev.Digest, Listing: ev.Listing, Version: 2}
	}
	for id := estate.SMP; int(id) < len(e.Servers); id++ {
		for _, c := range strings.Split(l.value("copies"), ",") {
			name, what, _ := strings.Cut(c, ":")
			if c == "" || id == estate.NoServer || serverID(e, name) != id {
				continue
			}
			img.Copies = append(img.Copies, parseCopy(id, what))
		}
	}
	return img, nil
}

func parseCopy(id estate.ServerID, what string) (c estate.Copy) {
	c = estate.Copy{Server: id, Status: "Ready", Version: 2}
	if rest, ok := strings.CutSuffix(what, "!!"); ok {
		c.DeleteAfter, what = 1, rest
	} else if rest, ok := strings.CutSuffix(what, "!"); ok {
		c.DeleteAfter, what = 2*estate.MarkDoubt, rest
	}
	what, lists, listed := strings.Cut(what, "^")
	defer func() {
		if listed {
			c.Evidence.Agent = &estate.AgentFiles{Snapshot: snapshotOf(lists)}
		}
	}()
	switch what {
	case "-":
		c.Evidence = estate.Evidence{Sight: estate.Seen}
	case "0":
		c.Evidence = estate.Evidence{Sight: estate.Seen, Folder: true}
	case "?":
		c.Evidence = estate.Evidence{Sight: estate.NotSeen, Error: "access denied"}
	case "":
	default:
		c.Evidence = contentOf(what)
	}
	return c
}

// snapshotOf is what a snapshot.xml lists, by the letter of its content and its version.
func snapshotOf(what string) *estate.Content {
	version := int64(2)
	if n := len(what) - 1; n > 0 {
		version, what = int64(what[n]-'0'), what[:n]
	}
	ev := contentOf(what)
	return &estate.Content{Files: ev.Files, Bytes: ev.Bytes, Listing: ev.Listing, Version: version}
}

// contentOf makes the evidence of a content by its letter: three files of 100 bytes.
func contentOf(what string) estate.Evidence {
	letter, part, cut := strings.Cut(what, "/")
	letter, other := strings.CutSuffix(letter, "~")
	files := int64(3)
	if cut {
		files, _ = strconv.ParseInt(part, 10, 64)
	}
	listing := sha256.Sum256([]byte(letter + part))
	digest := sha256.Sum256([]byte("digest" + letter + part + strconv.FormatBool(other)))
	return estate.Evidence{Sight: estate.Seen, Folder: true, Files: files, Bytes: 100 * files, Listing: listing, Digest: digest}
}

func parseAssignment(e *estate.Estate, v string) estate.Assignment {
	switch {
	case v == "all":
		return estate.Assignment{Mode: estate.AssignAll}
	case v == "auto":
		return estate.Assignment{Mode: estate.AssignAutomatic}
	case v == "":
		return estate.Assignment{}
	case strings.HasPrefix(v, "auto:"):
		return estate.Assignment{Mode: estate.AssignAutomatic, Sites: strings.Split(v[5:], ",")}
	case strings.HasPrefix(v, "site:"):
		return estate.SitesOf(strings.Split(v[5:], ",")...)
	}
	var ids []estate.ServerID
	for _, n := range strings.Split(v, ",") {
		ids = append(ids, serverID(e, n))
	}
	return estate.ServersOf(ids...)
}

func serverID(e *estate.Estate, name string) estate.ServerID {
	if name == "smp" {
		return estate.SMP
	}
	for i := range e.Servers {
		if strings.EqualFold(e.Servers[i].Name, name) {
			return estate.ServerID(i)
		}
	}
	return estate.NoServer
}

func guid(s string) (g estate.GUID) {
	h := sha256.Sum256([]byte(s))
	copy(g[:], h[:])
	return g
}

func parseDeclared(text string) *declared.Declared {
	d := &declared.Declared{Policy: declared.DefaultPolicy()}
	at := func(n int) diag.Range {
		return diag.Range{Filename: "images.hcl", Start: diag.Pos{Line: int32(n), Column: 1, Byte: int32(100 * n)}, End: diag.Pos{Line: int32(n), Column: 9, Byte: int32(100*n + 8)}}
	}
	ref := func(name string, n int) declared.ServerRef { return declared.ServerRef{Host: name, Range: at(n)} }
	for n, l := range fields(text) {
		switch l.word(0) {
		case "server":
			s := declared.PackageServer{Address: estate.BlockAddress("package_server", strings.ToLower(l.word(1)), nil), Host: l.word(1), HostRange: at(n), LifecycleRange: at(n), Range: at(n), In: fmt.Sprintf("package_server %q", strings.ToLower(l.word(1)))}
			if l.has("retired") {
				s.Lifecycle = declared.Retired
			} else if l.has("draining") {
				s.Lifecycle = declared.Draining
			}
			for _, name := range l.list("successors") {
				s.Successors = append(s.Successors, ref(name, n))
			}
			d.Servers = append(d.Servers, s)
		case "image", "pct_package":
			label := strings.ToLower(l.word(1))
			img := declared.Image{Address: estate.BlockAddress(l.word(0), label, nil), Name: l.word(1), SelectRange: at(n), Range: at(n), In: fmt.Sprintf("%s %q", l.word(0), label)}
			if l.word(0) == "pct_package" {
				img.Kind = estate.KindPCT
			}
			img.Attrs = parseAttrs(l, n, at, ref)
			d.Images = append(d.Images, img)
		case "images":
			g := declared.Group{Address: estate.BlockAddress("images", l.word(1), nil), Range: at(n), In: fmt.Sprintf("images %q", l.word(1)), Match: declared.Match{Names: l.list("match"), Range: at(n)}}
			g.Attrs = parseAttrs(l, n, at, ref)
			d.Groups = append(d.Groups, g)
		case "preboot":
			d.Preboots = append(d.Preboots, declared.Preboot{Address: estate.BlockAddress("preboot_configuration", strings.ToLower(l.word(1)), nil), Name: l.word(1), NameRange: at(n), ConnectsTo: l.word(2), ConnectsToRange: at(n)})
		case "policy":
			if v := l.value("min"); v != "" {
				d.Policy.MinCopies, _ = strconv.Atoi(v)
			}
			if l.value("verify") == "size" {
				d.Content = &declared.Content{Verify: declared.VerifySize}
			}
			if v := l.value("downloads"); v != "" {
				d.Policy.MaxDownloads, _ = strconv.Atoi(v)
			}
		}
	}
	return d
}

func parseAttrs(l line, n int, at func(int) diag.Range, ref func(string, int) declared.ServerRef) declared.Attrs {
	var a declared.Attrs
	if v := l.value("owner"); v != "" {
		r := ref(v, n)
		a.Owner = &r
	}
	if v := l.value("ref"); v != "" {
		r := ref(v, n)
		a.Reference = &r
	}
	switch v := l.value("assign"); {
	case v == "all":
		a.Assignment = &declared.Assignment{Mode: estate.AssignAll, Range: at(n)}
	case strings.HasPrefix(v, "site:"):
		a.Assignment = &declared.Assignment{Mode: estate.AssignSites, Sites: strings.Split(v[5:], ","), Range: at(n)}
	case v != "":
		a.Assignment = &declared.Assignment{Mode: estate.AssignServers, Range: at(n)}
		for _, name := range l.list("assign") {
			a.Assignment.Servers = append(a.Assignment.Servers, ref(name, n))
		}
	}
	if v := l.value("min"); v != "" {
		a.MinCopies, _ = strconv.Atoi(v)
		a.MinCopiesRange = at(n)
	}
	if v := l.value("loc"); v != "" {
		a.Location, a.LocationRange = v, at(n)
	}
	if l.has("abandon") {
		a.OnLost, a.OnLostRange = declared.LostAbandon, at(n)
	}
	return a
}

// line is one line of a scenario: words and key=value pairs.
type line []string

func fields(text string) []line {
	var out []line
	for _, l := range strings.Split(text, "\n") {
		l, _, _ = strings.Cut(l, "#")
		if f := strings.Fields(l); len(f) > 0 {
			out = append(out, f)
		}
	}
	return out
}

func (l line) word(i int) string {
	if i < len(l) {
		return l[i]
	}
	return ""
}

func (l line) has(word string) bool {
	for _, f := range l {
		if f == word {
			return true
		}
	}
	return false
}

func (l line) value(key string) string {
	for _, f := range l {
		if v, ok := strings.CutPrefix(f, key+"="); ok {
			return v
		}
	}
	return ""
}

func (l line) list(key string) []string {
	if v := l.value(key); v != "" {
		return strings.Split(v, ",")
	}
	return nil
}
