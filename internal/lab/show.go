package lab

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
	"pslan/internal/wording"
)

// Show writes the state of the lab for people: the clock, the servers, who holds
// what of every image, what happened lately and what will.
func (l *Lab) Show(out io.Writer) error {
	ctx := context.Background()
	return l.held(ctx, "lab show", l.options.Dir, func(w *world.World) error {
		s := shower{w: w, out: tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)}
		fmt.Fprintf(out, "%s on a simulated clock at %s.\n", w.SMP.Name, clock(w.Now))
		s.updates(out)
		s.servers()
		s.images()
		s.downloads()
		s.happenings("Coming", w.Pending(10))
		s.happenings("Lately", w.Lately[max(0, len(w.Lately)-10):])
		return s.out.Flush()
	})
}

type shower struct {
	w   *world.World
	out *tabwriter.Writer
}

func clock(t estate.Time) string {
	if t == 0 {
		return "-"
	}
	return t.Time().Format("2006-01-02 15:04:05")
}

func (s *shower) updates(out io.Writer) {
	u := &s.w.Update
	fmt.Fprintf(out, "Last membership update: %s to %s.", clock(u.Started), clock(u.Finished))
	if u.Running {
		fmt.Fprintf(out, " Another one has run since %s.", clock(u.Since))
	}
	fmt.Fprintln(out)
	if f := s.w.Faults; f.Operator != "" {
		fmt.Fprintf(out, "The simulated operator: %s.\n", f.Operator)
	}
	for _, f := range s.w.Faults.Next {
		fmt.Fprintf(out, "Waiting: %s for a request %s.\n", f.Fault, f.Verb)
	}
}

func (s *shower) servers() {
	fmt.Fprintln(s.out, "\nSERVER\tSTATE\tSITES\tFREE\tREFRESHED\tFAULTS")
	for i := range s.w.Servers {
		v := &s.w.Servers[i]
		state := "online"
		switch {
		case v.Retired:
			state = "role removed"
		case v.Off:
			state = "off"
		}
		free := "-"
		if v.Free != estate.Unknown {
			free = wording.Size(v.Free)
		}
		var faults []string
		for _, f := range []struct {
			on   bool
			word string
		}{{v.Full, "full"}, {v.Slow, "slow"}, {v.Stuck, "stuck"}, {v.Mute, "lose-status"}} {
			if f.on {
				faults = append(faults, f.word)
			}
		}
		fmt.Fprintf(s.out, "%s\t%s\t%s\t%s\t%s\t%s\n", v.Name, state, strings.Join(v.Sites, ","), free, clock(v.Refreshed), strings.Join(faults, ","))
	}
}

// images writes one line for each copy that is there, assigned, or spoken of.
func (s *shower) images() {
	fmt.Fprintln(s.out, "\nIMAGE\tASSIGNED\tSERVER\tROLE\tFILES\tSTATUS\tMARK")
	for i := range s.w.Images {
		img := &s.w.Images[i]
		name, assigned := img.Name, s.assignment(img)
		line := func(server, role, files, status, mark string) {
			fmt.Fprintf(s.out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, assigned, server, role, files, status, mark)
			name, assigned = "", ""
		}
		if n := s.w.FolderNumber(img.Location); img.Package.IsZero() || img.Owner == estate.SMP {
			what := "missing"
			if n >= 0 {
				what = class(s.w.Folders[n].Exists, s.w.Folders[n].Files, img)
			}
			line(img.Location, img.Format.String(), what, "", "")
		}
		for j := range img.Copies {
			c := &img.Copies[j]
			if img.Package.IsZero() || !c.Folder && !c.InPolicy && !c.Said.Known && img.Owner != estate.ServerID(c.Server) {
				continue
			}
			role := "copy"
			if img.Owner == estate.ServerID(c.Server) {
				role = "owner"
			}
			mark := ""
			if c.DeleteAfter != 0 {
				mark = "deleted after " + clock(c.DeleteAfter)
			}
			line(s.w.Servers[c.Server].Name, role, class(c.Folder, c.Files, img), c.Said.Status, mark)
		}
		if name != "" {
			line("-", "", "", "", "")
		}
	}
}

// class says what a copy is worth against the files that the image is meant to have.
func class(folder bool, files []world.File, img *world.Image) string {
	right, n := img.Right, 0
	for i := range files {
		if f := fileAt(right, files[i].Path); f != nil && f.Label == files[i].Label && f.Bytes == files[i].Bytes {
			n++
		}
	}
	of := fmt.Sprintf("%d of %d", n, len(right))
	switch {
	case !folder && len(files) == 0:
		return "missing"
	case len(files) == 0:
		return "empty"
	case n == len(right) && n == len(files):
		return "good, " + of
	case len(files) < len(right) || n == len(files):
		return "partial, " + of
	}
	short := false
	for i := range files {
		f := fileAt(right, files[i].Path)
		short = short || f != nil && f.Label == files[i].Label && files[i].Bytes < f.Bytes
	}
	if short {
		return "partial, " + of
	}
	return "different, " + of
}

func (s *shower) assignment(img *world.Image) string {
	switch a := &img.Assignment; a.Mode {
	case estate.AssignAll:
		return "all"
	case estate.AssignServers:
		var names []string
		for _, v := range a.Servers {
			names = append(names, s.w.Servers[v].Name)
		}
		if len(names) == 0 {
			return "none"
		}
		return strings.Join(names, ",")
	case estate.AssignSites:
		return "sites " + strings.Join(a.Sites, ",")
	case estate.AssignAutomatic:
		return "automatic"
	}
	return "-"
}

func (s *shower) downloads() {
	if len(s.w.Jobs) == 0 {
		return
	}
	fmt.Fprintln(s.out, "\nDOWNLOAD\tTO\tDONE\tOF")
	for i := range s.w.Jobs {
		j := &s.w.Jobs[i]
		fmt.Fprintf(s.out, "%s\t%s\t%s\t%s\n", s.w.Images[j.Image].Name, s.w.Servers[j.Server].Name, wording.Size(j.Done), wording.Size(j.Total))
	}
}

func (s *shower) happenings(title string, hs []world.Happening) {
	if len(hs) == 0 {
		return
	}
	fmt.Fprintf(s.out, "\n%s\tSERVER\tIMAGE\tWHAT\n", strings.ToUpper(title))
	for _, h := range hs {
		server, image, what := "", "", h.What
		if h.Server >= 0 && int(h.Server) < len(s.w.Servers) {
			server = s.w.Servers[h.Server].Name
		}
		if h.Image >= 0 && int(h.Image) < len(s.w.Images) {
			image = s.w.Images[h.Image].Name
		}
		if h.Note != "" {
			what += ": " + h.Note
		}
		fmt.Fprintf(s.out, "%s\t%s\t%s\t%s\n", h.At.Time().Format(time.DateTime), server, image, what)
	}
}
