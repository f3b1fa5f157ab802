package simulation

import (
	"fmt"
	"strings"

	"pslan/internal/estate"
)

// request judges a request at the moment at which it is made.
func (o *oracle) request(r *request) {
	o.count("request " + r.kind)
	if r.image >= 0 {
		o.concerned[r.image] = o.concerned[r.image] || o.mayTouch(r.image)
		o.holds("P9", o.concerned[r.image], "%s: nothing declares %s, and no lifecycle concerns it", r, o.name(r.image))
	}
	o.repeated(r)
	o.intent(r)
	switch r.kind {
	case "take":
		o.holds("P2", true, "")
		if why := o.heldIn(r.image, func(t *truth) string { return o.mayTake(r, t) }); why != "" {
			o.fail("P2", "%s: %s", r, why)
		}
	case "assign":
		o.assign(r)
	case "clear":
		o.holds("P1", true, "")
		if why := o.heldIn(r.image, func(t *truth) string { return o.mayClear(r, t) }); why != "" {
			o.fail("P1", "%s: %s", r, why)
		}
		if k := int(o.scenario.number(r.server)); k >= 0 { // wrong as it is known to be, it may be all that is left one day
			o.givenUp[[2]int{r.image, k}] = !o.right(r.image, k, &o.now[r.image].copies[k])
			o.asked[r.key()] = asked{o.reader.lab.Now(), o.moment, o.now[r.image].copies[k].digest}
		}
	case "retire":
		o.retire(r)
		o.asked[r.key()] = asked{at: o.reader.lab.Now(), moment: o.moment}
	case "refresh":
		o.asked[r.key()] = asked{at: o.reader.lab.Now(), moment: o.moment}
	}
}

// key names what a happening shows of a request.
func (r *request) key() string { return fmt.Sprintf("%s %d %s", r.kind, r.image, r.server) }

// mayTake is P2: the copy is proved, assigned and not marked.
func (o *oracle) mayTake(r *request, t *truth) string {
	k := int(o.scenario.number(r.server))
	h := &t.copies[k]
	switch {
	case !o.proved(r.image, k, h):
		return fmt.Sprintf("the copy holds %d files and is not proved equal to the reference", h.files)
	case !t.assigned[k]:
		return "the server is not assigned"
	case h.marked:
		return "the copy is marked for deletion"
	}
	if p, ok := o.hashed[[2]int{r.image, k}]; !o.scenario.SizeOnly && (!ok || o.when(r.image).Sub(p.at) > o.scenario.Policy.HashMaxAge) {
		return "the copy was not hashed, or longer ago than hash_max_age allows"
	}
	return ""
}

// minCopies is what the policy and the image's block ask for.
func (o *oracle) minCopies(i int) int {
	n := max(1, o.scenario.Policy.MinCopies)
	if m := &o.scenario.Images[i]; m.Declared {
		n = max(n, m.MinCopies)
	}
	return n
}

// assign judges a change of assignment: what shrinks is P3 and P4.
func (o *oracle) assign(r *request) {
	i := r.image
	why := o.heldIn(i, func(t *truth) string { return o.mayAssign(r, t, o.membersOf(r)) })
	o.holds("P3", true, "")
	o.holds("P4", true, "")
	if why != "" {
		promise := "P3"
		if strings.HasPrefix(why, "P4: ") {
			promise, why = "P4", why[4:]
		}
		o.fail(promise, "%s: %s", r, why)
	}
}

// membersOf are the servers that an assignment would cover.
func (o *oracle) membersOf(r *request) []bool {
	out := make([]bool, len(o.scenario.Servers))
	for k := range out {
		v := &o.scenario.Servers[k]
		switch r.to.Mode {
		case estate.AssignAll:
			out[k] = o.server.listed[k]
		case estate.AssignServers:
			for _, s := range r.to.Servers {
				out[k] = out[k] || strings.EqualFold(s, v.Name)
			}
		default:
			for _, site := range v.Sites {
				for _, s := range r.to.Sites {
					out[k] = out[k] || strings.EqualFold(s, site)
				}
			}
		}
	}
	return out
}

