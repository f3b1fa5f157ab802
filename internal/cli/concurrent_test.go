package cli

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pslan/internal/lock"
)

// held is a run that stands still before one of its requests.
type held struct {
	dir      string
	reached  chan struct{} // closed when it stands there
	goOn     func()        // lets it go on
	ended    chan int      // its exit code
	out, err *watched
	asked    *requests
}

// requests counts what was asked of the platform.
type requests struct {
	mu   sync.Mutex
	n    int
	stop func(n int)
}

func (r *requests) next() {
	r.mu.Lock()
	r.n++
	n := r.n
	r.mu.Unlock()
	r.stop(n)
}

func (r *requests) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n
}

// holding starts an apply in a folder that stands still before its nth request.
func holding(t *testing.T, dir string, at int) *held {
	t.Helper()
	let := make(chan struct{})
	h := &held{dir: dir, reached: make(chan struct{}), goOn: sync.OnceFunc(func() { close(let) }), ended: make(chan int, 1), out: &watched{}, err: &watched{}}
	h.asked = &requests{stop: func(n int) {
		if n == at {
			close(h.reached)
			<-let
		}
	}}
	var asked atomic.Int64 // each look at the clock is a second later: planning takes its time
	began := time.Now()
	go func() {
		h.ended <- Main(context.Background(), IO{
			Now:  func() time.Time { return began.Add(time.Duration(asked.Add(1)) * time.Second) },
			Args: []string{"apply", "-auto-approve"}, Dir: dir, Stdin: strings.NewReader(""), Stdout: h.out, Stderr: h.err,
			hooks: (&breakage{before: h.asked.next}).hooks(),
		})
	}()
	t.Cleanup(h.goOn)
	return h
}

// pslan runs a command beside everything else.
func pslan(dir string, args ...string) (code int, stdout, stderr string) {
	var out, errs watched
	code = Main(context.Background(), IO{Args: args, Dir: dir, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs})
	return code, out.String(), errs.String()
}

func theLock(t *testing.T, dir string) lock.Info {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, ".pslan", lockName))
	if err != nil {
		t.Fatal(err)
	}
	var info lock.Info
	if err := json.Unmarshal(text, &info); err != nil {
		t.Fatal(err)
	}
	return info
}

func TestTwoAppliesAtOnce(t *testing.T) {
	t.Parallel()
	first := holding(t, exampleIn(t, ""), 1)
	<-first.reached
	info := theLock(t, first.dir)
	if info.Operation != "apply" || !strings.HasPrefix(info.Run, "run-") || info.PID != os.Getpid() || info.User == "" || info.Host == "" {
		t.Errorf("the lock says %+v", info)
	}
	code, out, errs := pslan(first.dir, "apply", "-auto-approve")
	if code != exitLocked || !strings.Contains(errs, "Another run holds the lock") || !strings.Contains(errs, info.ID) {
		t.Errorf("the second apply ends with %d:\n%s%s", code, out, errs)
	}
	waited := make(chan int, 1)
	go func() {
		code, _, _ := pslan(first.dir, "apply", "-auto-approve", "-lock-timeout=10m")
		waited <- code
	}()
	if code, out, _ := pslan(first.dir, "plan", "-detailed-exitcode"); code != exitDiffers {
		t.Errorf("a plan beside an apply ends with %d:\n%s", code, out)
	}
	first.goOn()
	if code := <-first.ended; code != 0 {
		t.Errorf("the first apply ends with %d:\n%s", code, first.err)
	}
	if code := <-waited; code != 0 {
		t.Errorf("the apply that waited ends with %d", code)
	}
}

func TestSeenFromOutside(t *testing.T) {
	t.Parallel()
	run := holding(t, exampleIn(t, ""), 2)
	<-run.reached
	code, out, _ := pslan(run.dir, "status")
	for _, want := range []string{": running\n", "1 of 7 done", "waits    sync:image.win11"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("status ends with %d, and %q is missing:\n%s", code, want, out)
		}
	}
	if code, out, errs := pslan(run.dir, "wait", "-timeout=0s"); code != exitWorkRemains || !strings.Contains(out, ": running\n") {
		t.Errorf("wait ends with %d while the run is in progress:\n%s%s", code, out, errs)
	}
	waited := make(chan int, 1)
	go func() {
		code, _, _ := pslan(run.dir, "wait", "-timeout=10m")
		waited <- code
	}()
	run.goOn()
	if code := <-run.ended; code != 0 {
		t.Errorf("the run ends with %d:\n%s", code, run.err)
	}
	if code := <-waited; code != 0 {
		t.Errorf("wait ends with %d after a run that ended with 0", code)
	}
}

