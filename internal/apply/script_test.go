package apply

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/platform"
)

var update = flag.Bool("update", false, "rewrite the golden logs")

// TestScripts runs every script in testdata: a world, a plan, and the log that
// carrying it out must give. The log holds all events in order, the calls that were
// made, and the report.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			ar := txtar.Parse(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")))
			s := readScript(t, ar)
			log := s.run(t)
			if *update {
				setFile(ar, "log", log)
				if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want := fileOf(ar, "log"); log != want {
				t.Errorf("the log differs; it is now:\n%s\nand was to be:\n%s", log, want)
			}
		})
	}
}

func fileOf(ar *txtar.Archive, name string) string {
	for _, f := range ar.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func setFile(ar *txtar.Archive, name, data string) {
	for i := range ar.Files {
		if ar.Files[i].Name == name {
			ar.Files[i].Data = []byte(data)
			return
		}
	}
	ar.Files = append(ar.Files, txtar.File{Name: name, Data: []byte(data)})
}

// script is one world with one plan.
type script struct {
	world   *fakeWorld
	plan    *plan.Plan
	options Options
	stop    chan struct{}
	labels  map[string]plan.StepNo
	asked   []string // questions that were asked
}

// words are the arguments of a line: plain words, and key=value pairs.
type words struct {
	plain []string
	named map[string]string
}

func cutWords(line string) words {
	w := words{named: map[string]string{}}
	for _, f := range strings.Fields(line) {
		if k, v, ok := strings.Cut(f, "="); ok {
			w.named[k] = v
		} else {
			w.plain = append(w.plain, f)
		}
	}
	return w
}

func (w *words) at(i int) string {
	if i < len(w.plain) {
		return w.plain[i]
	}
	return ""
}

func (w *words) number(key string, or int64) int64 {
	n, err := strconv.ParseInt(w.named[key], 10, 64)
	if err != nil {
		return or
	}
	return n
}

func (w *words) list(key string) []string {
	if w.named[key] == "" {
		return nil
	}
	return strings.Split(w.named[key], "+")
}

// assignmentOf reads all, auto, site:HQ+BRANCH, or PS008+PS010.
func assignmentOf(s string) estate.AssignmentNames {
	if s == "all" {
		return estate.AssignmentNames{Mode: estate.AssignAll}
	}
	if s == "auto" {
		return estate.AssignmentNames{Mode: estate.AssignAutomatic}
	}
	if sites, ok := strings.CutPrefix(s, "site:"); ok {
		return estate.AssignmentNames{Mode: estate.AssignSites, Sites: strings.Split(sites, "+")}
	}
	n := estate.AssignmentNames{Mode: estate.AssignServers}
	if s != "" && s != "none" {
		n.Servers = strings.Split(s, "+")
	}
	return n
}

func readScript(t *testing.T, ar *txtar.Archive) *script {
	s := &script{world: newFakeWorld(), plan: &plan.Plan{}, stop: make(chan struct{}), labels: map[string]plan.StepNo{}}
	s.options = Options{Run: "test", Parallelism: 1, Policy: declared.DefaultPolicy(), Stop: s.stop}
	for _, f := range ar.Files {
		for _, line := range strings.Split(string(f.Data), "\n") {
			line, _, _ = strings.Cut(line, "#")
			w := cutWords(line)
			if len(w.plain) == 0 && len(w.named) == 0 {
				continue
			}
			switch f.Name {
			case "world":
				s.worldLine(t, w)
			case "plan":
				s.planLine(t, w)
			case "options":
				s.optionLine(t, w)
			case "history":
				s.historyLine(w)
			}
		}
	}
	return s
}

func (s *script) optionLine(t *testing.T, w words) {
	for _, word := range w.plain {
		switch word {
		case "stop-on-error":
			s.options.StopOnError = true
		case "verify-size":
			s.options.Verify = declared.VerifySize
		case "approve-safe":
			s.options.ApproveSafe = true
		case "operator-absent":
			s.world.desc.OperatorPresent = false
		case "sync-hidden":
			s.world.hideSync = true
		default:
			t.Fatalf("no such option: %s", word)
		}
	}
	s.plan.Limits.MaxDownloads = int(w.number("max_downloads", int64(s.plan.Limits.MaxDownloads)))
	s.plan.Limits.PerServer = int(w.number("per_server", int64(s.plan.Limits.PerServer)))
	s.options.Parallelism = int(w.number("parallelism", int64(s.options.Parallelism)))
	s.world.blind = int(w.number("blind", 0))
	if image, server, ok := strings.Cut(w.named["reference"], ":"); ok {
		s.options.Drain = func(o *Observation) plan.DrainOptions {
			return plan.DrainOptions{Reference: func(n int32) estate.ServerID {
				if o.Estate.Images[n].Name == image {
					return o.Index.Server(server)
				}
				return estate.NoServer
			}}
		}
	}
	s.options.Policy.MinCopies = int(w.number("min_copies", int64(s.options.Policy.MinCopies)))
	if d, err := time.ParseDuration(w.named["deadline"]); err == nil {
		s.options.Deadline = dayOne.Add(d)
	}
	for key, value := range w.named {
		if d, err := time.ParseDuration(value); err == nil {
			s.world.took[key] = d
		}
	}
}

// historyLine reads what an earlier run left: STEP KIND ago=2m, in the plan's labels;
// answers=done says what a person answers when he is asked.
func (s *script) historyLine(w words) {
	if a := w.named["answers"]; a != "" {
		s.options.Ask = func(step *plan.Step, seen string) Answer {
			s.asked = append(s.asked, step.ID+": "+seen)
			return map[string]Answer{"done": AnswerDone, "not": AnswerNotDone}[a]
		}
		return
	}
	if s.options.History == nil {
		s.options.History = map[string]StepHistory{}
	}
	ago, _ := time.ParseDuration(w.named["ago"])
	s.options.History[s.plan.Steps[s.labels[w.at(0)]].ID] = StepHistory{
		State: RecordKind(w.at(1)), At: dayOne.Add(-ago), Note: strings.ReplaceAll(w.named["note"], "_", " ")}
}

func (s *script) worldLine(t *testing.T, w words) {
	switch w.at(0) {
	case "server":
		s.world.servers = append(s.world.servers, &fakeServer{
			name: w.at(1), sites: w.list("sites"), off: w.at(2) == "off", free: w.number("free", estate.Unknown)})
		s.world.sync.Refreshed[w.at(1)] = dayOne.Add(-30 * time.Minute)
	case "image":
		s.addImage(w)
	case "copy":
		s.setCopy(w)
	case "preboot":
		s.world.boots = append(s.world.boots, estate.Preboot{Name: w.at(1), GUID: guidOf(w.at(1)), ConnectsTo: w.at(2)})
	case "fault": // fault TakeOwnership win11 ignore
		kind := w.plain[len(w.plain)-1]
		s.world.faults[strings.Join(w.plain[1:len(w.plain)-1], " ")] = kind
	case "at": // at 5m off PS009
		d, err := time.ParseDuration(w.at(1))
		if err != nil {
			t.Fatal(err)
		}
		then := words{plain: w.plain[2:], named: w.named}
		s.world.after(d, func() { s.happens(t, then) })
	default:
		t.Fatalf("no such thing in a world: %v", w.plain)
	}
}

func (s *script) happens(t *testing.T, w words) {
	switch w.at(0) {
	case "off", "on":
		s.world.server(w.at(1)).off = w.at(0) == "off"
	case "owner":
		s.world.image(guidOf(w.at(1))).owner = w.at(2)
	case "assign":
		s.world.image(guidOf(w.at(1))).assigned = assignmentOf(w.at(2))
	case "copy":
		s.setCopy(w)
	case "free":
		s.world.server(w.at(1)).free = w.number("bytes", 0)
	case "blind":
		s.world.blind = int(w.number("readings", 1))
	case "stop":
		close(s.stop)
	default:
		t.Fatalf("no such happening: %v", w.plain)
	}
}

func (s *script) addImage(w words) {
	name := w.at(1)
	i := &fakeImage{
		name: name, guid: guidOf(name), pack: guidOf("package of " + name), owner: w.named["owner"],
		assigned: assignmentOf(w.named["assigned"]), location: w.named["location"],
		content: filesOf("A", int(w.number("files", 2)), w.number("each", 500)),
		copies:  map[string]*fakeCopy{}, at: map[string][]platform.File{},
	}
	i.published = i.assigned
	if w.at(2) == "legacy" {
		i.format, i.pack = estate.Legacy, estate.GUID{}
	}
	if d, err := time.ParseDuration(w.named["takes"]); err == nil {
		i.downloadTakes = d
	}
	s.world.images = append(s.world.images, i)
	if w.named["record"] != "" {
		i.copies["record"] = &fakeCopy{files: filesOf(w.named["record"], len(i.content), i.content[0].Bytes)}
		ev := s.world.see(Want{Image: i.guid, Server: "record", Hash: true}).Evidence
		delete(i.copies, "record")
		i.record = &estate.Content{Files: ev.Files, Bytes: ev.Bytes, Digest: ev.Digest, Listing: ev.Listing, From: i.owner}
	}
}

// setCopy reads: copy win11 PS010 A, A! (same sizes, wrong bytes), A:1 (the first
// file only), empty, missing, unseen; marked, due, soon, hashed=AGE; lists=A:1
// version=2 is its snapshot.xml; manifest=AGE tells of it.
func (s *script) setCopy(w words) {
	i := s.world.image(guidOf(w.at(1)))
	c := &fakeCopy{folder: true}
	label, first, part := strings.Cut(w.at(3), ":")
	switch label {
	case "missing":
		c.folder = false
	case "empty":
	case "unseen":
		c.unseen = "access is denied"
	default:
		c.files = filesOf(label, len(i.content), i.content[0].Bytes)
		if n, err := strconv.Atoi(first); part && err == nil {
			c.files = c.files[:n]
		}
	}
	if slices.Contains(w.plain, "marked") {
		c.deleteAfter = s.world.now.Add(48 * time.Hour)
	}
	if slices.Contains(w.plain, "soon") { // said to go tomorrow, by a clock that nobody knows
		c.deleteAfter = s.world.now.Add(20 * time.Hour)
	}
	if slices.Contains(w.plain, "due") {
		c.deleteAfter = s.world.now.Add(-time.Hour)
	}
	if d, err := time.ParseDuration(w.named["manifest"]); err == nil {
		c.taken = s.world.now.Add(-d)
	}
	if lists, ok := w.named["lists"]; ok {
		c.agent = snapshotOf(i, lists, w.number("version", 1))
	}
	if d, err := time.ParseDuration(w.named["hashed"]); err == nil {
		c.hashedAt = s.world.now.Add(-d)
	}
	c.managed = estate.ManagedExternal
	if sameName(i.owner, w.at(2)) {
		c.managed = estate.ManagedLocal
	}
	i.copies[w.at(2)] = c
}

// planLine reads a step: LABEL OP OBJECT key=value…; the object is an image, a
// package server as @PS008 or a preboot configuration as %winpe. Or a person's word:
// word IMAGE SERVER. Or what the plan goes by: goes-by IMAGE A.
func (s *script) planLine(t *testing.T, w words) {
	if w.at(0) == "word" {
		s.plan.Facts = append(s.plan.Facts, plan.Fact{Kind: "reference", Object: guidOf(w.at(1)).String() + " " + w.at(2)})
		return
	}
	if w.at(0) == "goes-by" {
		s.goBySnapshot(w)
		return
	}
	op, ok := plan.ParseOp(w.at(1))
	if !ok {
		t.Fatalf("no such operation: %s", w.at(1))
	}
	p := plan.Step{Op: op, Server: w.named["server"], From: w.named["from"], Snapshot: w.named["snapshot"], Servers: w.list("servers"), Skipped: w.list("skipped"),
		MustReach: w.list("must"), Starts: int(w.number("starts", 0)), Bytes: w.number("bytes", 1000), Files: w.number("files", 2)}
	s.subject(&p, w.at(2))
	p.ID = p.Op.String() + ":" + string(p.Address)
	if where := strings.Join(append(p.Servers, p.Server), ","); p.Op == plan.Sync || p.Server != "" && p.Server != p.Name {
		p.ID += ":" + strings.Trim(where, ",")
	}
	if slices.ContainsFunc(s.plan.Steps, func(o plan.Step) bool { return o.ID == p.ID }) {
		p.ID += "#" + w.at(0)
	}
	for _, c := range w.list("accepted") {
		p.Accepted = append(p.Accepted, finding.Code(c))
	}
	p.Limit, _ = time.ParseDuration(w.named["limit"])
	text := func(key string) *string {
		if v, ok := w.named[key]; ok {
			return &v
		}
		return nil
	}
	p.Before = plan.Facts{Owner: text("owner"), Location: text("location"), ConnectsTo: text("connects"), Verified: w.list("verified")}
	p.After = plan.Facts{Location: text("to_location"), ConnectsTo: text("to_connects")}
	if v, ok := w.named["before"]; ok {
		a := assignmentOf(v)
		p.Before.Assignment = &a
	}
	if v, ok := w.named["after"]; ok {
		a := assignmentOf(v)
		p.After.Assignment = &a
	}
	if op == plan.TakeOwnership {
		p.Before.Owner, p.By = &p.From, plan.ByServer
	}
	if w.named["by"] == "operator" {
		p.By = plan.ByOperator
	}
	for _, n := range w.list("needs") {
		no, known := s.labels[n]
		if !known {
			t.Fatalf("step %s needs %s, which does not stand before it", w.at(0), n)
		}
		p.Needs = append(p.Needs, no)
	}
	s.labels[w.at(0)] = plan.StepNo(len(s.plan.Steps))
	s.plan.Steps = append(s.plan.Steps, p)
}

func (s *script) subject(p *plan.Step, object string) {
	switch {
	case strings.HasPrefix(object, "@"):
		p.Name, p.Server = object[1:], object[1:]
		if p.Op == plan.Sync {
			p.Server = ""
		}
		p.Address = estate.BlockAddress("package_server", strings.ToLower(p.Name), nil)
	case strings.HasPrefix(object, "%"):
		p.Name, p.Preboot = object[1:], guidOf(object[1:])
		p.Address = estate.BlockAddress("preboot_configuration", p.Name, nil)
	default:
		p.Name, p.Image = object, guidOf(object)
		p.Address = estate.BlockAddress("image", object, nil)
	}
}

// run carries out the plan and returns the log.
func (s *script) run(t *testing.T) string {
	var log strings.Builder
	journal := &MemoryJournal{}
	r := &Runner{Plan: s.plan, World: s.world, Journal: journal, Options: s.options, Emit: func(e Event) {
		if line := eventLine(e); line != "" {
			fmt.Fprintf(&log, "+%s %s\n", brief(s.world.now.Sub(dayOne)), line)
		}
	}}
	report := r.Run(t.Context())
	counts := map[string]int{}
	for _, c := range s.world.calls {
		counts[c]++
	}
	log.WriteString("calls:\n")
	for _, c := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&log, "  %s x%d\n", c, counts[c])
	}
	fmt.Fprintf(&log, "report: %d done, %d skipped, %d failed, %d unknown, %d not run\n", report.Count(OutcomeDone),
		report.Count(OutcomeSkipped), report.Count(OutcomeFailed), report.Count(OutcomeUnknown), report.Count(OutcomeNotRun))
	for _, q := range s.asked {
		fmt.Fprintf(&log, "question: %s\n", q)
	}
	for _, n := range report.Operator {
		fmt.Fprintln(&log, strings.TrimSpace(fmt.Sprintf("needs %s: %s %s%s", n.Step.ID, n.Task.Op, n.Task.Server, validity(n.ValidUntil, n.Check))))
	}
	if report.Paused {
		fmt.Fprintf(&log, "paused, %d of %d steps remain: %s\n", report.Remaining, len(report.Outcomes), report.Why)
	}
	if report.Stopped || report.Waiting || report.Err != nil {
		fmt.Fprintf(&log, "stopped %v, waiting %v, err %v\n", report.Stopped, report.Waiting, report.Err)
	}
	checkJournal(t, journal.Records(), s.plan)
	return log.String()
}

