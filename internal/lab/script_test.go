package lab_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pslan/internal/estate"
	"pslan/internal/lab"
	"pslan/internal/lab/world"
	"pslan/internal/platform"
)

var update = flag.Bool("update", false, "rewrite the golden scripts")

// TestLaws runs the scripts in testdata/laws. A script is made of blocks: commands,
// a line of dashes, and what happened. Commands are
//
//	server NAME [site=S] [off] [free=GIB]   image NAME owner=S [assigned=S,S] [S=CLASS[/marked=DURATION]]
//	do … | break … | advance D              as the command line has them
//	ask VERB …                               a request of pslan: assign, update, refresh, take, location, rebuild, operator
//	see | read | sync                        the copies by their files; what the SMP says; updates and refreshes
func TestLaws(t *testing.T) {
	scripts, err := filepath.Glob("testdata/laws/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	for _, file := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := runScript(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want) {
				t.Errorf("%s: run with -update and look at the difference. Got:\n%s", file, got)
			}
		})
	}
}

func runScript(t *testing.T, text string) string {
	var out strings.Builder
	s := &script{t: t, out: &out, seed: &estate.Estate{TakenAt: day0, Sites: []string{"HQ"}, SMP: estate.Server{Name: "smp01"}}}
	expected := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "----":
			expected = true
			out.WriteString("----\n")
			s.flush()
		case line == "":
			expected = false
			out.WriteString("\n")
		case expected: // written anew
		default:
			out.WriteString(line + "\n")
			if !strings.HasPrefix(line, "#") {
				s.pending = append(s.pending, line)
			}
		}
	}
	return out.String()
}

var day0 = estate.TimeOf(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))

type script struct {
	t       *testing.T
	out     *strings.Builder
	seed    *estate.Estate
	lab     *lab.Lab
	pending []string
	last    time.Time
}

func (s *script) flush() {
	for _, line := range s.pending {
		if err := s.run(strings.Fields(line)); err != nil {
			fmt.Fprintf(s.out, "error: %v\n", err)
			var typed *platform.Error
			if errors.As(err, &typed) && typed.Hint != "" {
				fmt.Fprintf(s.out, "hint: %s\n", typed.Hint)
			}
		}
	}
	s.pending = nil
}

func (s *script) open() *lab.Lab {
	if s.lab != nil {
		return s.lab
	}
	s.seed.SortImages()
	l, err := lab.Open(lab.Options{Seed: s.seed, Random: 1, Disk: lab.NewMemory(), Trace: s.trace})
	if err != nil {
		s.t.Fatal(err)
	}
	s.lab = l
	return l
}

// trace prints what happened, without the daily round that changed nothing.
func (s *script) trace(h world.Happening) {
	if h.What == "policy refreshed" && !h.Asked || h.Note == world.OnSchedule {
		return
	}
	what := h.What
	if h.Image >= 0 {
		what += " " + s.seed.Images[h.Image].Name
	}
	if h.Server >= 0 {
		what = s.seed.Servers[h.Server].Name + ": " + what
	}
	if h.Note != "" {
		what += " (" + h.Note + ")"
	}
	if at := h.At.Time(); at.Format(time.DateOnly) != s.last.Format(time.DateOnly) {
		fmt.Fprintln(s.out, at.Format(time.DateOnly))
		s.last = at
	}
	fmt.Fprintf(s.out, "  %s %s\n", h.At.Time().Format("15:04:05"), what)
}

func (s *script) run(words []string) error {
	switch words[0] {
	case "server":
		return s.server(words[1:])
	case "image":
		return s.image(words[1:])
	case "do":
		return s.open().Do(words[1:])
	case "break":
		return s.open().Break(words[1:])
	case "advance":
		d, err := time.ParseDuration(words[1])
		if err != nil {
			return err
		}
		return s.open().Advance(d)
	case "ask":
		return s.ask(words[1], words[2:])
	case "see":
		s.see()
	case "read":
		s.read()
	case "sync":
		s.sync()
	default:
		s.t.Fatalf("unknown command %q", words[0])
	}
	return nil
}

