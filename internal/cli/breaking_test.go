package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"pslan/internal/apply"
	"pslan/internal/estate"
	"pslan/internal/platform"
)

// breakage is where a process dies, or what fails under it. Its words are "run",
// "count", "kill before|after record|request N", "full at record N" and "unsynced at
// record N".
type breakage struct {
	what, of         string
	at               int64
	records, request atomic.Int64
	failed           atomic.Bool // the journal could not be written
	before           func()      // what happens before every request; nil: nothing
	told             io.Writer   // where requests are told; nil: to stderr, of a counting run
}

func breaking(where string) *hooks {
	b := &breakage{what: where}
	if words := strings.Fields(where); len(words) == 4 || len(words) == 5 {
		n, err := strconv.ParseInt(words[len(words)-1], 10, 64)
		if err != nil {
			panic(err)
		}
		b.what, b.of, b.at = strings.Join(words[:len(words)-2], " "), words[len(words)-2], n
	}
	return b.hooks()
}

func (b *breakage) hooks() *hooks {
	return &hooks{
		world:   func(w apply.World) apply.World { return &breakingWorld{World: w, b: b} },
		journal: func(j apply.Journal) apply.Journal { return &breakingJournal{Journal: j, b: b} },
	}
}

// die ends the process as SIGKILL does.
func die() {
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		_ = p.Kill()
	}
	select {} // until the signal is here
}

func (b *breakage) dieAt(when, of string, n int64) {
	if b.what == "kill "+when && b.of == of && b.at == n {
		die()
	}
}

type breakingJournal struct {
	apply.Journal
	b *breakage
}

// Append writes a group of records; each group is one write to the disk.
func (j *breakingJournal) Append(records ...apply.Record) error {
	n := j.b.records.Add(1)
	if j.b.what == "count" {
		fmt.Fprintf(os.Stderr, "RECORD %d\n", n)
	}
	j.b.dieAt("before", "record", n)
	if j.b.at == n && j.b.of == "record" {
		switch j.b.what {
		case "full at":
			j.b.failed.Store(true)
			return syscall.ENOSPC
		case "unsynced at":
			j.b.failed.Store(true)
			if err := j.Journal.Append(records...); err != nil {
				return err
			}
			return syscall.EIO
		}
	}
	err := j.Journal.Append(records...)
	j.b.dieAt("after", "record", n)
	return err
}

type breakingWorld struct {
	apply.World
	b *breakage
}

// ask makes a request and may die before or after it.
func (w *breakingWorld) ask(what string, make func() error) error {
	n := w.b.request.Add(1)
	told := w.b.told
	if told == nil && w.b.what == "count" {
		told = os.Stderr
	}
	if told != nil {
		fmt.Fprintf(told, "REQUEST %d %s\n", n, what)
	}
	if w.b.failed.Load() {
		fmt.Fprintln(os.Stderr, "REQUEST AFTER the journal could not be written")
	}
	w.b.dieAt("before", "request", n)
	if w.b.before != nil {
		w.b.before()
	}
	err := make()
	w.b.dieAt("after", "request", n)
	return err
}

func (w *breakingWorld) SetAssignment(ctx context.Context, image platform.ImageRef, to estate.AssignmentNames) error {
	return w.ask("assign", func() error { return w.World.SetAssignment(ctx, image, to) })
}

func (w *breakingWorld) UpdateMembership(ctx context.Context) error {
	return w.ask("update", func() error { return w.World.UpdateMembership(ctx) })
}

func (w *breakingWorld) RefreshServer(ctx context.Context, server string) error {
	return w.ask("refresh", func() error { return w.World.RefreshServer(ctx, server) })
}

func (w *breakingWorld) TakeOwnership(ctx context.Context, image platform.ImageRef, server string) error {
	return w.ask("take", func() error { return w.World.TakeOwnership(ctx, image, server) })
}

func (w *breakingWorld) SetLocation(ctx context.Context, image platform.ImageRef, to string) error {
	return w.ask("locate", func() error { return w.World.SetLocation(ctx, image, to) })
}

func (w *breakingWorld) RebuildPreboot(ctx context.Context, preboot estate.GUID) error {
	return w.ask("rebuild", func() error { return w.World.RebuildPreboot(ctx, preboot) })
}

func (w *breakingWorld) AskOperator(ctx context.Context, task platform.OperatorTask) error {
	return w.ask("ask", func() error { return w.World.AskOperator(ctx, task) })
}

// counted reads how many records and requests a counting run made.
func counted(t *testing.T, stderr string) (records, requests int) {
	t.Helper()
	records = len(regexp.MustCompile(`(?m)^RECORD \d+$`).FindAllString(stderr, -1))
	requests = len(regexp.MustCompile(`(?m)^REQUEST \d+ `).FindAllString(stderr, -1))
	if records == 0 || requests == 0 {
		t.Fatalf("a run made %d records and %d requests:\n%s", records, requests, stderr)
	}
	return records, requests
}
