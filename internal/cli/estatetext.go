package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"pslan/internal/estate"
)

// writeEstate writes an estate for people: what there is, who owns it, and where
// good copies stand.
func writeEstate(out io.Writer, e *estate.Estate) error {
	b := bufio.NewWriter(out)
	fmt.Fprintf(b, "Estate of %s, taken at %s from %s.\n", orNone(e.SMP.Name), orNone(e.TakenAt.String()), orNone(e.Source))
	fmt.Fprintf(b, "%d package servers, %d images, %d preboot configurations, %d sites.\n",
		len(e.Servers), len(e.Images), len(e.Preboots), len(e.Sites))
	writeServers(b, e)
	writeImages(b, e)
	writePreboots(b, e)
	return b.Flush()
}

func writeServers(out io.Writer, e *estate.Estate) {
	if len(e.Servers) == 0 {
		return
	}
	owns := make([]int, len(e.Servers))
	for i := range e.Images {
		if id := e.Images[i].Owner; id.IsServer() {
			owns[id]++
		}
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nPACKAGE SERVER\tHOST\tSITES\tSTATE\tOWNS")
	for i := range e.Servers {
		s := &e.Servers[i]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\n", s.Name, s.Host, orNone(strings.Join(s.Sites, ", ")), s.State, owns[i])
	}
	t.Flush()
}

func writeImages(out io.Writer, e *estate.Estate) {
	if len(e.Images) == 0 {
		return
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nIMAGE\tKIND\tOWNER\tASSIGNED TO\tGOOD COPIES")
	for i := range e.Images {
		img := &e.Images[i]
		kind := img.Kind.String()
		if img.Format == estate.Legacy {
			kind += ", " + img.Format.String()
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", img.Name, kind, orNone(e.ServerName(img.Owner)), assignmentText(e, &img.Assignment), goodCopies(e, img))
	}
	t.Flush()
}

func writePreboots(out io.Writer, e *estate.Estate) {
	if len(e.Preboots) == 0 {
		return
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nPREBOOT CONFIGURATION\tCONNECTS TO")
	for i := range e.Preboots {
		fmt.Fprintf(t, "%s\t%s\n", e.Preboots[i].Name, orNone(e.Preboots[i].ConnectsTo))
	}
	t.Flush()
}

func assignmentText(e *estate.Estate, a *estate.Assignment) string {
	switch a.Mode {
	case estate.AssignAll:
		return "all package servers"
	case estate.AssignServers:
		return orNone(strings.Join(e.NameAssignment(a).Servers, ", "))
	case estate.AssignSites:
		return "sites " + strings.Join(a.Sites, ", ")
	case estate.AssignAutomatic:
		return "automatically"
	default:
		return "not known"
	}
}

// goodCopies lists the servers whose copies were seen to be good, and says of how
// many copies that is.
func goodCopies(e *estate.Estate, img *estate.Image) string {
	j := e.Judge(img, estate.NoServer)
	var names []string
	for c := range j.GoodCopies {
		names = append(names, e.ServerName(c.Server))
	}
	return fmt.Sprintf("%d of %d: %s", len(names), len(img.Copies), orNone(strings.Join(names, ", ")))
}

func orNone(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