func (s *script) server(words []string) error {
	p := estate.PackageServer{Name: words[0], Host: strings.ToLower(words[0]) + ".example.com", Sites: []string{"HQ"},
		State: estate.Online, FreeBytes: 500 << 30, TotalBytes: 1000 << 30}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "off":
			p.State = estate.Offline
		case "site":
			p.Sites = []string{value}
			s.seed.Sites = append(s.seed.Sites, value)
		case "free":
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return err
			}
			p.FreeBytes = n << 30
		}
	}
	s.seed.Servers = append(s.seed.Servers, p)
	return nil
}

func digestOf(text string) estate.Digest { return sha256.Sum256([]byte(text)) }

func guidOf(text string) (g estate.GUID) {
	d := digestOf(text)
	copy(g[:], d[:])
	return g
}

// image adds a managed image of 3 files and 12 GiB; or, with location=, one on the
// SMP or a legacy one.
func (s *script) image(words []string) error {
	img := estate.Image{Name: words[0], GUID: guidOf(words[0]), Package: guidOf("package " + words[0]), Owner: estate.NoServer, Version: 1_700_000_000}
	right := digestOf("right " + words[0])
	img.Content = &estate.Content{Files: 3, Bytes: 12 << 30, Digest: right, Listing: digestOf("listing " + words[0]), Version: img.Version}
	img.Assignment.Mode = estate.AssignAll
	ix := estate.NewIndex(s.seed)
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "owner":
			if img.Owner = ix.Server(value); value == "smp" {
				img.Owner = estate.SMP
			} else if img.Location == "" {
				img.Location = `\\` + value + `\PkgSvrHost$\{` + img.Package.String() + `}`
			}
		case "assigned":
			var ids []estate.ServerID
			for name := range strings.SplitSeq(value, ",") {
				ids = append(ids, ix.Server(name))
			}
			img.Assignment = estate.ServersOf(ids...)
		case "location":
			img.Location = value
		case "legacy":
			img.Format, img.Package = estate.Legacy, estate.GUID{}
			img.Assignment = estate.Assignment{}
		case "empty":
			img.Content.Files, img.Content.Bytes, img.Content.Digest, img.Content.Listing = 0, 0, estate.Digest{}, estate.Digest{}
		default:
			img.Copies = append(img.Copies, s.copy(&img, ix.Server(key), value))
		}
	}
	s.seed.Images = append(s.seed.Images, img)
	return nil
}

func (s *script) copy(img *estate.Image, id estate.ServerID, class string) estate.Copy {
	class, mark, marked := strings.Cut(class, "/marked=")
	c := estate.Copy{Server: id, Managed: estate.ManagedExternal, Status: "Ready", StatusAt: day0 - 1, Version: img.Version}
	if img.Owner == id {
		c.Managed = estate.ManagedLocal
	}
	ev := estate.Evidence{Sight: estate.Seen, Folder: true, Files: 3, Bytes: 12 << 30, Digest: img.Content.Digest, Listing: img.Content.Listing}
	switch class {
	case "good":
	case "empty":
		ev = estate.Evidence{Sight: estate.Seen, Folder: true}
	case "missing":
		ev = estate.Evidence{Sight: estate.Seen}
	case "partial":
		ev.Files, ev.Bytes, ev.Digest, ev.Listing = 2, 8<<30, digestOf("part"), digestOf("part")
	case "wrong":
		ev.Digest = digestOf("wrong")
	default:
		s.t.Fatalf("unknown class %q", class)
	}
	c.Evidence = ev
	if marked {
		d, err := time.ParseDuration(mark)
		if err != nil {
			s.t.Fatal(err)
		}
		c.Status, c.DeleteAfter = "Deleted", day0+estate.Time(d)
	}
	return c
}

