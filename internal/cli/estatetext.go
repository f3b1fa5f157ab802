package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"pslan/internal/estate"
	"pslan/internal/wording"
)

// writeEstate writes an estate for people: what there is, who owns it, and where
// good copies stand; verbose: what each copy is worth, and when it was seen.
func writeEstate(out io.Writer, e *estate.Estate, verbose bool) error {
	b := bufio.NewWriter(out)
	fmt.Fprintf(b, "Estate of %s, taken at %s from %s.\n", orNone(e.SMP.Name), orNone(e.TakenAt.String()), orNone(e.Source))
	fmt.Fprintf(b, "%s, %s, %s, %s.\n",
		wording.Count(len(e.Servers), "package server", "package servers"), wording.Count(len(e.Images), "image", "images"),
		wording.Count(len(e.Preboots), "preboot configuration", "preboot configurations"), wording.Count(len(e.Sites), "site", "sites"))
	fmt.Fprintln(b, copiesText(e))
	writeServers(b, e)
	writeImages(b, e)
	if verbose {
		writeCopies(b, e)
	}
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

// copiesText counts the copies by what is known of them.
func copiesText(e *estate.Estate) string {
	var seen, hashed, hidden, unlooked int
	for i := range e.Images {
		for k := range e.Images[i].Copies {
			switch ev := &e.Images[i].Copies[k].Evidence; {
			case ev.Sight == estate.NotSeen:
				hidden++
			case ev.Sight == estate.NotLooked:
				unlooked++
			default:
				seen++
				if !ev.Digest.IsZero() {
					hashed++
				}
			}
		}
	}
	return fmt.Sprintf("Copies: %d seen, %d of them hashed; %d could not be seen, %d were not looked at.", seen, hashed, hidden, unlooked)
}

func writeCopies(out io.Writer, e *estate.Estate) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nIMAGE\tSERVER\tCOPY\tFILES\tSIZE\tSEEN BY\tSEEN AT\tHASHED AT")
	var room []estate.Class
	for i := range e.Images {
		img := &e.Images[i]
		j := e.JudgeInto(img, estate.NoServer, room)
		room = j.Classes()
		for k := range img.Copies {
			c := &img.Copies[k]
			ev := &c.Evidence
			files, size := "-", "-"
			if ev.Sight == estate.Seen {
				files, size = fmt.Sprint(ev.Files), wording.Size(ev.Bytes)
			}
			what := j.Classes()[k].String()
			if ev.Error != "" {
				what += ": " + ev.Error
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", img.Name, e.ServerName(c.Server), what, files, size,
				orNone(ev.By), orNone(ev.CheckedAt.String()), orNone(ev.HashedAt.String()))
		}
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
