package estate

import "testing"

// lists puts a snapshot.xml of n files of 100 bytes beside what was seen.
func (ev Evidence) lists(n int64, listing byte, version int64) Evidence {
	ev.Agent = &AgentFiles{Snapshot: &Content{Files: n, Bytes: 100 * n, Listing: digest(listing), Version: version}}
	return ev
}

// TestSnapshots goes through what a snapshot.xml decides: whether the owner's copy is
// whole, and what is right where neither the owner nor a record tells.
func TestSnapshots(t *testing.T) {
	on, ownerOff := [3]State{Online, Online, Online}, [3]State{Offline, Online, Online}
	record := &Content{Files: 2, Bytes: 200, Digest: digest(7), Listing: digest(6), Version: 2}
	good, short, bare := files(3, 1, 9), files(2, 7, 6), Evidence{Sight: Seen, Folder: true}
	unhashed := files(3, 0, 9)
	for _, c := range []struct {
		name   string
		record *Content
		states [3]State
		copies []Evidence
		origin Origin
		from   string
		owner  Class
		second Class
	}{
		{"the owner holds what its snapshot lists", nil, on, []Evidence{good.lists(3, 9, 2), good}, FromOwner, "A", Good, Good},
		{"the owner holds less than its snapshot lists", nil, on, []Evidence{short.lists(3, 9, 2), good}, FromSnapshot, "A", Partial, Good},
		{"a snapshot of another version says nothing", nil, on, []Evidence{short.lists(3, 9, 1), short}, FromOwner, "A", Good, Good},
		{"a snapshot without a version says it all the same", nil, on, []Evidence{short.lists(3, 9, 0), good}, FromSnapshot, "A", Partial, Good},
		{"more than the snapshot lists is not less", nil, on, []Evidence{good.lists(2, 6, 2), good}, FromOwner, "A", Good, Good},
		{"less than its snapshot, though as the record", record, on, []Evidence{short.lists(3, 9, 2), good}, FromRecord, "", Partial, Different},
		{"an owner that is off: the newest snapshot of all", nil, ownerOff, []Evidence{good, unhashed.lists(3, 9, 2), short.lists(2, 6, 1)}, FromSnapshot, "B", ClassUnknown, Good},
		{"the copy itself is the older one", nil, ownerOff, []Evidence{good, short.lists(2, 6, 1), bare.lists(3, 9, 2)}, FromSnapshot, "C", ClassUnknown, Stale},
		{"the right sizes by an old snapshot are not old", nil, on, []Evidence{good, files(3, 2, 9).lists(3, 9, 1)}, FromOwner, "A", Good, Different},
		{"the snapshot of a server that is off was not read", nil, ownerOff, []Evidence{good.lists(3, 9, 5), short}, NoReference, "", ClassUnknown, ClassUnknown},
		{"an empty snapshot is none", nil, on, []Evidence{bare.lists(0, 0, 9), good}, NoReference, "", Empty, ClassUnknown},
		{"an empty owner, and what others know", nil, on, []Evidence{bare.lists(0, 0, 9), good.lists(3, 9, 2)}, FromSnapshot, "B", Empty, Good},
		{"a record comes before any snapshot", record, ownerOff, []Evidence{good, good.lists(3, 9, 9)}, FromRecord, "", ClassUnknown, Different},
		{"two newest that disagree", nil, ownerOff, []Evidence{good, short.lists(2, 6, 2), good.lists(3, 9, 2)}, NoReference, "", ClassUnknown, ClassUnknown},
		{"two that disagree, one of them the owner's", nil, on, []Evidence{bare.lists(3, 9, 2), short.lists(2, 6, 2)}, FromSnapshot, "A", Empty, Partial},
		{"two that disagree, and a newer one", nil, ownerOff, []Evidence{good.lists(1, 5, 1), short.lists(2, 6, 1), good.lists(3, 9, 2)}, FromSnapshot, "C", ClassUnknown, Stale},
	} {
		e, img := estateOf(c.record, c.states, c.copies...)
		j := e.Judge(img, NoServer)
		if j.Reference.Origin != c.origin || j.Reference.From != c.from && c.origin != FromRecord {
			t.Errorf("%s: reference from %s of %q, want %s of %q", c.name, j.Reference.Origin, j.Reference.From, c.origin, c.from)
		}
		if j.Reference.Origin == FromSnapshot && (!j.Reference.Digest.IsZero() || !j.Reference.Unhashed() || j.Reference.Server != NoServer) {
			t.Errorf("%s: a snapshot knows no hashes and is no server's files: %+v", c.name, j.Reference)
		}
		if j.OwnerClass != c.owner || j.Class(1) != c.second {
			t.Errorf("%s: owner %s, second %s; want %s, %s", c.name, j.OwnerClass, j.Class(1), c.owner, c.second)
		}
		if names := e.SnapshotsDisagree(img); (len(names) == 2) != (c.name == "two newest that disagree") {
			t.Errorf("%s: disagree %v", c.name, names)
		}
	}
}

// TestVersionOfASnapshot: where the platform names no version, the snapshot's counts.
func TestVersionOfASnapshot(t *testing.T) {
	record := &Content{Files: 3, Bytes: 300, Listing: digest(9), Version: 4}
	e, img := estateOf(record, [3]State{Online, Online}, files(2, 2, 6).lists(2, 6, 5), files(3, 1, 9))
	img.Copies[0].Version = 0
	if j := e.Judge(img, NoServer); j.Reference.Origin != FromOwner || j.Reference.Version != 5 || j.Class(1) != Stale {
		t.Errorf("a newer capture: %+v, second %s", j.Reference, j.Class(1))
	}
	img.Copies[0].Evidence.Agent.Snapshot.Version = 4
	if j := e.Judge(img, NoServer); j.Reference.Origin != FromRecord || j.OwnerClass != Partial {
		t.Errorf("other files of the same version: %+v, owner %s", j.Reference, j.OwnerClass)
	}
}