// mayAssign: no server loses its assignment unless another one is owner with a good
// copy, takes itself for the owner, and enough good copies stay.
func (o *oracle) mayAssign(r *request, t *truth, after []bool) string {
	i := r.image
	var losers []int
	for k := range after {
		if t.assigned[k] && !after[k] {
			losers = append(losers, k)
		}
	}
	if len(losers) == 0 {
		return ""
	}
	if !o.anyProved(i, t) {
		o.count("shrinks of lost images")
		return ""
	}
	own := int(o.scenario.number(t.owner))
	if t.owner != "smp" {
		switch {
		case own < 0:
			return "nobody is known as the owner"
		case !after[own]:
			return "the owner " + t.owner + " would lose its assignment"
		case !o.up(t, t.owner):
			return "the owner " + t.owner + " cannot be reached"
		}
		if !o.proved(i, own, &t.copies[own]) {
			return "the copy of the owner " + t.owner + " is not good"
		}
		if t.copies[own].managed == estate.ManagedExternal {
			return "P4: " + t.owner + " does not take itself for the owner yet"
		}
	}
	stay := 0
	for k := range after {
		h := &t.copies[k]
		if after[k] && o.server.listed[k] && !h.marked && o.proved(i, k, h) {
			stay++
		}
	}
	if t.owner == "smp" && o.proved(i, len(after), &t.copies[len(after)]) {
		stay++
	}
	if need := o.minCopies(i); stay < need {
		return fmt.Sprintf("%d good copies would stay assigned, %d are needed", stay, need)
	}
	return ""
}

// keeps reports whether a good copy stands that pslan has not given away, or one that
// it has proved and that still lists as it did then.
func (o *oracle) keeps(i int, t *truth) bool {
	if len(o.standing(i, t)) > 0 {
		return true
	}
	for k := range t.copies {
		if (k >= len(o.server.listed) || o.server.listed[k]) && !o.given[i][k] && o.proved(i, k, &t.copies[k]) {
			return true
		}
	}
	return false
}

// anyProved reports whether there is anything to lose.
func (o *oracle) anyProved(i int, t *truth) bool {
	for k := range t.copies {
		if (k >= len(o.server.listed) || o.server.listed[k]) && (o.proved(i, k, &t.copies[k]) || o.good(i, &t.copies[k])) {
			return true
		}
	}
	return false
}

// mayClear is P1: files go only where a good copy stands elsewhere.
func (o *oracle) mayClear(r *request, t *truth) string {
	if t.owner == r.server {
		return "the server is the owner"
	}
	k := int(o.scenario.number(r.server))
	if o.good(r.image, &t.copies[k]) {
		if p, ok := o.hashed[[2]int{r.image, k}]; !ok || p.stamp != t.copies[k].stamp {
			return "the copy is good"
		}
	}
	for _, s := range o.standing(r.image, t) {
		if s != k {
			return ""
		}
	}
	if len(o.standing(r.image, t)) == 0 && o.anyOtherProved(r.image, k, t) {
		return ""
	}
	return "no good copy stands elsewhere"
}

func (o *oracle) anyOtherProved(i, not int, t *truth) bool {
	for k := range t.copies {
		if k != not && (k >= len(o.server.listed) || o.server.listed[k]) && o.proved(i, k, &t.copies[k]) {
			return true
		}
	}
	return false
}

// retire is P1 and P3 for every image that a server holds.
func (o *oracle) retire(r *request) {
	k := int(o.scenario.number(r.server))
	for i := range o.scenario.Images {
		if o.scenario.Images[i].Kind == estate.KindBackup {
			continue
		}
		o.holds("P1", true, "")
		o.holds("P3", true, "")
		promise := "P3"
		why := o.heldIn(i, func(t *truth) string {
			p, why := o.mayRetire(i, k, r.server, t)
			promise = p
			return why
		})
		if why != "" {
			o.fail(promise, "%s: %s: %s", r, o.name(i), why)
		}
		// Should it turn out later to be what counts, nobody knew.
		o.givenUp[[2]int{i, k}] = !o.right(i, k, &o.now[i].copies[k]) || o.abandoned(i, o.now[i])
	}
}

// abandoned reports whether a person gave an image up, and no good copy is to be seen.
func (o *oracle) abandoned(i int, t *truth) bool {
	m := &o.scenario.Images[i]
	return m.Declared && m.Abandon && !o.seenGood(i, t)
}

// seenGood reports whether a good copy lies on a server that is up.
func (o *oracle) seenGood(i int, t *truth) bool {
	for k := range t.copies {
		up := k == o.place(t.owner, t) && o.up(t, t.owner)
		if k < len(t.servers.up) {
			up = t.servers.up[k] && t.servers.listed[k]
		}
		if up && o.proved(i, k, &t.copies[k]) {
			return true
		}
	}
	return false
}

