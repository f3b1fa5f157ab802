package estatefile

import (
	"fmt"
	"math"

	"pslan/internal/estate"
)

// copyList reads the copies of the image with a number, counted from 1.
func (r *reader) copyList(image int32) {
	if !r.enter('[', "a list of copies") {
		return
	}
	for first := true; r.element(first); first = false {
		r.key = append(r.keyBuf[:0], "copies"...)
		if !r.enter('{', "an object") {
			continue
		}
		r.copy(image)
		r.what.copyOn = estate.NoServer
	}
}

// copy reads one copy into r.copies.
func (r *reader) copy(image int32) {
	begin := r.at
	r.copies = append(r.copies, estate.Copy{Server: estate.NoServer})
	c := &r.copies[len(r.copies)-1]
	given := false
	for first := true; r.member(first); first = false {
		switch string(r.key) {
		case "server":
			given = true
			r.copyServer(c, image)
		case "managed":
			c.Managed = enum(&r.values, estate.ParseManagedBy, "local, external")
		case "status":
			c.Status = r.word()
		case "status_at":
			c.StatusAt = r.moment()
		case "version":
			c.Version = r.count()
		case "delete_after":
			c.DeleteAfter = r.moment()
		case "evidence":
			r.evidence(&c.Evidence)
		default:
			r.skip(5)
		}
	}
	if r.failed {
		return
	}
	if !given {
		if begin < r.base {
			begin = r.offset() - 1
		}
		r.problem(begin, begin+1, "Copy without a server", "Every copy needs a \"server\": the name of a package server, or \"smp\".")
	}
}

// copyServer reads the server of a copy, and reports a second copy on it.
func (r *reader) copyServer(c *estate.Copy, image int32) {
	b, ok := r.bytes()
	if !ok {
		return
	}
	if len(b) == 0 {
		r.wrongValue("Empty name", "\"server\" names nothing. It is the name of a package server, or \"smp\".")
		return
	}
	last, name := &r.smpCopy, "the SMP"
	c.Server = estate.SMP
	if !isSMP(b) {
		id := r.referTo(&r.servers, b)
		c.Server = estate.ServerID(id)
		for len(r.lastCopy) <= int(id) {
			r.lastCopy = append(r.lastCopy, 0)
		}
		last, name = &r.lastCopy[id], r.servers.list[id].text
	}
	if *last == image {
		r.wrongValue("Copy twice", "The image has a second copy on %s. There is at most one on each server: remove one of the two.", name)
		return
	}
	*last = image
	r.what.copyOn = c.Server
}

// The keys without which evidence says nothing.
const (
	saysFolder = 1 << iota
	saysFiles
	saysHashedAt
)

// evidence reads what was seen of a copy. Only what says that it looked is taken
// for looking: an object with neither folder nor files must not make a copy missing.
func (r *reader) evidence(ev *estate.Evidence) {
	if !r.enter('{', "an object") {
		return
	}
	begin := r.at
	says := 0
	for first := true; r.member(first); first = false {
		switch string(r.key) {
		case "folder":
			ev.Folder = r.bool()
			says |= saysFolder
		case "files":
			ev.Files = r.count()
			says |= saysFiles
		case "bytes":
			ev.Bytes = r.count()
		case "digest":
			ev.Digest = r.digest()
		case "listing":
			ev.Listing = r.digest()
		case "by":
			ev.By = r.word()
		case "checked_at":
			ev.CheckedAt = r.moment()
		case "hashed_at":
			ev.HashedAt = r.moment()
			says |= saysHashedAt
		case "error":
			ev.Error = r.word()
		default:
			r.agentKey(ev)
		}
	}
	if r.failed {
		return
	}
	if ev.Error != "" {
		*ev = estate.Evidence{Sight: estate.NotSeen, By: ev.By, CheckedAt: ev.CheckedAt, Error: ev.Error, Agent: ev.Agent}
		return
	}
	ev.Sight = estate.Seen
	if says&saysHashedAt == 0 && !ev.Digest.IsZero() {
		ev.HashedAt = ev.CheckedAt
	}
	if begin < r.base {
		begin = r.offset() - 1
	}
	switch {
	case says&(saysFolder|saysFiles) == 0:
		r.problem(begin, begin+1, "Evidence that says nothing", "Evidence says what was seen (\"folder\", \"files\", \"bytes\", …) or why nothing could be seen (\"error\"). Leave it out where nobody looked.")
	case says&saysFolder == 0:
		ev.Folder = ev.Files > 0
	case !ev.Folder && ev.Files > 0:
		r.problem(begin, begin+1, "Files without a folder", fmt.Sprintf("The evidence has %d files and says that there is no folder. Correct one of the two.", ev.Files))
	}
}

// agentKey reads a key of evidence that tells of the agent's own files.
func (r *reader) agentKey(ev *estate.Evidence) {
	switch string(r.key) {
	case "snapshot":
		if c := r.content(); c != nil {
			c.Digest = estate.Digest{} // a snapshot.xml knows no hashes
			r.agent(ev).Snapshot = c
		}
	case "deleted":
		if t := r.moment(); !t.IsZero() {
			r.agent(ev).Deleted = t
		}
	case "not_understood":
		if n := r.count(); n > 0 {
			r.agent(ev).NotUnderstood = int(min(n, math.MaxInt32))
		}
	case "agent_error":
		if text := r.word(); text != "" {
			r.agent(ev).Error = text
		}
	default:
		r.skip(6)
	}
}

// agent is what the agent's own files say beside a copy, made where nothing is known yet.
func (r *reader) agent(ev *estate.Evidence) *estate.AgentFiles {
	if ev.Agent != nil {
		return ev.Agent
	}
	if len(r.agentRoom) == 0 {
		r.agentRoom = make([]estate.AgentFiles, min(1024, 2*len(r.e.Images)+4))
	}
	ev.Agent = &r.agentRoom[0]
	r.agentRoom = r.agentRoom[1:]
	return ev.Agent
}