func validity(until time.Time, check string) string {
	text := ""
	if !until.IsZero() {
		text = "; valid until +" + brief(until.Sub(dayOne))
	}
	if check != "" {
		text += "; look: " + check
	}
	return text
}

func eventLine(e Event) string {
	switch e := e.(type) {
	case Started:
		return "started " + e.Step.ID
	case Progress:
		return strings.TrimSuffix(fmt.Sprintf("progress %s %d/%d left %s; %s", e.Step.ID, e.Done, e.Total, brief(e.Left), e.Stuck), "; ")
	case Asked:
		return strings.TrimSpace(fmt.Sprintf("asked %s %s %s", e.Step.ID, e.Task.Server, strings.Join(e.Task.Files, " "))) + validity(e.ValidUntil, e.Check)
	case Done:
		return "done " + e.Step.ID + ": " + e.Note
	case Skipped:
		return "skipped " + e.Step.ID + ": " + e.Why
	case Failed:
		return "FAILED " + e.Step.ID + ": " + e.Err.Error()
	case Unknown:
		return "UNKNOWN " + e.Step.ID + ": " + e.Err.Error()
	case Left:
		return "left " + e.Step.ID + ": " + e.Why
	case NotRun:
		return "not run " + e.Step.ID + ": " + e.Why
	}
	return ""
}

// checkJournal holds the records against what the journal promises: opened first,
// closed last, every request after its intent, every outcome after the request.
func checkJournal(t *testing.T, records []Record, p *plan.Plan) {
	t.Helper()
	if len(records) < 2 || records[0].Kind != RecordOpened || records[len(records)-1].Kind != RecordClosed {
		t.Fatalf("the journal is not opened and closed: %v", records)
	}
	last := map[string]RecordKind{}
	allowedAfter := map[RecordKind][]RecordKind{
		"":              {RecordIntended, RecordObserved, RecordFailed, RecordSkipped},
		RecordIntended:  {RecordIntended, RecordRequested, RecordObserved, RecordFailed},
		RecordRequested: {RecordIntended, RecordObserved, RecordFailed},
	}
	for n, r := range records[1 : len(records)-1] {
		if !slices.Contains(allowedAfter[last[r.Step]], r.Kind) {
			t.Errorf("record %d: %s of %s after %q", n+1, r.Kind, r.Step, last[r.Step])
		}
		last[r.Step] = r.Kind
	}
}