func (s *script) ref(name string) platform.ImageRef {
	for i := range s.seed.Images {
		if img := &s.seed.Images[i]; img.Name == name {
			return platform.ImageRef{Image: img.GUID, Package: img.Package, Name: name}
		}
	}
	s.t.Fatalf("no image %s", name)
	return platform.ImageRef{}
}

func (s *script) ask(verb string, args []string) error {
	l, ctx := s.open(), context.Background()
	switch verb {
	case "update":
		return l.UpdateMembership(ctx)
	case "refresh":
		return l.RefreshServer(ctx, args[0])
	case "take":
		return l.TakeOwnership(ctx, s.ref(args[1]), args[0])
	case "location":
		return l.SetLocation(ctx, s.ref(args[0]), args[1])
	case "assign":
		to := estate.AssignmentNames{Mode: estate.AssignServers, Servers: args[1:]}
		if args[1] == "all" {
			to = estate.AssignmentNames{Mode: estate.AssignAll}
		}
		return l.SetAssignment(ctx, s.ref(args[0]), to)
	case "operator":
		task := platform.OperatorTask{Op: platform.OperatorOp(args[0]), Server: args[1]}
		if len(args) > 2 {
			task.Image = s.ref(args[2])
		}
		if len(args) > 3 {
			task.To = args[3]
		}
		return l.AskOperator(ctx, task)
	}
	s.t.Fatalf("unknown request %q", verb)
	return nil
}

// see prints what lies in the folders, judged against what is right.
func (s *script) see() {
	e := observe(s.t, s.open())
	nominal(s.lab, e)
	for i := range e.Images {
		img := &e.Images[i]
		fmt.Fprintf(s.out, "%s owner=%s", img.Name, e.ServerName(img.Owner))
		for j := range img.Copies {
			c := &img.Copies[j]
			word := c.Evidence.Against(img.Content).String()
			if c.Evidence.Sight == estate.NotSeen {
				word = "unseen"
			} else if word == "partial" {
				word += fmt.Sprintf(" %d%%", 100*c.Evidence.Bytes/img.Content.Bytes)
			}
			fmt.Fprintf(s.out, "; %s %s", e.ServerName(c.Server), word)
		}
		fmt.Fprintln(s.out)
	}
}

// read prints what the SMP says.
func (s *script) read() {
	e, err := s.open().ReadEstate(context.Background(), platform.Scope{})
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range e.Images {
		img := &e.Images[i]
		a := e.NameAssignment(&img.Assignment)
		fmt.Fprintf(s.out, "%s owner=%s format=%s assigned=%s %s location=%s\n", img.Name, e.ServerName(img.Owner), img.Format, a.Mode, strings.Join(a.Servers, ","), img.Location)
		for j := range img.Copies {
			c := &img.Copies[j]
			fmt.Fprintf(s.out, "  %s %s %q", e.ServerName(c.Server), c.Managed, c.Status)
			if c.Version != img.Version {
				fmt.Fprintf(s.out, " other version")
			}
			if c.DeleteAfter != 0 {
				fmt.Fprintf(s.out, " deleted after %s", c.DeleteAfter)
			}
			fmt.Fprintln(s.out)
		}
	}
}

func (s *script) sync() {
	st, err := s.open().ReadSync(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	clock := func(t time.Time) string { return t.Format("15:04:05") }
	fmt.Fprintf(s.out, "now %s, update %s-%s running=%t", clock(st.Now), clock(st.UpdateStarted), clock(st.UpdateFinished), st.UpdateRunning)
	for i := range s.seed.Servers {
		name := s.seed.Servers[i].Name
		if at, ok := st.Refreshed[name]; ok {
			fmt.Fprintf(s.out, ", %s %s", name, clock(at))
		}
	}
	fmt.Fprintln(s.out)
}
