package world

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"

	"pslan/internal/estate"
)

// Job is a download of a package to a server. Its progress is kept in the bytes
// that the image pretends to have; the files on the disk follow in parts, whenever
// the clock stops. It stops for every quarter at the latest.
type Job struct {
	Server, Image int32
	Need          []Entry // what was missing, sorted by path
	Real          int64   // bytes of Need
	Total         int64   // the same in nominal bytes
	Done          int64   // nominal
	Shown         int64   // parts that the disk shows
	NoRoom        bool    // the disk was full; the next refresh tries again

	rate int64 // bytes a second at this moment; 0: it does not move
}

const (
	parts   = 64
	quarter = parts / 4
)

func countFiles(files []File) string {
	if len(files) == 1 {
		return "1 file"
	}
	return strconv.Itoa(len(files)) + " files"
}

func (w *World) jobIndex(s, i int32) (int, bool) {
	return slices.BinarySearchFunc(w.Jobs, Job{Server: s, Image: i}, func(a, b Job) int { return a.compare(&b) })
}

func (j *Job) compare(o *Job) int {
	return cmp.Or(cmp.Compare(j.Image, o.Image), cmp.Compare(j.Server, o.Server))
}

func (j *Job) before(o *Job) bool { return j.compare(o) < 0 }

func (w *World) dropJob(s, i int32) {
	if n, ok := w.jobIndex(s, i); ok {
		w.Jobs = slices.Delete(w.Jobs, n, n+1)
		w.rated = false
	}
}

// startJob starts a download, or lets one go on that fetches the same files.
func (w *World) startJob(s, i int32, need []Entry) {
	img := w.image(i)
	n, ok := w.jobIndex(s, i)
	if !ok || !w.Jobs[n].continues(need) {
		job := Job{Server: s, Image: i, Need: need}
		var have int64
		c := img.copyOf(s)
		for j := range need {
			job.Real += need[j].Bytes
			if f := findFile(c.Files, need[j].Path); f != nil && f.Bytes < need[j].Bytes {
				have += f.Bytes
			}
		}
		job.Total = max(img.nominal(job.Real), 1)
		job.Done = min(Scale(have, job.Total, job.Real), job.Total-1)
		job.Shown = job.part()
		if ok {
			w.Jobs[n] = job
		} else {
			w.Jobs = slices.Insert(w.Jobs, n, job)
		}
		w.happen("download began", s, i, "from "+w.ownerName(img))
	}
	w.Jobs[n].NoRoom = false
	w.rated = false
	status := downloading
	if files, up := w.source(img); !up || !offers(files, need) {
		status = pending
	}
	w.say(s, i, status)
}

// continues reports whether a running download still fetches what is needed: what
// it has brought so far is not needed again.
func (job *Job) continues(need []Entry) bool {
	for j := range need {
		if !slices.Contains(job.Need, need[j]) {
			return false
		}
	}
	return job.Shown > 0 || len(need) == len(job.Need)
}

// offers reports whether the owner's files have everything that is needed.
func offers(files []File, need []Entry) bool {
	for j := range need {
		if f := findFile(files, need[j].Path); f == nil || f.Bytes != need[j].Bytes {
			return false
		}
	}
	return true
}

func (j *Job) part() int64 { return Scale(j.Done, parts, j.Total) }

// rates works out how fast every download moves now: the bandwidth between two
// servers is shared by the downloads between them that can move.
func (w *World) rates() {
	if w.rated {
		return
	}
	w.rated = true
	pairs := map[int64]int64{}
	for n := range w.Jobs {
		j := &w.Jobs[n]
		if j.rate = 0; w.moves(j) {
			pairs[w.pair(j)]++
			j.rate = 1
		}
	}
	for n := range w.Jobs {
		if j := &w.Jobs[n]; j.rate > 0 {
			j.rate = max(w.bandwidth(j)/pairs[w.pair(j)], 1)
		}
	}
}

func (w *World) pair(j *Job) int64 {
	return int64(w.Images[j.Image].Owner)<<32 | int64(uint32(j.Server))
}

func (w *World) moves(j *Job) bool {
	srv := w.server(j.Server)
	if srv.Off || srv.Stuck || srv.Retired || j.NoRoom {
		return false
	}
	files, up := w.source(w.image(j.Image))
	return up && offers(files, j.Need)
}

func (w *World) bandwidth(j *Job) int64 {
	slow := w.Servers[j.Server].Slow
	if o := w.Images[j.Image].Owner; o.IsServer() {
		slow = slow || w.Servers[o].Slow
	}
	if slow {
		return w.Rules.Bandwidth / 10
	}
	return w.Rules.Bandwidth
}

