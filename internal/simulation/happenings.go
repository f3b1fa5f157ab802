package simulation

import (
	"fmt"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

// beforeOutside keeps what pslan may have read before somebody else acts.
func (o *oracle) beforeOutside() {
	if o.readings == 0 {
		return
	}
	for i, t := range o.now {
		o.facts[i], o.files[i] = append(o.facts[i], t), append(o.files[i], t)
	}
}

// afterOutside takes in what somebody else did.
func (o *oracle) afterOutside() { o.happenings(false) }

// timePassed ends a moment.
func (o *oracle) timePassed() {
	o.happenings(true)
	for i := range o.facts {
		o.facts[i], o.files[i], o.lookedAt[i] = nil, nil, time.Time{}
	}
	o.readings = 0
	o.moment++
}

// arrivedLate: a delayed request was carried out; when it was made, it was judged.
func (o *oracle) arrivedLate(r *request) {
	if r.image < 0 {
		return
	}
	before := o.now[r.image]
	o.meddled(r.image)
	o.happenings(false)
	if r.kind == "assign" {
		o.changedAssignment(r, before, false)
	}
}

// happenings takes in what happened since the last call: who touched what, and
// whether the last standing copy of an image went by pslan's doing (P1).
func (o *oracle) happenings(passed bool) {
	news := o.st.happened
	o.st.happened = nil
	for n := range news {
		o.log.add("  %s %s s%d i%d %s", news[n].At, news[n].What, news[n].Server, news[n].Image, news[n].Note)
		o.touch(&news[n])
	}
	dirty := o.dirty(news)
	if passed && len(news) > 0 {
		o.count("moments")
	}
	stood := make([][]int, len(o.now))
	for i := range o.now {
		if dirty[i] {
			stood[i] = o.standing(i, o.now[i])
		}
	}
	right := append([]estate.Digest(nil), o.content...)
	for i := range o.now {
		if dirty[i] {
			o.now[i], o.server = o.reader.read(i)
		}
	}
	for i := range o.now {
		if dirty[i] {
			o.reassigned(i)
			o.lost(i, stood[i], right[i], news)
		}
	}
	o.references()
	o.remember()
}

// dirty tells which images something happened to.
func (o *oracle) dirty(news []world.Happening) []bool {
	out := make([]bool, len(o.now))
	for n := range news {
		h := &news[n]
		switch h.What {
		case "download began":
			o.loading[[2]int32{h.Image, h.Server}] = true
		case "download ended":
			delete(o.loading, [2]int32{h.Image, h.Server})
			out[h.Image] = true
		}
	}
	for d := range o.loading { // the disks show more of a download whenever the clock stops
		out[d[0]] = true
	}
	for n := range news {
		h := &news[n]
		if i := h.Image; i >= 0 && int(i) < len(out) {
			out[i] = true
			continue
		}
		switch h.What {
		case "status event arrived", "status event lost":
		default:
			for i := range out {
				out[i] = true
			}
		}
	}
	return out
}

// reassigned: a server that somebody assigned again keeps its copy.
func (o *oracle) reassigned(i int) {
	for k, is := range o.now[i].assigned {
		if is {
			delete(o.given[i], k)
		}
	}
}

// faultWords are the happenings that are somebody else's doing.
var faultWords = map[string]bool{"empty": true, "missing": true, "partial": true, "wrong": true, "cut": true,
	"files put by hand": true, "files changed by hand": true}

// meddled notes that somebody else had a hand in an image.
func (o *oracle) meddled(i int) {
	o.touched[i], o.touchedAt[i] = o.moment, o.reader.lab.Now()
	o.meddling++
}

// touch notes that somebody else than pslan had a hand in it.
func (o *oracle) touch(h *world.Happening) {
	if h.What == world.FilesRemoved || h.What == "marked for deletion" {
		o.went++
	}
	if h.What == "download began" && h.Image >= 0 && h.Server >= 0 && (!o.now[h.Image].assigned[h.Server] || !o.planned(int(h.Image))) {
		o.went++ // by a policy that is not the present one, or with which the plan has nothing to do
	}
	if h.What == "mark taken off" && h.Image >= 0 && h.Server >= 0 && !o.now[h.Image].assigned[h.Server] && !o.planned(int(h.Image)) {
		o.went++ // by a policy that is not the present one
	}
	outside := faultWords[h.What]
	switch h.What {
	case "files put by hand":
		o.strays = o.strays || h.Image < 0 || h.Server < 0 || !o.now[h.Image].assigned[h.Server]
	case "ownership taken", "assignment changed":
		outside = h.Note == "fault" || h.Note == "operator" && !o.wasAsked("take", h)
	case "copy cleared":
		outside = !o.wasAsked("clear", h) || o.replaced(h)
	case "role removed":
		if outside = !o.wasAsked("retire", h); outside {
			for i := range o.touched {
				o.meddled(i)
			}
		}
		return
	case "clock jumped":
		if by, err := time.ParseDuration(h.Note); err == nil && o.st.lag != nil {
			o.st.lag.jumped(by)
		}
		fallthrough
	case "off", "on":
		for i := range o.touched {
			o.meddled(i)
		}
		return
	}
	if outside && h.Image >= 0 {
		o.meddled(int(h.Image))
	}
}

func (o *oracle) wasAsked(kind string, h *world.Happening) bool {
	_, ok := o.asked[o.keyOf(kind, h)]
	return ok
}

// replaced reports whether what an operator clears is not what he was asked to clear any
// more: it was cleared before, and has come back right. He is told to look at the files
// first; that he did not is his doing.
func (o *oracle) replaced(h *world.Happening) bool {
	return o.asked[o.keyOf("clear", h)].digest != o.now[h.Image].copies[h.Server].digest
}

func (o *oracle) keyOf(kind string, h *world.Happening) string {
	server := ""
	if h.Server >= 0 {
		server = o.scenario.Servers[h.Server].Name
	}
	image := int(h.Image)
	if kind == "retire" || kind == "refresh" {
		image = -1
	}
	return fmt.Sprintf("%s %d %s", kind, image, server)
}

// lost is P1 in time: where the last standing copies of an image went, it must not
// have been by pslan's doing.
func (o *oracle) lost(i int, stood []int, right estate.Digest, news []world.Happening) {
	if len(stood) == 0 {
		return
	}
	o.count("checked P1")
	if o.keeps(i, o.now[i]) || o.listed(i) || right != o.content[i] {
		return
	}
	o.count("lost by others' doing")
	for _, k := range stood {
		for n := range news {
			h := &news[n]
			if int(h.Server) != k || int(h.Image) != i && h.Image != -1 {
				continue
			}
			if why := o.culprit(i, k, h); why != "" {
				o.counts["lost by others' doing"]--
				o.fail("P1", "the last good copy of %s, on %s, went: %s", o.name(i), o.scenario.Servers[k].Name, why)
				return
			}
		}
	}
}

// listed reports whether a copy stands that nobody has hashed, or too long ago, and that
// lists as a good one does: by the promise, that makes it good.
func (o *oracle) listed(i int) bool {
	t := o.now[i]
	for k := range t.copies {
		p, hashed := o.hashed[[2]int{i, k}]
		if hashed && o.fresh(&p, &t.copies[k], o.when(i)) || o.given[i][k] || k < len(o.server.listed) && !o.server.listed[k] {
			continue
		}
		if t.copies[k].files > 0 && t.copies[k].listing == o.listing[i] {
			return true
		}
	}
	return false
}

// keptAt reports whether a copy stays that was proved when pslan asked, and lists as it
// did then: an operator takes his time, and hashes grow old meanwhile.
func (o *oracle) keptAt(i int, asked time.Time) bool {
	t := o.now[i]
	for k := range t.copies {
		if (k >= len(o.server.listed) || o.server.listed[k]) && !o.given[i][k] && o.provedAt(i, k, &t.copies[k], asked) {
			return true
		}
	}
	return false
}

// culprit says in which way pslan brought a loss about, "" where it did not.
func (o *oracle) culprit(i, k int, h *world.Happening) string {
	switch h.What {
	case "copy cleared":
		if asked, ok := o.asked[o.keyOf("clear", h)]; ok && o.known(i, asked) && !o.givenUp[[2]int{i, k}] && !o.keptAt(i, asked.at) {
			return "pslan asked for its files to be cleared"
		}
	case "role removed":
		if asked, ok := o.asked[o.keyOf("retire", h)]; ok && o.known(i, asked) && !o.givenUp[[2]int{i, k}] && !o.keptAt(i, asked.at) {
			return "pslan asked for the role to be removed"
		}
	case world.FilesRemoved:
		asked, ok := o.asked[o.keyOf("refresh", h)]
		if ok && h.Asked && h.At.Time().Sub(asked.at) <= 2*time.Minute && o.known(i, asked) {
			return "pslan asked for the refresh: " + h.Note
		}
		if led, ok := o.led[i][k]; ok && o.known(i, led) && strings.Contains(h.Note, "not in the snapshot") {
			return "pslan had it follow an owner without a good copy"
		}
	}
	return ""
}
