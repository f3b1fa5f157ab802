package view

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/proposal"
	"pslan/internal/wording"
)

// Undo writes owners, assignments and locations as they were before a plan, as HCL
// that pslan reads: a block for each image that the plan changes. What no plan can
// bring back stands in comments.
func Undo(w io.Writer, run string, at time.Time, p *proposal.Proposal) error {
	u := &undo{Writer: bufio.NewWriterSize(w, 64<<10), labels: map[string]bool{}}
	before := plan.UndoOf(p.Plan)
	u.head(run, at, p)
	u.losses(before.Losses)
	for i := range before.Images {
		u.image(&before.Images[i])
	}
	for i := range before.Preboots {
		u.preboot(&before.Preboots[i])
	}
	return u.Flush()
}

// undo is an undo file that is being written.
type undo struct {
	*bufio.Writer
	labels map[string]bool // given out, of all kinds of blocks
}

func (u *undo) line(format string, args ...any) { fmt.Fprintf(u, format+"\n", args...) }

func (u *undo) head(run string, at time.Time, p *proposal.Proposal) {
	u.line("# How things were before run %s (%s), on %s.", printable(run), at.UTC().Format("2006-01-02 15:04:05 UTC"), printable(p.Meta.SMP))
	u.line("# Plan ID: %s", p.Plan.ID)
	u.line("#")
	u.line("# To go back: put these blocks in the place of those that declare the same images,")
	u.line("# take away what makes a server below draining or retired, and look at pslan plan.")
	u.line("# Going back is a move like any other: copies are downloaded and verified again")
	u.line("# before ownership moves.")
}

// losses says what cannot be brought back.
func (u *undo) losses(losses []plan.Loss) {
	if len(losses) == 0 {
		return
	}
	u.line("#")
	u.line("# What cannot be undone:")
	for i := range losses {
		u.line("#   - %s", printable(lossText(&losses[i])))
	}
}

func lossText(l *plan.Loss) string {
	switch l.Kind {
	case plan.CopyDeleted:
		return fmt.Sprintf("%s on %s: its files (%s) are deleted there; they would have to be downloaded again.", l.Name, l.Server, wording.Size(l.Bytes))
	case plan.FilesCleared:
		return fmt.Sprintf("%s on %s: its wrong files are deleted.", l.Name, l.Server)
	case plan.RoleRemoved:
		return l.Server + ": its package service role is removed, and its Package Delivery folder goes with it. Give the role back in the console first."
	case plan.FormatChanged:
		return l.Name + ": a managed image cannot be made a legacy one again."
	}
	return fmt.Sprintf("%s: %s.", l.Name, l.Kind)
}

func (u *undo) image(c *plan.UndoImage) {
	relocates := c.Relocates && c.Owner == "smp"
	if !c.Moves && !c.Assigns && !relocates {
		return // only its format changes
	}
	block := "image"
	if c.Kind == estate.KindPCT {
		block = "pct_package"
	}
	u.line("")
	u.line("# %s, %s", printable(c.Name), printable(string(c.Address)))
	u.line("%s %q {", block, u.label(c.Address))
	attributes := [][2]string{{"guid", hclQuote(c.GUID.String())}}
	if c.Moves && c.Owner != "" && c.Owner != "smp" {
		attributes = append(attributes, [2]string{"owner", hclQuote(c.Owner)})
	}
	if relocates {
		attributes = append(attributes, [2]string{"location", hclQuote(c.Location)})
	}
	u.attributes(attributes)
	if c.Moves && c.Owner == "" {
		u.line("  # its owner was in doubt")
	}
	if c.Assigns {
		u.assignment(&c.Assignment)
	}
	u.line("}")
}

// attributes writes names and values with the equals signs below each other.
func (u *undo) attributes(list [][2]string) {
	width := 0
	for _, a := range list {
		width = max(width, len(a[0]))
	}
	for _, a := range list {
		u.line("  %-*s = %s", width, a[0], a[1])
	}
}

func (u *undo) assignment(a *estate.AssignmentNames) {
	switch {
	case a.Mode == estate.AssignAll:
		u.line("  assignment {\n    servers = \"all\"\n  }")
	case a.Mode == estate.AssignServers && len(a.Servers) > 0:
		u.line("  assignment {\n    servers = %s\n  }", hclList(a.Servers))
	case a.Mode == estate.AssignSites && len(a.Sites) > 0:
		u.line("  assignment {\n    sites = %s\n  }", hclList(a.Sites))
	case a.Mode == estate.AssignAutomatic && len(a.Sites) > 0:
		u.line("  assignment {\n    automatic = true\n    sites     = %s\n  }", hclList(a.Sites))
	case a.Mode == estate.AssignServers:
		u.line("  # it was assigned to no server, which cannot be declared")
	default:
		u.line("  # its assignment was %s, which cannot be declared", a.Mode)
	}
}

func (u *undo) preboot(c *plan.UndoPreboot) {
	u.line("")
	u.line("# %s: its profile is changed by hand, and it is rebuilt", printable(c.Name))
	u.line("preboot_configuration %q {", u.label(c.Address))
	u.attributes([][2]string{{"name", hclQuote(c.Name)}, {"connects_to", hclQuote(c.ConnectsTo)}})
	u.line("}")
}

// label makes a label for a block from an address; no two are the same.
func (u *undo) label(a estate.Address) string {
	words := a.Words()
	base := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '_'
	}, strings.Join(words[min(1, len(words)):], "_"))
	if base == "" || base[0] < 'a' || base[0] > 'z' {
		base = "image_" + base
	}
	label := base
	for n := 2; u.labels[label]; n++ {
		label = base + "_" + strconv.Itoa(n)
	}
	u.labels[label] = true
	return label
}

func hclList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = hclQuote(n)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// hclQuote writes a text as an HCL string without templates in it.
func hclQuote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f || !visible(r) && r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		case !visible(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
