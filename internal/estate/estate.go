package estate

import "slices"

// ServerID is the index of a package server in Estate.Servers. It holds within
// one Estate only: between two readings servers are named.
type ServerID int32

// The values that are no index.
const (
	NoServer ServerID = -1 // none, not known, or in doubt
	SMP      ServerID = -2 // the SMP itself, which is not a package server
)

// IsServer reports whether the ID is that of a package server.
func (id ServerID) IsServer() bool { return id >= 0 }

// Unknown stands for a size or a count that nothing tells.
const Unknown int64 = -1

// Estate is one observation of an installation.
type Estate struct {
	TakenAt  Time
	Source   string // lab, smp, snapshot: where it was read
	SMP      Server
	Sites    []string        // sorted without case, unique
	Servers  []PackageServer // sorted by name without case, unique
	Images   []Image         // sorted by name without case, then GUID
	Preboots []Preboot       // sorted by name without case
}

// Server identifies the SMP.
type Server struct {
	Name    string
	GUID    GUID
	Version string
}

// State says whether a package server can be reached.
type State uint8

// The states; StateUnknown where nothing tells.
const (
	StateUnknown State = iota
	Online
	Offline
)

// PackageServer is a site server that stores packages.
type PackageServer struct {
	Name, Host string
	GUID       GUID
	Sites      []string // names as in Estate.Sites, sorted
	State      State
	LastSeen   Time
	FreeBytes  int64 // Unknown where nothing tells
	TotalBytes int64 // Unknown where nothing tells
}

// Kind of an image.
type Kind uint8

// The kinds. A backup image has no package and is never replicated (KB 179677).
const (
	KindImage Kind = iota
	KindPCT
	KindBackup
)

// Format of an image. A legacy image has a folder and no package.
type Format uint8

// The formats.
const (
	Managed Format = iota
	Legacy
)

// Image is a disk image, a PCT package or a backup image. Image GUID and package
// GUID differ; both are carried.
type Image struct {
	Name       string
	GUID       GUID
	Package    GUID // zero for legacy and backup images
	Kind       Kind
	Format     Format
	Location   string // package location, as the platform spells it
	Owner      ServerID
	Assignment Assignment
	Version    int64    // of the package; 0 where nothing tells
	Content    *Content // recorded content of the owner; nil where nothing was recorded
	Copies     []Copy   // sorted by Server, at most one for each
	// Claims say why the owner is in doubt, where the platform has several sources: what
	// each of them says. Sorted; nil where there is an owner.
	Claims []OwnerClaim
}

// OwnerClaim is what one source of the platform says of who owns an image.
type OwnerClaim struct {
	Source string // by the platform's name for it
	Owner  string // the server's name where it is listed, else as the source says it
}

// Copy returns the copy of the image on a server, nil if nothing is known of one.
func (img *Image) Copy(id ServerID) *Copy {
	if i, ok := slices.BinarySearchFunc(img.Copies, id, func(c Copy, id ServerID) int { return int(c.Server) - int(id) }); ok {
		return &img.Copies[i]
	}
	return nil
}

// AssignmentMode says how the servers that shall hold a package are chosen.
type AssignmentMode uint8

// The modes of the console; AssignUnknown where the platform does not tell.
// AssignAutomatic is "automatically with manual prestaging": the sites chosen by
// hand plus those of targeted computers, so its members are not known.
const (
	AssignUnknown AssignmentMode = iota
	AssignAll
	AssignServers
	AssignSites
	AssignAutomatic
)

// Assignment says which servers shall hold a package.
type Assignment struct {
	Mode    AssignmentMode
	Servers []ServerID // mode servers; sorted, unique
	Sites   []string   // modes sites and automatic; sorted, unique
}

// Managed says how a server is tied to a package. The platform's word.
type ManagedBy uint8

// Local is the blue icon (this server is the owner), External the yellow one.
const (
	ManagedUnknown ManagedBy = iota
	ManagedLocal
	ManagedExternal
)

// Copy is what is known of an image on one server: Managed, Status, Version and
// DeleteAfter are what the platform says; Evidence is what was seen.
type Copy struct {
	Evidence    Evidence
	Status      string
	StatusAt    Time
	Version     int64 // 0 where nothing tells
	DeleteAfter Time  // not zero: marked for deletion; the files go at a refresh after it
	Server      ServerID
	Managed     ManagedBy
}

// Sight says whether a copy was looked at.
type Sight uint8

// Looking can fail: NotSeen carries the reason in Evidence.Error.
const (
	NotLooked Sight = iota
	Seen
	NotSeen
)

// ByManifests is Evidence.By of what was read from manifests: it was seen when the
// manifest was taken, and no looking makes it newer.
const ByManifests = "manifests"

// Evidence is what was seen of a copy on its disk.
type Evidence struct {
	Files, Bytes int64
	Digest       Digest      // over hashes, sizes and paths; zero where no hash was taken
	Listing      Digest      // over sizes and paths; zero where not recorded
	CheckedAt    Time        // when it was listed
	HashedAt     Time        // when hashing ended; zero where no hash was taken
	By           string      // path, smb, manifests, lab, …
	Error        string      // NotSeen: why
	Agent        *AgentFiles // what the agent's own files say; nil: not read, or none there
	Sight        Sight
	Folder       bool // the package folder exists
}

// AgentFiles is what the package server's agent left beside a copy, as far as it was
// understood: snapshot.xml (KB 163475) and PackageStatus.xml (KB 237210).
type AgentFiles struct {
	// Snapshot is what snapshot.xml lists: files, sizes, version. It never has a digest
	// of hashes. nil: there is none, or it could not be read.
	Snapshot *Content
	// Deleted is when the agent marked the copy as deleted, by its PackageStatus.xml;
	// zero: it is not marked, or nothing tells.
	Deleted Time
	// NotUnderstood is how many elements of these files were not understood.
	NotUnderstood int
	Error         string // why one of them could not be read; "" otherwise
}

// Content is what a good copy holds.
type Content struct {
	Files, Bytes int64
	Digest       Digest
	Listing      Digest
	Version      int64
	From         string // server it was recorded from
	TakenAt      Time
}

// Preboot is a preboot configuration: a boot environment whose NS connection
// profile names the SMP it connects to.
type Preboot struct {
	Name       string
	GUID       GUID
	ConnectsTo string
}

// ServerName returns the name of a server for people: "smp" for the SMP, "" for none.
func (e *Estate) ServerName(id ServerID) string {
	switch {
	case id.IsServer():
		return e.Servers[id].Name
	case id == SMP:
		return "smp"
	default:
		return ""
	}
}

// Online reports whether a server is known, or not known not, to be reachable:
// only Offline is taken as gone. The SMP counts as reachable.
func (e *Estate) Reachable(id ServerID) bool {
	return id == SMP || id.IsServer() && e.Servers[id].State != Offline
}
