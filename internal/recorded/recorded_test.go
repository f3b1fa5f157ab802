package recorded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

var example = filepath.Join("..", "..", "examples", "owner-off", "estate.json")

func open(t *testing.T, options ...Options) *Recorded {
	t.Helper()
	r, err := Open(example, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestReadEstate(t *testing.T) {
	r := open(t)
	all, err := r.ReadEstate(t.Context(), platform.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for i := range all.Images {
		for k := range all.Images[i].Copies {
			if all.Images[i].Copies[k].Evidence.Sight != estate.NotLooked {
				seen++
			}
		}
	}
	if seen == 0 {
		t.Error("no copy carries the evidence that was recorded with it")
	}
	one := all.Images[len(all.Images)-1].GUID
	some, err := r.ReadEstate(t.Context(), platform.Scope{Images: []estate.GUID{one, {0xFF}}})
	if err != nil || len(some.Images) != 1 || some.Images[0].GUID != one || len(some.Servers) != len(all.Servers) {
		t.Errorf("asked for one image: %v, %v", some, err)
	}
	none, err := r.ReadEstate(t.Context(), platform.Scope{Images: []estate.GUID{}})
	if err != nil || len(none.Images) != 0 {
		t.Errorf("asked for no image: %d, %v", len(none.Images), err)
	}
}

func TestWritersRefuse(t *testing.T) {
	r := open(t)
	if d := r.Describe(); !d.ReadOnly || d.Type != "snapshot" {
		t.Errorf("%+v", d)
	}
	ctx, img := t.Context(), platform.ImageRef{Name: "WIN11"}
	for name, err := range map[string]error{
		"assignment": r.SetAssignment(ctx, img, estate.AssignmentNames{}),
		"membership": r.UpdateMembership(ctx),
		"refresh":    r.RefreshServer(ctx, "PS010"),
		"ownership":  r.TakeOwnership(ctx, img, "PS010"),
		"location":   r.SetLocation(ctx, img, `\\smp02\x`),
		"preboot":    r.RebuildPreboot(ctx, estate.GUID{1}),
		"operator":   r.AskOperator(ctx, platform.OperatorTask{Op: platform.OpConvert, Image: img}),
	} {
		var e *platform.Error
		if !errors.As(err, &e) || e.Kind != platform.KindReadOnly || e.Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpenBroken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "estate.json")
	if err := os.WriteFile(path, []byte(`{"format_version": "1.0", "images": [`), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := Open(path)
	var e *platform.Error
	if !errors.As(err, &e) || e.Kind != platform.KindBadInput || e.Object != path || !e.Diagnostics.HasErrors() {
		t.Fatalf("%#v", err)
	}
	if at := e.Diagnostics[0].Subject; at.Filename != path || at.Start.Line != 1 {
		t.Errorf("at %s", at)
	}
}

func TestClock(t *testing.T) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	r := open(t, Options{Now: func() time.Time { return noon }})
	if got := r.Now(); got != noon {
		t.Errorf("now is %s", got)
	}
	if s, err := r.ReadSync(t.Context()); err != nil || s.Now != noon || s.Refreshed != nil {
		t.Errorf("%+v, %v", s, err)
	}
	synctest.Test(t, func(t *testing.T) {
		r := Of("estate.json", &estate.Estate{})
		begin := time.Now()
		if err := r.Pause(t.Context(), time.Minute, begin.Add(10*time.Second)); err != nil || time.Since(begin) != 10*time.Second {
			t.Errorf("paused for %s, %v", time.Since(begin), err)
		}
		if err := r.Pause(t.Context(), time.Minute, begin); err != nil || time.Since(begin) != 10*time.Second {
			t.Errorf("paused beyond the limit, for %s, %v", time.Since(begin), err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.Pause(ctx, time.Minute, begin.Add(time.Hour)); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
