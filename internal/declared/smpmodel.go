package declared

import (
	"pslan/internal/diag"
	"pslan/internal/estate"
)

// SMPModel says by which GUIDs the resource model of this platform goes. None of them is
// publicly known. What is zero is not asked for.
type SMPModel struct {
	// ImageType and PCTType are the types of the resources that are images and PCT packages,
	// for where the deployment service does not list them.
	ImageType, PCTType estate.GUID
	// LocationField is the element or attribute of an image's item XML that holds its
	// location; "": what the package service says of the package.
	LocationField string
	// Association goes from images to packages, which are of PackageType.
	Association, PackageType estate.GUID
	// PackagesAre children or parents of images in the association; "": children.
	PackagesAre string
	Range       diag.Range
}

// SMPServers says where the GUIDs of package servers come from that rows do not tell.
type SMPServers struct {
	GUIDs string // rows (default), lookup: by host name
	// Domains in which hosts are looked up; empty: the one in each host's own name.
	Domains []string
	Range   diag.Range
}