// nextQuarter tells when the first download reaches its next quarter.
func (w *World) nextQuarter() (estate.Time, bool) {
	w.rates()
	var first estate.Time
	for n := range w.Jobs {
		j := &w.Jobs[n]
		if j.rate == 0 {
			continue
		}
		next := (j.Shown/quarter + 1) * quarter
		goal := Scale(next, j.Total, parts)
		if Scale(goal, parts, j.Total) < next {
			goal++
		}
		at := w.Now + estate.Time(nanos(max(goal-j.Done, 0), j.rate))
		if first == 0 || at < first {
			first = at
		}
	}
	return first, first != 0
}

// nanos is how long n bytes take, rounded up.
func nanos(n, rate int64) int64 {
	hi, lo := bits.Mul64(uint64(n), 1e9)
	if hi >= uint64(rate) {
		return 1 << 61
	}
	q, r := bits.Div64(hi, lo, uint64(rate))
	if r > 0 {
		q++
	}
	return int64(min(q, 1<<61))
}

// carry moves all downloads forward by the time until a moment.
func (w *World) carry(to estate.Time) {
	w.rates()
	dt := int64(to - w.Now)
	if dt > 0 {
		for n := range w.Jobs {
			j := &w.Jobs[n]
			if j.rate > 0 {
				j.Done = min(j.Done+Scale(j.rate, dt, 1e9), j.Total)
			}
		}
	}
	w.Now = to
}

// show brings the disks up to the downloads that have come a part further.
func (w *World) show() {
	for n := 0; n < len(w.Jobs); n++ {
		j := &w.Jobs[n]
		if p := j.part(); p > j.Shown {
			if w.showJob(j, p) {
				n-- // it is complete and gone from the list
			}
		}
	}
}

// showJob writes what a download has brought; it reports whether that was the last of it.
func (w *World) showJob(j *Job, part int64) bool {
	s, i := j.Server, j.Image
	img := w.image(i)
	source, up := w.source(img)
	if !up || !offers(source, j.Need) {
		return false
	}
	c := img.copyOf(s)
	files := arrived(c.Files, j, source, w.Now)
	srv := w.server(s)
	if srv.Full || srv.Free != estate.Unknown && img.nominal(sizeOf(files))-img.nominal(sizeOf(c.Files)) > srv.Free {
		j.NoRoom, w.rated = true, false
		j.Done = Scale(j.Shown, j.Total, parts)
		w.happen("no room", s, i, "")
		w.say(s, i, noRoom)
		return false
	}
	passed := part/quarter > j.Shown/quarter
	j.Shown = part
	w.setFiles(s, i, true, files)
	if part < parts {
		if passed {
			w.happen("download shows", s, i, strconv.FormatInt(part/quarter*25, 10)+" %")
		}
		return false
	}
	w.happen("download ended", s, i, countFiles(files))
	w.arrive(s, i)
	return true
}

// bank writes down all that a download has brought, between two parts: then it
// can be dropped and the next one resumes it.
func (w *World) bank(j *Job) {
	img := w.image(j.Image)
	if source, up := w.source(img); up && offers(source, j.Need) {
		w.setFiles(j.Server, j.Image, true, arrived(img.copyOf(j.Server).Files, j, source, w.Now))
	}
}

// arrive checks a downloaded copy against the snapshot as it is now: that may have
// become another one meanwhile, and then the next refresh sees to it.
func (w *World) arrive(s, i int32) {
	if img := w.image(i); lists(img.Snapshot, img.copyOf(s).Files) {
		w.complete(s, i)
		return
	}
	w.dropJob(s, i)
}

// arrived lays the bytes that a download has brought over the files of a copy, one
// file after the other, as the owner has them.
func arrived(have []File, j *Job, source []File, now estate.Time) []File {
	left := Scale(j.Done, j.Real, j.Total)
	files := make([]File, 0, len(have)+len(j.Need))
	for k := range have {
		if !slices.ContainsFunc(j.Need, func(e Entry) bool { return e.Path == have[k].Path }) {
			files = append(files, have[k])
		}
	}
	for k := range j.Need {
		e := &j.Need[k]
		n := min(left, e.Bytes)
		left -= n
		if n == 0 && e.Bytes > 0 {
			continue
		}
		f := File{Path: e.Path, Bytes: n, Mod: now, Label: findFile(source, e.Path).Label}
		if n == e.Bytes {
			f.Mod = e.Mod
		}
		files = append(files, f)
	}
	return union(nil, files)
}

func (w *World) ownerName(img *Image) string {
	switch {
	case img.Owner.IsServer():
		return w.Servers[img.Owner].Name
	case img.Owner == estate.SMP:
		return "the SMP"
	}
	return "nobody"
}
