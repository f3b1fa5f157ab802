package plan

import (
	"pslan/internal/diff"
	"pslan/internal/estate"
)

// Undo is how things stood before a plan, for everything that it changes: what a
// person would declare to have it back, and what cannot be had back.
type Undo struct {
	Images   []UndoImage   // in address order
	Preboots []UndoPreboot // in address order
	Losses   []Loss        // what declaring it again does not bring back
}

// UndoImage is an image as it was. All of it is given, also what the plan leaves
// alone; Moves, Assigns and Relocates say what it changes.
type UndoImage struct {
	Address       estate.Address
	Name          string
	GUID, Package estate.GUID
	Kind          estate.Kind
	Owner         string // "smp"; "" in doubt
	Assignment    estate.AssignmentNames
	Location      string
	Moves         bool // the owner changes
	Assigns       bool // the assignment changes
	Relocates     bool // the location changes
}

// UndoPreboot is a preboot configuration as it was. Changed back, it has to be rebuilt.
type UndoPreboot struct {
	Address    estate.Address
	Name       string
	GUID       estate.GUID
	ConnectsTo string
}

// LossKind is a kind of thing that cannot be undone.
type LossKind uint8

// The kinds.
const (
	CopyDeleted   LossKind = iota // assigning the server again downloads it anew, while a good copy stands elsewhere
	FilesCleared                  // wrong files of a copy
	RoleRemoved                   // the package service comes back empty
	FormatChanged                 // a managed image does not become a legacy one again
)

// String returns the kind in words.
func (k LossKind) String() string {
	return [...]string{"copy deleted", "wrong files cleared", "package service role removed", "converted to the managed format"}[k]
}

// Loss is one thing that cannot be undone.
type Loss struct {
	Kind    LossKind
	Address estate.Address
	Name    string // of the image or server
	Server  string
	Files   int64 // of a copy; estate.Unknown where nothing tells
	Bytes   int64
}

// UndoOf says what a plan would have to be undone by. What is blocked as a whole is
// not in it: nothing of it changes.
func UndoOf(p *Plan) Undo {
	var u Undo
	steps := make(map[estate.GUID]bool, len(p.Moves))
	roles := map[string]bool{}
	for i := range p.Steps {
		s := &p.Steps[i]
		switch {
		case s.Op == RetireServer:
			roles[estate.Fold(s.Server)] = true
		case s.Op == ChangeProfile:
			steps[s.Preboot] = true
		case !s.Waits() && s.Op != Sync && !s.Image.IsZero():
			steps[s.Image] = true
		}
		if s.Op == ClearCopy {
			u.Losses = append(u.Losses, Loss{Kind: FilesCleared, Address: s.Address, Name: s.Name, Server: s.Server, Files: estate.Unknown, Bytes: estate.Unknown})
		}
	}
	for _, c := range p.Changes {
		switch c := c.(type) {
		case *diff.ImageChange:
			if steps[c.GUID] {
				u.image(c)
			}
		case *diff.PrebootChange:
			if steps[c.GUID] {
				u.Preboots = append(u.Preboots, UndoPreboot{Address: c.Address, Name: c.Name, GUID: c.GUID, ConnectsTo: c.ConnectsToBefore})
			}
		case *diff.CopyChange:
			if c.Action == diff.Delete && len(c.Blocked) == 0 {
				u.Losses = append(u.Losses, Loss{Kind: CopyDeleted, Address: c.Address, Name: c.Name, Server: c.Server, Files: c.Files, Bytes: c.Bytes})
			}
		case *diff.ServerChange:
			if c.Action == diff.Delete && roles[estate.Fold(c.Server)] {
				u.Losses = append(u.Losses, Loss{Kind: RoleRemoved, Address: c.Address, Name: c.Server, Server: c.Server, Files: estate.Unknown, Bytes: estate.Unknown})
			}
		}
	}
	return u
}

func (u *Undo) image(c *diff.ImageChange) {
	u.Images = append(u.Images, UndoImage{
		Address: c.Address, Name: c.Name, GUID: c.GUID, Package: c.Package, Kind: c.Kind,
		Owner: c.OwnerBefore, Assignment: c.AssignmentBefore, Location: c.LocationBefore,
		Moves:   c.OwnerBefore != c.OwnerAfter,
		Assigns: !c.AssignmentBefore.Equal(&c.AssignmentAfter), Relocates: c.LocationBefore != c.LocationAfter,
	})
	if c.FormatBefore == estate.Legacy && c.FormatAfter == estate.Managed {
		u.Losses = append(u.Losses, Loss{Kind: FormatChanged, Address: c.Address, Name: c.Name, Server: c.OwnerBefore, Files: estate.Unknown, Bytes: estate.Unknown})
	}
}