// A run whose lock was removed asks for nothing more, and the next one goes on.
func TestLostLock(t *testing.T) {
	t.Parallel()
	for at := 1; at <= 4; at++ {
		run := holding(t, exampleIn(t, ""), at)
		<-run.reached
		if code, out, errs := pslan(run.dir, "unlock", "-force", theLock(t, run.dir).ID); code != 0 {
			t.Fatalf("unlock ends with %d:\n%s%s", code, out, errs)
		}
		run.goOn()
		if code := <-run.ended; code != exitError || !strings.Contains(run.err.String(), "lock was lost") {
			t.Errorf("a run that lost its lock ends with %d:\n%s%s", code, run.out, run.err)
		}
		if n := run.asked.count(); n != at {
			t.Errorf("%d requests were made after the lock was lost", n-at)
		}
		if code, out, _ := pslan(run.dir, "status"); code != 0 || !strings.Contains(out, ": interrupted\n") {
			t.Errorf("status says of a run that lost its lock:\n%s", out)
		}
		code, out, errs := pslan(run.dir, "apply", "-auto-approve")
		if code != 0 || !strings.Contains(out, "is gone on with") {
			t.Errorf("the next run ends with %d:\n%s%s", code, out, errs)
		}
	}
}

// TestBrokenMeanwhile has another process break the lab before every request of a
// run. Whatever comes of the run, no image loses its last copy, and when all is
// mended the next runs come to the end that was declared.
func TestBrokenMeanwhile(t *testing.T) {
	t.Parallel()
	breaks := [][]string{
		{"PS010", "lose-status"}, {"PS010", "slow"}, {"lose-answer", "any"}, {"hang-update", "20m"}, {"PS010", "stuck"}, {"ignore-next", "any"},
		{"PS010", "unstuck"}, {"fail-next", "any"}, {"PS009", "off"}, {"PS009", "on"}, {"PS010", "full"}, {"PS010", "room"}, {"PS010", "off"}, {"PS010", "on"},
	}
	dir := exampleIn(t, "owner-off", `lifecycle  = "retired"`, `lifecycle  = "draining"`)
	want := exampleIn(t, "owner-off", `lifecycle  = "retired"`, `lifecycle  = "draining"`)
	if code, out, errs := pslan(want, "apply", "-auto-approve"); code != 0 {
		t.Fatalf("undisturbed it ends with %d:\n%s%s", code, out, errs)
	}
	disturb := &requests{stop: func(n int) {
		if n <= len(breaks) {
			process(t, dir, "run", append([]string{"lab", "break"}, breaks[n-1]...)...)
		}
	}}
	disturbed := 0
	for ; disturbed < 20 && disturb.count() < len(breaks); disturbed++ {
		var out, errs watched
		code := Main(context.Background(), IO{
			Args: []string{"apply", "-auto-approve"}, Dir: dir, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
			hooks: (&breakage{before: disturb.next}).hooks(),
		})
		if code == exitError || code == 0 && disturb.count() < len(breaks)/2 {
			t.Fatalf("a disturbed run ends with %d after %d requests:\n%s%s", code, disturb.count(), out.String(), errs.String())
		}
		pslan(dir, "lab", "advance", "1h")
	}
	t.Logf("%d requests in %d disturbed runs", disturb.count(), disturbed)
	for _, server := range []string{"PS009", "PS010"} {
		for _, mend := range []string{"on", "room", "unstuck", "keep-status"} {
			pslan(dir, "lab", "break", server, mend)
		}
	}
	for runs := 0; ; runs++ {
		code, out, errs := pslan(dir, "apply", "-auto-approve")
		if code == 0 {
			break
		}
		if runs > 10 {
			t.Fatalf("it does not come to an end; the last run:\n%s%s", out, errs)
		}
	}
	mustEndAs(t, "disturbed", dir, endState(t, want))
}
