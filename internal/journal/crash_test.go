package journal

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pslan/internal/apply"
)

// process is a life of pslan around one journal, with what has to be true of it.
type process struct {
	disk *crashDisk
	w    *Writer
	n    int
	// known are the records that nobody may lose: an Append that returned, or a reading
	// that was acted upon, announced them. maybe are those that may stand behind them.
	known, maybe []string
}

func (p *process) label(r *apply.Record) string {
	if r.Step == "" {
		return string(r.Kind)
	}
	return r.Step
}

func (p *process) read(t *rapid.T) ([]string, *Run) {
	run, err := readFile(p.disk, Path("runs", "r1"), everything)
	if err != nil {
		t.Fatalf("a crash was taken for damage: %v", err)
	}
	var all []string
	for i := range run.Records {
		all = append(all, p.label(&run.Records[i]))
	}
	return all, run
}

// holds checks what is read against what may be.
func (p *process) holds(t *rapid.T) {
	all, _ := p.read(t)
	if len(all) < len(p.known) || !slices.Equal(all[:len(p.known)], p.known) {
		t.Fatalf("read %q; these must stand at its beginning: %q", all, p.known)
	}
	if rest := all[len(p.known):]; len(rest) > len(p.maybe) || !slices.Equal(rest, p.maybe[:len(rest)]) {
		t.Fatalf("read %q behind what was acknowledged; that was never appended, which was %q", rest, p.maybe)
	}
}

func (p *process) took(t *rapid.T, err error, labels ...string) {
	if err == nil {
		p.known, p.maybe = append(p.known, labels...), nil
		return
	}
	p.maybe = labels
	if again := p.w.Append(apply.Record{Kind: apply.RecordObserved, Step: "later"}); !errors.Is(again, err) {
		t.Fatalf("a writer that had failed with %v says %v", err, again)
	}
	if again := p.w.Append(); !errors.Is(again, err) {
		t.Fatalf("a writer that had failed takes an empty group")
	}
}

func (p *process) begin(t *rapid.T) {
	w, err := create(p.disk, "runs", aHeader("r1"))
	if err == nil {
		p.w, p.known = w, []string{"opened"}
	} else if p.disk.files[Path("runs", "r1")] != nil {
		t.Fatal("a journal that could not be begun was left behind")
	}
}

func (p *process) goOn(t *rapid.T) {
	seen, was := p.read(t)
	w, run, err := open(p.disk, "runs", "r1", aHeader("r1"))
	if err != nil {
		p.maybe = append(slices.Clone(seen[len(p.known):]), "opened")
		return
	}
	if run.seq != was.seq || run.Torn != was.Torn {
		t.Fatalf("opened with %d records, read %d", run.seq, was.seq)
	}
	p.w, p.known, p.maybe = w, append(seen, "opened"), nil
}

func (p *process) appendGroup(t *rapid.T) {
	var labels []string
	var group []apply.Record
	for range rapid.IntRange(1, 4).Draw(t, "records") {
		p.n++
		r := apply.Record{Kind: apply.RecordObserved, Step: fmt.Sprint("step ", p.n), At: at(p.n), Note: "3 files <- PS008"}
		group, labels = append(group, r), append(labels, r.Step)
	}
	p.took(t, p.w.Append(group...), labels...)
}

// TestNothingIsLost lets a journal live through full disks, flushes that fail, killed
// processes and power cuts at any byte. What is read is always a beginning of what was
// appended, and never lacks a record that was acknowledged.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &process{disk: newCrashDisk()}
		p.disk.draw, p.disk.fails = t, rapid.Bool().Draw(t, "the disk may fail")
		for range rapid.IntRange(1, 25).Draw(t, "acts") {
			switch act := rapid.SampledFrom([]string{"append", "append", "close", "kill", "power cut"}).Draw(t, "act"); {
			case len(p.known) == 0:
				p.begin(t)
				continue
			case act == "power cut":
				p.disk.powerCut()
				p.w = nil
			case act == "kill":
				p.w = nil
			case p.w == nil:
				p.goOn(t)
			case act == "append" && p.w.failed == nil:
				p.appendGroup(t)
			case act == "close" && p.w.failed == nil:
				err := p.w.Close(Closing{Outcome: "paused", At: at(9), GoesOn: true})
				p.maybe = []string{"closed"}
				if err == nil {
					p.known, p.maybe = append(p.known, "closed"), nil
				}
				p.w = nil
			default:
				p.w = nil
			}
			p.holds(t)
		}
		p.disk.powerCut()
		if len(p.known) > 0 {
			p.holds(t)
		}
	})
}

// TestCutAtAnyByte cuts one journal after each of its bytes.
func TestCutAtAnyByte(t *testing.T) {
	text := soundText(t)
	for n := range len(text) + 1 {
		run, err := read(bytesUpTo(text, n), "r1.jsonl", everything)
		if err != nil {
			t.Fatalf("cut at byte %d: %v", n, err)
		}
		whole := n == len(text) || n > 0 && text[n-1] == '\n'
		if lines := countLines(text[:n]); run.seq != lines || run.Torn == (whole && n > 0) {
			t.Fatalf("cut at byte %d: %d records of %d, torn %v", n, run.seq, lines, run.Torn)
		}
	}
}

// TestZerosAtTheEnd: a crash can leave a file longer than what was written.
func TestZerosAtTheEnd(t *testing.T) {
	text := soundText(t)
	for _, zeros := range []int{1, 100, 64 << 10, maxLine, 3*maxLine + 7} {
		for _, n := range []int{len(text), len(text) - 20} {
			run, err := read(bytesUpTo(append(slices.Clone(text[:n]), make([]byte, zeros)...), n+zeros), "r1.jsonl", everything)
			if err != nil || !run.Torn || run.seq != countLines(text[:n]) {
				t.Errorf("%d zeros behind byte %d: %+v, %v", zeros, n, run, err)
			}
		}
	}
}

// TestTwoWriters: a run whose lock was removed while it lived does not write between
// the records of the one that goes on with it.
func TestTwoWriters(t *testing.T) {
	disk := newCrashDisk()
	first, err := create(disk, "runs", aHeader("r1"))
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := open(disk, "runs", "r1", aHeader("r1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Append(history[0]); err == nil {
		t.Error("two wrote to one journal")
	}
	if err := errors.Join(second.Append(history[0]), second.Close(Closing{Outcome: "complete", At: at(9)})); err != nil {
		t.Error(err)
	}
	if run, err := readFile(disk, Path("runs", "r1"), everything); err != nil || run.seq != 4 || run.Torn {
		t.Errorf("%+v, %v", run, err)
	}
}

// TestGrownWhileOpening: what another process has added since it was read is not cut off.
func TestGrownWhileOpening(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, aHeader("r1"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abandon()
	size, err := w.f.Size()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(history[0]); err != nil {
		t.Fatal(err)
	}
	if err := (osDisk{}).mend(Path(dir, "r1"), size, size, maxGroup); err == nil {
		t.Error("a record of another process was cut off")
	}
	if run, err := Read(Path(dir, "r1")); err != nil || run.seq != 2 {
		t.Errorf("%+v, %v", run, err)
	}
}
