package estatefile

import (
	"cmp"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"pslan/internal/estate"
)

// Generators of whole estates in canonical order.

var (
	genGUID = rapid.Custom(func(t *rapid.T) (g estate.GUID) {
		copy(g[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "guid"))
		g[0] |= 1 // not zero
		return g
	})
	genDigest = rapid.Custom(func(t *rapid.T) (d estate.Digest) {
		if rapid.Bool().Draw(t, "known") {
			copy(d[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "digest"))
		}
		return d
	})
	genTime  = rapid.Map(rapid.Int64Range(-8e18, 8e18), func(n int64) estate.Time { return estate.Time(n) })
	genWhen  = rapid.OneOf(rapid.Just(estate.Time(0)), genTime, rapid.Map(rapid.Int64Range(0, 4e9), func(s int64) estate.Time { return estate.Time(s * 1e9) }))
	genText  = rapid.OneOf(rapid.Just(""), rapid.String(), rapid.Just(`\\PS008\share "x"`))
	genName  = rapid.StringMatching(`[A-Za-z0-9ÄéΩ日][A-Za-z0-9 _."\\é-]{0,12}`)
	genCount = rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 1<<62))
	genRoom  = rapid.OneOf(rapid.Just(estate.Unknown), genCount)
)

// genNames are names that differ without case, sorted without case.
func genNames(t *rapid.T, label string, most int) []string {
	names := rapid.SliceOfNDistinct(genName, 0, most, estate.Fold).Draw(t, label)
	slices.SortFunc(names, estate.CompareFold)
	return slices.DeleteFunc(names, func(s string) bool { return estate.Fold(s) == "smp" })
}

var genEstate = rapid.Custom(func(t *rapid.T) *estate.Estate {
	e := &estate.Estate{
		TakenAt: genWhen.Draw(t, "taken"),
		Source:  genText.Draw(t, "source"),
		SMP:     estate.Server{Name: genName.Draw(t, "smp"), GUID: genGUID.Draw(t, "smp guid"), Version: genText.Draw(t, "smp version")},
		Sites:   genNames(t, "sites", 4),
	}
	for i, name := range genNames(t, "servers", 6) {
		e.Servers = append(e.Servers, estate.PackageServer{
			Name: name, Host: fmt.Sprintf("host%d.contoso.com", i), GUID: estate.GUID{1, byte(i)},
			Sites: genSome(t, e.Sites), State: rapid.SampledFrom([]estate.State{estate.StateUnknown, estate.Online, estate.Offline}).Draw(t, "state"),
			LastSeen: genWhen.Draw(t, "last seen"), FreeBytes: genRoom.Draw(t, "free"), TotalBytes: genRoom.Draw(t, "total"),
		})
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "images") {
		img := genImage(t, e)
		img.GUID = estate.GUID{2, byte(i)}
		e.Images = append(e.Images, img)
	}
	e.SortImages()
	for i := range rapid.IntRange(0, 3).Draw(t, "preboots") {
		e.Preboots = append(e.Preboots, estate.Preboot{Name: fmt.Sprintf("P%d", i), GUID: estate.GUID{3, byte(i)}, ConnectsTo: genName.Draw(t, "connects")})
	}
	if len(e.Sites) == 0 {
		e.Sites = nil
	}
	return e
})

// genSome is a sorted part of a list, nil where it is empty.
func genSome[T any](t *rapid.T, all []T) (some []T) {
	for _, x := range all {
		if rapid.Bool().Draw(t, "in") {
			some = append(some, x)
		}
	}
	return some
}