func (o *oracle) mayRetire(i, k int, server string, t *truth) (promise, why string) {
	if !o.anyProved(i, t) {
		return "P3", ""
	}
	if o.abandoned(i, t) {
		// A person gave it up by on_lost = "abandon", and no good copy is to be seen on any
		// server that is up: by the language, law 15 ignores it then. What lies unseen on a
		// server that is off is that person's loss, and the one thing that P1 does not keep.
		return "P3", ""
	}
	if t.owner == server {
		return "P3", "the server is its owner"
	}
	if !t.managed || !o.right(i, k, &t.copies[k]) {
		return "P3", ""
	}
	if !o.anyOtherProved(i, k, t) {
		return "P1", "its last good copy is there"
	}
	own := int(o.scenario.number(t.owner))
	switch {
	case t.owner == "smp":
		return "P3", ""
	case own < 0 || !o.up(t, t.owner) || !o.proved(i, own, &t.copies[own]):
		return "P3", "no other server is an owner with a good copy"
	}
	stay := 0
	for s := range o.scenario.Servers {
		if s != k && t.assigned[s] && o.server.listed[s] && !t.copies[s].marked && o.proved(i, s, &t.copies[s]) {
			stay++
		}
	}
	if need := o.minCopies(i); stay < need && t.assigned[k] {
		return "P3", fmt.Sprintf("%d good copies would stay assigned, %d are needed", stay, need)
	}
	return "P3", ""
}

// repeated is P7: between two equal requests lies a reading, and in what could be
// read the effect is not there.
func (o *oracle) repeated(r *request) {
	key := r.String()
	if is := o.issued[key]; is != nil {
		o.holds("P7", is.looks > 0, "%s is repeated, and nobody looked for its effect", r)
	}
	o.issued[key] = &issue{}
	if r.kind != "take" && r.kind != "assign" && r.kind != "locate" {
		return
	}
	o.holds("P7", true, "")
	if why := o.heldIn(r.image, func(t *truth) string {
		if o.effect(r, t) {
			return "its effect was there to be seen"
		}
		return ""
	}); why != "" {
		o.fail("P7", "%s: %s", r, why)
	}
}

// effect reports whether what was asked for is so.
func (o *oracle) effect(r *request, t *truth) bool {
	switch r.kind {
	case "take":
		return t.owner == r.server
	case "assign":
		return t.setting == settingOf(&r.to)
	case "locate":
		return strings.EqualFold(t.location, r.location)
	}
	return false
}

// intent checks that a step's intent was recorded before its request.
func (o *oracle) intent(r *request) {
	if o.steps == nil || r.kind == "refresh" || r.kind == "update" {
		return
	}
	ids := o.steps.plan.intends(r)
	ok := false
	for _, id := range ids {
		ok = ok || o.steps.intended[id]
	}
	o.holds("intent", ok, "%s: no intent was recorded for any of %v", r, ids)
}

// done: a request was carried out.
func (o *oracle) done(r *request) {
	if r.image < 0 {
		return
	}
	before := o.now[r.image]
	o.happenings(false)
	if r.kind == "assign" {
		o.changedAssignment(r, before, true)
	}
	o.references()
	if !r.operator { // pslan knows what it asked for itself; what it asked of an operator is still to come
		o.facts[r.image] = nil // not the files: what else it asks for at once goes by the same reading
	}
}

// changedAssignment notes which copies go, or follow, by pslan's word.
func (o *oracle) changedAssignment(r *request, before *truth, strict bool) {
	i, t := r.image, o.now[r.image]
	stood := o.standing(i, before)
	for k := range t.assigned {
		switch {
		case t.assigned[k]:
			delete(o.given[i], k)
			own := o.owner(t)
			if !before.assigned[k] && o.good(i, &t.copies[k]) && t.owner != o.scenario.Servers[k].Name && o.up(t, t.owner) && (own == nil || !o.good(i, own)) {
				o.led[i][k] = asked{at: o.reader.lab.Now(), moment: o.moment}
			}
		case before.assigned[k]:
			o.given[i][k] = true
		}
	}
	if strict && len(stood) > 0 && !o.keeps(i, t) && len(o.facts[i])+len(o.files[i])+len(o.before(i)) == 0 {
		o.fail("P1", "%s: no good copy of %s stays", r, o.name(i))
	}
	o.count("checked P1")
}
