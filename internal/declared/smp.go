package declared

import (
	"time"

	"pslan/internal/diag"
	"pslan/internal/estate"
)

// SMP is what `connection "smp"` says about the real platform. What is left out is
// zero, and package smp decides by what is documented.
type SMP struct {
	URL      string // https://smp01.contoso.com
	URLRange diag.Range
	CAFile   string // certificates to trust besides the system's; "" none
	// AlsoCalled are other names of the SMP, a former one too: what lies on them lies on
	// the SMP.
	AlsoCalled []string
	AllowHTTP  bool // an http URL is allowed
	Poll       time.Duration
	Parallel   int    // calls at once; 0: 4
	TimeZone   string // of times that carry none: UTC, local, +01:00; "": they are left out
	Timeouts   SMPTimeouts
	Login      *Login
	Services   []SMPService // by name
	Rows       []SMPRows    // by kind
	SQL        *SMPSQL
	Owner      SMPOwner
	Packages   SMPPackages
	// Model names what the resource model is asked for; nil: nothing.
	Model *SMPModel
	// Servers says where what rows "package_servers" do not tell comes from.
	Servers SMPServers
	// Refresh is the task that makes a package server fetch its policy; zero: an
	// operator does it.
	Refresh estate.GUID
	// RefreshRange is the place of Refresh; zero where it is left out.
	RefreshRange diag.Range
	// RefreshPersistent: the task is handed out over the agents' persistent connection.
	RefreshPersistent bool
	Membership        SMPMembership
	Dialect           []SMPDialect // by kind
	Actions           []SMPAction  // by operation
	Range             diag.Range
}

// SMPTimeouts are those of single calls; zero: the defaults of package wire.
type SMPTimeouts struct{ Read, Slow, Write time.Duration }

// SMPService overrides what is discovered of one web service.
type SMPService struct {
	Name, Path, Namespace, Binding string
	Methods                        map[string]string // pslan's name -> the platform's
	Range                          diag.Range
}

// RowKind is a kind of facts that come as rows of a table.
type RowKind string

// The kinds of rows.
const (
	RowsSMP         RowKind = "smp"
	RowsServers     RowKind = "package_servers"
	RowsSites       RowKind = "sites"
	RowsImages      RowKind = "images"
	RowsPackages    RowKind = "packages"
	RowsOwners      RowKind = "owners"
	RowsAssignments RowKind = "assignments"
	RowsCopies      RowKind = "copies"
	RowsPreboots    RowKind = "preboot_configurations"
	RowsRefreshes   RowKind = "refreshes"
	RowsUpdates     RowKind = "membership_updates"
	RowsRecorded    RowKind = "recorded_contents"
)

// RowKinds are all kinds with the columns that rows of a kind may have, the needed
// ones apart. A needed column must be there; a cell of it may be empty.
func RowKinds() []RowColumns {
	return []RowColumns{
		{RowsSMP, []string{"name"}, []string{"guid", "version"}},
		{RowsServers, []string{"host"}, []string{"name", "guid", "computer", "sites", "state", "last_seen", "free_bytes", "total_bytes"}},
		{RowsSites, []string{"site"}, []string{"server", "guid"}},
		{RowsImages, []string{"name", "guid"}, []string{"package", "location", "kind", "format", "owner"}},
		{RowsPackages, []string{"package"}, []string{"image", "version", "owner", "kind", "format"}},
		{RowsOwners, []string{"package", "owner"}, []string{"source"}},
		{RowsAssignments, []string{"package", "mode"}, []string{"member", "folder"}},
		{RowsCopies, []string{"package", "server"}, []string{"status", "status_at", "version", "managed", "delete_after", "originator"}},
		{RowsPreboots, []string{"name", "guid"}, []string{"connects_to"}},
		{RowsRefreshes, []string{"server", "refreshed_at"}, nil},
		{RowsUpdates, []string{"finished"}, []string{"started", "running"}},
		{RowsRecorded, []string{"image", "files", "bytes"}, []string{"digest", "listing", "version", "from", "taken_at"}},
	}
}

// ColumnsOf returns the columns of a kind; none for a kind that there is not.
func ColumnsOf(kind RowKind) RowColumns {
	for _, c := range RowKinds() {
		if c.Kind == kind {
			return c
		}
	}
	return RowColumns{Kind: kind}
}

// RowColumns are the columns of a kind of rows.
type RowColumns struct {
	Kind           RowKind
	Needed, Others []string
}

// All returns all columns, the needed ones first.
func (c *RowColumns) All() []string { return append(append([]string(nil), c.Needed...), c.Others...) }

// SMPRows says where the rows of a kind come from: exactly one of Report, CSV, Table,
// Query and Task is given.
type SMPRows struct {
	Kind       RowKind
	Report     estate.GUID
	Parameters map[string]string // of the report
	CSV        string            // a file
	Task       estate.GUID       // that prints them on each package server; copies alone
	Wait       time.Duration     // for a run of the task; 0: 10m
	MaxAge     time.Duration     // of the CSV file, 0: any; of what a task printed, 0: 15m
	Table      string            // SCHEMA.NAME, by sql
	Query      string            // by sql
	Columns    map[string]string // pslan's name -> the carrier's
	Words      map[string]string // the platform's word -> pslan's
	Range      diag.Range
}

// SMPSQL is the database of the platform, read only.
type SMPSQL struct {
	Server, Database string
	Encrypt          string // mandatory (default), strict, disable
	CAFile           string
	Login            *Login
	Range            diag.Range
}

// SMPOwner says which sources are asked who owns a package; empty: all that are there.
type SMPOwner struct {
	Sources []string // location, packages, owners, copies, images, originator, export
	// ExportField is the element or attribute of a package's item XML that names the owner;
	// "": the XML is no source.
	ExportField string
	Range       diag.Range
}

// SMPPackages says how packages are read and written.
type SMPPackages struct {
	// Interface is software_management, software_delivery or rows (read only); "": the
	// first that knows the package.
	Interface string
	// DefaultFolder: no package has a folder of its own on package servers, so none can
	// be reset by an interface that does not tell it.
	DefaultFolder bool
	// Assignments is service or rows: from where a reading of everything takes the
	// assignments that it does not write on; "": service.
	Assignments string
	// DistributionPoints are updated after every change of a package.
	DistributionPoints bool
	// Links are where the package of an image is looked for, in order; empty: all.
	Links []string // rows, record, location, associations, export
	// ItemPage: where the method that exports an item is refused or missing, the page that
	// shows one is read.
	ItemPage bool
	Range    diag.Range
}

// SMPMembership says how a delta membership update is asked for: by its schedule, or
// for some resource targets only. Both zero: an operator does it.
type SMPMembership struct {
	Schedule estate.GUID
	Targets  []estate.GUID
	// Wait is how long an update takes where no rows tell of its end.
	Wait  time.Duration
	Range diag.Range
}

// SMPDialect maps pslan's names for the fields of one kind of record in the answers
// of the deployment service to the platform's. "record" names the element.
type SMPDialect struct {
	Kind   string // images, pct_packages, preboot_configurations, resources
	Fields map[string]string
	Range  diag.Range
}

// SMPAction is a command that does an operator's step.
type SMPAction struct {
	Op      string // take_ownership, ...
	Command []string
	Timeout time.Duration // 0: 10m
	Range   diag.Range
}