func genImage(t *rapid.T, e *estate.Estate) estate.Image {
	servers := make([]estate.ServerID, len(e.Servers))
	for i := range servers {
		servers[i] = estate.ServerID(i)
	}
	anywhere := append([]estate.ServerID{estate.SMP}, servers...)
	img := estate.Image{
		Name:     genName.Draw(t, "name"),
		Kind:     rapid.SampledFrom([]estate.Kind{estate.KindImage, estate.KindPCT, estate.KindBackup}).Draw(t, "kind"),
		Location: genText.Draw(t, "location"),
		Owner:    rapid.SampledFrom(append([]estate.ServerID{estate.NoServer}, anywhere...)).Draw(t, "owner"),
		Version:  genCount.Draw(t, "version"),
	}
	if rapid.Bool().Draw(t, "legacy") {
		img.Format = estate.Legacy
	} else {
		img.Package = genGUID.Draw(t, "package")
	}
	img.Assignment.Mode = estate.AssignmentMode(rapid.IntRange(0, 4).Draw(t, "mode"))
	switch img.Assignment.Mode {
	case estate.AssignServers:
		img.Assignment.Servers = genSome(t, servers)
	case estate.AssignSites, estate.AssignAutomatic:
		img.Assignment.Sites = genSome(t, e.Sites)
	}
	if rapid.Bool().Draw(t, "content") {
		img.Content = &estate.Content{
			Files: genCount.Draw(t, "files"), Bytes: genCount.Draw(t, "bytes"), Digest: genDigest.Draw(t, "digest"), Listing: genDigest.Draw(t, "listing"),
			Version: genCount.Draw(t, "version"), From: genText.Draw(t, "from"), TakenAt: genWhen.Draw(t, "taken"),
		}
	}
	if img.Owner == estate.NoServer {
		for range rapid.IntRange(0, 3).Draw(t, "claims") {
			img.Claims = append(img.Claims, estate.OwnerClaim{Source: genName.Draw(t, "source"), Owner: genText.Draw(t, "claimed")})
		}
	}
	for _, id := range genSome(t, anywhere) {
		img.Copies = append(img.Copies, estate.Copy{
			Server: id, Evidence: genEvidence(t), Status: genText.Draw(t, "status"), StatusAt: genWhen.Draw(t, "at"),
			Version: genCount.Draw(t, "version"), DeleteAfter: genWhen.Draw(t, "delete"), Managed: estate.ManagedBy(rapid.IntRange(0, 2).Draw(t, "managed")),
		})
	}
	slices.SortFunc(img.Copies, func(a, b estate.Copy) int { return cmp.Compare(a.Server, b.Server) })
	return img
}

func genEvidence(t *rapid.T) estate.Evidence {
	ev := genSeen(t)
	if ev.Sight != estate.NotLooked {
		ev.Agent = genAgent(t)
	}
	return ev
}

// genAgent is what an agent left, nil where that says nothing.
func genAgent(t *rapid.T) *estate.AgentFiles {
	a := estate.AgentFiles{Deleted: genWhen.Draw(t, "deleted"), NotUnderstood: rapid.IntRange(0, 1000).Draw(t, "not understood"), Error: genText.Draw(t, "agent error")}
	if rapid.Bool().Draw(t, "snapshot") {
		a.Snapshot = &estate.Content{
			Files: genCount.Draw(t, "files"), Bytes: genCount.Draw(t, "bytes"), Listing: genDigest.Draw(t, "listing"),
			Version: genCount.Draw(t, "version"), From: genText.Draw(t, "from"), TakenAt: genWhen.Draw(t, "taken"),
		}
	}
	if a == (estate.AgentFiles{}) {
		return nil
	}
	return &a
}

func genSeen(t *rapid.T) estate.Evidence {
	switch rapid.IntRange(0, 3).Draw(t, "sight") {
	case 0:
		return estate.Evidence{}
	case 1:
		return estate.Evidence{Sight: estate.NotSeen, By: genText.Draw(t, "by"), CheckedAt: genWhen.Draw(t, "checked"), Error: "it is off: " + genText.Draw(t, "error")}
	case 2:
		return estate.Evidence{Sight: estate.Seen, Folder: rapid.Bool().Draw(t, "folder"), By: "path"}
	}
	ev := estate.Evidence{
		Sight: estate.Seen, Folder: true, Files: rapid.Int64Range(1, 1<<40).Draw(t, "files"), Bytes: genCount.Draw(t, "bytes"),
		Digest: genDigest.Draw(t, "digest"), Listing: genDigest.Draw(t, "listing"), By: genText.Draw(t, "by"), CheckedAt: genWhen.Draw(t, "checked"),
	}
	if rapid.Bool().Draw(t, "together") {
		ev.HashedAt = ev.CheckedAt
	} else {
		ev.HashedAt = genWhen.Draw(t, "hashed")
	}
	return ev
}
