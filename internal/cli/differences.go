package cli

import (
	"context"
	"fmt"
	"strings"

	"pslan/internal/apply"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/proposal"
	"pslan/internal/wording"
)

// What -verbose tells of copies that are not good, at most.
const (
	copiesTold   = 100
	filesTold    = 12     // lines of one copy's listing
	listingsMost = 10_000 // lines of two listings that are compared
)

// notGood is a copy that is not good, of an image that the plan concerns.
type notGood struct {
	img    *estate.Image
	copy   *estate.Copy
	class  estate.Class
	ref    estate.Reference
	holder estate.ServerID // with the reference's files: the owner, or a copy that equals it; NoServer: none was seen
}

// showDifferences tells, for -verbose, of each copy that is not good what it is, and in
// which files it differs. Only these copies and one good copy of each image are looked
// at once more, because listings of everything would not fit into memory.
func (a *app) showDifferences(ctx context.Context, g *ground, p *proposal.Proposal) error {
	bad, more := notGoodOf(p)
	if len(bad) == 0 {
		return nil
	}
	wants := listingsOf(p.Estate, bad)
	var seen map[apply.Want]*platform.Seen
	if len(wants) > 0 && !g.recorded {
		obs, err := g.world.Observe(ctx, nil, wants)
		if err != nil {
			return err
		}
		seen = make(map[apply.Want]*platform.Seen, len(wants))
		for i := range wants {
			seen[wants[i]] = &obs.Seen[i]
		}
	}
	var b strings.Builder
	b.WriteString("Copies that are not good:\n")
	for i := range bad {
		bad[i].write(&b, p.Estate, seen, g.recorded)
	}
	if more > 0 {
		fmt.Fprintf(&b, "\n  and %d more\n", more)
	}
	a.view.Info(b.String())
	return nil
}

// notGoodOf finds the copies that are not good, and counts those beyond the limit. What
// was never looked at and shall hold nothing is none.
func notGoodOf(p *proposal.Proposal) (bad []notGood, more int) {
	var room []estate.Class
	for i := range p.Resolved.Desired {
		d := &p.Resolved.Desired[i]
		img := &p.Estate.Images[d.Image]
		j := p.Estate.JudgeInto(img, d.Reference, room)
		room = j.Classes()
		holder := estate.NoServer
		for c := range j.GoodCopies {
			if holder == estate.NoServer || c.Server == img.Owner || c.Server == j.Reference.Server {
				holder = c.Server
			}
		}
		for k := range img.Copies {
			c := &img.Copies[k]
			class := j.Classes()[k]
			switch {
			case class == estate.Good || class == estate.ClassUnknown && c.Evidence.Sight == estate.NotLooked:
			case class.IsBare() && !shallHold(p.Estate, d, img, c.Server):
			case len(bad) == copiesTold:
				more++
			default:
				bad = append(bad, notGood{img, c, class, j.Reference, holder})
			}
		}
	}
	return bad, more
}

// shallHold reports whether a server holds the image by what is declared or assigned.
func shallHold(e *estate.Estate, d *diff.Desired, img *estate.Image, id estate.ServerID) bool {
	return id == img.Owner || id == d.Owner || e.Covers(&img.Assignment, id) || d.Assignment != nil && e.Covers(d.Assignment, id)
}

// listingsOf asks for the listings that show in which files copies differ.
func listingsOf(e *estate.Estate, bad []notGood) []apply.Want {
	var wants []apply.Want
	for i := range bad {
		if b := &bad[i]; b.class.HasFiles() && b.holder != estate.NoServer {
			wants = append(wants, b.want(e, b.copy.Server), b.want(e, b.holder))
		}
	}
	return wants
}

func (b *notGood) want(e *estate.Estate, id estate.ServerID) apply.Want {
	return apply.Want{Image: b.img.GUID, Server: e.ServerName(id)}
}

func (b *notGood) write(out *strings.Builder, e *estate.Estate, seen map[apply.Want]*platform.Seen, recorded bool) {
	name, ev := e.ServerName(b.copy.Server), &b.copy.Evidence
	fmt.Fprintf(out, "\n  %s on %s: %s", b.img.Name, name, b.class)
	switch {
	case b.class == estate.ClassUnknown && ev.Sight == estate.NotSeen:
		fmt.Fprintf(out, ", %s", ev.Error)
	case b.class == estate.ClassUnknown && !e.Reachable(b.copy.Server):
		out.WriteString(", the server is off")
	case b.class == estate.ClassUnknown:
		fmt.Fprintf(out, ", %d files (%s) and nothing to compare them with", ev.Files, wording.Size(ev.Bytes))
	case b.class.HasFiles():
		fmt.Fprintf(out, ", %d of %d files (%s of %s), compared with %s", ev.Files, b.ref.Files, wording.Size(ev.Bytes), wording.Size(b.ref.Bytes), b.against(e))
	}
	out.WriteString("\n")
	if !b.class.HasFiles() {
		return
	}
	have, want := seen[b.want(e, b.copy.Server)], seen[b.want(e, b.holder)]
	if recorded {
		out.WriteString("    in which files is not known: a recorded estate has no listings\n")
		return
	}
	if have == nil || want == nil || have.Evidence.Sight != estate.Seen || want.Evidence.Sight != estate.Seen {
		out.WriteString("    in which files is not known: nobody who holds the right ones was seen\n")
		return
	}
	for _, l := range differingFiles(want.Listing, have.Listing) {
		out.WriteString("    " + l + "\n")
	}
}

// against says what the copy was compared with.
func (b *notGood) against(e *estate.Estate) string {
	switch b.ref.Origin {
	case estate.FromWord:
		return "the copy on " + e.ServerName(b.ref.Server) + ", by a person's word"
	case estate.FromOwner:
		return "the owner's copy on " + e.ServerName(b.ref.Server)
	case estate.FromSnapshot:
		return "the snapshot.xml of " + b.ref.From
	default:
		return "what was recorded of " + b.ref.From
	}
}

// differingFiles compares two listings as texts: what the copy lacks has a -, what it
// has instead or beyond a +.
func differingFiles(want, have []platform.File) []string {
	hashed := map[string]bool{} // only where both were hashed do hashes tell anything
	for i := range want {
		if !want[i].SHA256.IsZero() {
			hashed[want[i].Path] = true
		}
	}
	for i := range have {
		hashed[have[i].Path] = hashed[have[i].Path] && !have[i].SHA256.IsZero()
	}
	text := func(files []platform.File) string {
		var b strings.Builder
		for i := range files {
			f := &files[i]
			fmt.Fprintf(&b, "%d  %s", f.Bytes, f.Path)
			if hashed[f.Path] {
				fmt.Fprintf(&b, "  %s…", f.SHA256.String()[:len("sha256:")+12])
			}
			b.WriteByte('\n')
		}
		return b.String()
	}
	if len(want)+len(have) > listingsMost {
		return []string{fmt.Sprintf("%d and %d files are too many to be compared by name", len(want), len(have))}
	}
	var lines []string
	differ := 0
	for _, l := range compareLines(text(want), text(have)) {
		if l.kind == ' ' {
			continue
		}
		if differ++; differ <= filesTold {
			lines = append(lines, string(l.kind)+" "+strings.TrimSuffix(l.text, "\n"))
		}
	}
	switch {
	case differ == 0:
		lines = append(lines, "names and sizes are the same; which file has other bytes is not remembered: plan with -verify=hash")
	case differ > filesTold:
		lines = append(lines, fmt.Sprintf("and %d more lines", differ-filesTold))
	}
	return lines
}
