package estate

import "testing"

func digest(n byte) Digest { return Digest{n} }

// files is evidence of n files of 100 bytes with a content and a listing.
func files(n int64, content, listing byte) Evidence {
	return Evidence{Sight: Seen, Folder: true, Files: n, Bytes: 100 * n, Digest: digest(content), Listing: digest(listing)}
}

func TestAgainst(t *testing.T) {
	want := Content{Files: 3, Bytes: 300, Digest: digest(1), Listing: digest(9)}
	unhashed := files(3, 0, 9)
	for _, c := range []struct {
		name string
		seen Evidence
		want Content
		is   Class
	}{
		{"the same by hash", files(3, 1, 9), want, Good},
		{"the same by listing, no hash taken", unhashed, want, Good},
		{"the same sizes, other bytes", files(3, 2, 9), want, Different},
		{"other files of the same count", files(3, 2, 8), want, Different},
		{"fewer files", files(2, 2, 8), want, Partial},
		{"more files", files(4, 2, 8), want, Different},
		{"a folder without files", Evidence{Sight: Seen, Folder: true}, want, Empty},
		{"no folder", Evidence{Sight: Seen}, want, Missing},
		{"not looked at", Evidence{}, want, ClassUnknown},
		{"could not be seen", Evidence{Sight: NotSeen, Error: "denied"}, want, ClassUnknown},
		{"nothing to compare with", files(3, 1, 9), Content{}, ClassUnknown},
		{"empty is never good, even against an empty reference", Evidence{Sight: Seen, Folder: true}, Content{}, Empty},
		{"counts alone prove nothing", files(3, 0, 0), Content{Files: 3, Bytes: 300}, ClassUnknown},
		{"counts alone disprove", files(2, 0, 0), Content{Files: 3, Bytes: 300}, Partial},
	} {
		if got := c.seen.Against(&c.want); got != c.is {
			t.Errorf("%s: %s, want %s", c.name, got, c.is)
		}
	}
}

// estateOf has PS1 (the owner), PS2 and PS3; copies are given in that order.
func estateOf(record *Content, states [3]State, evidence ...Evidence) (*Estate, *Image) {
	e := &Estate{}
	img := Image{Owner: 0, Content: record}
	for i, ev := range evidence {
		e.Servers = append(e.Servers, PackageServer{Name: string(rune('A' + i)), State: states[i]})
		img.Copies = append(img.Copies, Copy{Server: ServerID(i), Evidence: ev, Version: 2})
	}
	e.Images = []Image{img}
	return e, &e.Images[0]
}

func TestReference(t *testing.T) {
	on := [3]State{Online, Online, Online}
	ownerOff := [3]State{Offline, Online, Online}
	record := &Content{Files: 3, Bytes: 300, Digest: digest(1), Listing: digest(9), Version: 2}
	older := &Content{Files: 3, Bytes: 300, Digest: digest(1), Listing: digest(9), Version: 1}
	good, other, bare := files(3, 1, 9), files(3, 2, 8), Evidence{Sight: Seen, Folder: true}
	for _, c := range []struct {
		name   string
		record *Content
		states [3]State
		copies []Evidence
		word   ServerID
		origin Origin
		server ServerID
		owner  Class
		second Class
	}{
		{"the owner's files", nil, on, []Evidence{good, good}, NoServer, FromOwner, 0, Good, Good},
		{"an empty owner is never reference", nil, on, []Evidence{bare, good}, NoServer, NoReference, NoServer, Empty, ClassUnknown},
		{"an empty owner, and a record", record, on, []Evidence{bare, good}, NoServer, FromRecord, NoServer, Empty, Good},
		{"an owner that differs from the record of its version", record, on, []Evidence{other, good}, NoServer, FromRecord, NoServer, Different, Good},
		{"an owner that is newer than the record", older, on, []Evidence{other, good}, NoServer, FromOwner, 0, Good, Stale},
		{"an owner that is off counts for nothing", nil, ownerOff, []Evidence{good, good}, NoServer, NoReference, NoServer, ClassUnknown, ClassUnknown},
		{"an owner that is off, and a record", record, ownerOff, []Evidence{other, good}, NoServer, FromRecord, NoServer, ClassUnknown, Good},
		{"a person's word over the owner", record, on, []Evidence{good, other}, 1, FromWord, 1, Different, Good},
		{"a person's word that cannot be seen leaves nothing", record, on, []Evidence{good, bare}, 1, NoReference, NoServer, ClassUnknown, Empty},
		{"an empty record is none", &Content{Version: 2}, on, []Evidence{bare, good}, NoServer, NoReference, NoServer, Empty, ClassUnknown},
	} {
		e, img := estateOf(c.record, c.states, c.copies...)
		j := e.Judge(img, c.word)
		if j.Reference.Origin != c.origin || j.Reference.Server != c.server {
			t.Errorf("%s: reference from %s of %d, want %s of %d", c.name, j.Reference.Origin, j.Reference.Server, c.origin, c.server)
		}
		if j.OwnerClass != c.owner || j.Class(1) != c.second {
			t.Errorf("%s: owner %s, second %s; want %s, %s", c.name, j.OwnerClass, j.Class(1), c.owner, c.second)
		}
	}
}

func TestHashOfTheRecordIsTheStricterWord(t *testing.T) {
	record := &Content{Files: 3, Bytes: 300, Digest: digest(1), Listing: digest(9), Version: 2}
	// The owner was only listed; the second copy was hashed and has wrong bytes.
	e, img := estateOf(record, [3]State{Online, Online}, files(3, 0, 9), files(3, 2, 9))
	if j := e.Judge(img, NoServer); j.Class(1) != Different {
		t.Errorf("wrong bytes of the right size are %s, want different", j.Class(1))
	}
}
