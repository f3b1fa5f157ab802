package smp

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/smp/rows"
)

var errNoServers = errors.New("there is no package server among them: an installation without one has nothing to plan")

// noteKind is a reason to leave something out of the estate.
type noteKind uint8

const (
	noteOwner noteKind = iota
	noteTaking
	noteLink
	noteAssignment
	noteMembers
	noteRows
	noteRecords
	noteTwice
	noteStrangers
	noteStates
	noteProfiles
	noteKinds
	noteNoImages
	noteUnlisted
	noteLists
	noteOriginators
	noteModel
	noteNoPCT
	noteLocations
	noteExport
	noteLookup
	noteUnproven
)

// noteTexts say what is left out and which decisions that keeps from being made.
var noteTexts = [...]struct {
	severity         diag.Severity
	summary, meaning string
}{
	noteOwner: {diag.Warning, "Owners that no two sources agree on",
		"Their owner is in doubt (PSL110), so nothing is planned for them. No field of the platform is documented to tell the owner: at least two sources have to name the same listed server, and none another one."},
	noteTaking: {diag.Note, "Takes of ownership that are under way",
		"They were asked for, and not all sources name the new owner yet. Until all do, but for what package servers tell after a refresh (copies, originator), the old one counts as the owner."},
	noteLink: {diag.Warning, "Images whose package is not known",
		"Nothing is planned for them, and they count as images with an owner in doubt (PSL110). Bring the package by rows \"packages\" with the columns package and image; a row with an empty package says that there is none."},
	noteAssignment: {diag.Warning, "Packages whose assignment is not told",
		"Nothing is taken from or added to their assignment unless the files declare one, and copies count as not assigned. Rows \"assignments\" bring it where no service tells it."},
	noteMembers: {diag.Warning, "Assignments that name what is not listed",
		"They may be package servers that are gone, or sites that no rows tell of. pslan leaves them in the assignment when it changes it."},
	noteRows: {diag.Warning, "Rows \"assignments\" contradict the package services",
		"What the services say counts, and from now on each package is asked for: a reading of everything makes a call for each. The rows may be older than the last change; or a column or a word in them means something else than it is taken for."},
	noteRecords:   {diag.Warning, "Records that cannot be used", "They are left out of the estate. The dialect block says how records are read."},
	noteTwice:     {diag.Warning, "Told twice", "The first one counts."},
	noteStrangers: {diag.Note, "Rows about servers that are no package servers", "They are passed over. Site servers that are task servers only are such."},
	noteStates: {diag.Note, "Whether package servers are up is not told",
		"None counts as off: what cannot be read on its share is taken as not seen. Add a column state to rows \"package_servers\" to have servers that are off known beforehand."},
	noteProfiles: {diag.Note, "Connection profiles are not told",
		"Which SMP these preboot configurations connect to is not known, so PSL508 says nothing about them. Bring it by rows \"preboot_configurations\" with the column connects_to."},
	noteKinds: {diag.Note, "Backup images that have a package", "The type of these images says backup, and they have a package, which backup images do not. They count as images."},
	noteNoImages: {diag.Warning, "No image is listed",
		"The list of images was answered, and it is empty. If the console shows images, its records are written in a way that is not understood, or this account may not see them: pslan doctor says how it reads them, the block dialect \"images\" sets other names, and rows \"images\" bring them another way."},
	noteLists: {diag.Warning, "Package servers whose package list cannot be used",
		"They tell nothing of their copies here, which does not mean that they have none."},
	noteOriginators: {diag.Warning, "Originators that name nobody",
		"As a source of owners they count as silent. Which values the property PackageOriginator has is not documented: map these with words of rows \"copies\" to the name of a package server or of the SMP, or leave originator out of the sources of owner."},
	noteUnlisted: {diag.Warning, "Images that rows name and no list shows",
		"pslan does not see them: nothing is planned for them, and nothing of theirs is guarded when a server that holds them is refreshed. They may have been deleted; or this account may not see them."},
	noteModel: {diag.Note, "Lists that the resource model stands in for",
		"The deployment service does not tell them, so all resources of a type are taken (resource_model). They carry no location and no type: the location is what the package service or location_field tells, and only rows \"packages\" say which of them are backups."},
	noteNoPCT: {diag.Warning, "PCT packages are not listed",
		"The deployment service does not list them, and resource_model names no pct_type. If there are any, nothing is planned for them, and nothing of theirs is guarded when a server that holds them is refreshed or loses its role."},
	noteLocations: {diag.Warning, "Images whose location is not told",
		"Neither the package service nor location_field tells it. One source less tells their owner; an image without a package has no other."},
	noteExport: {diag.Note, "Packages whose XML names no owner",
		"The source \"export\" says nothing about them: it does only where exactly one package server, or the SMP, stands in export_field by GUID or by its whole host name."},
	noteLookup: {diag.Warning, "Package servers whose GUID was not found",
		"Assignments that name them by it are not understood, none can be written for them, and no task can be run on them. Look whether the domains of package_servers are right (the platform may take NetBIOS or DNS names), or bring the column guid in rows \"package_servers\"."},
	noteUnproven: {diag.Note, "GUIDs of package servers that no assignment confirms",
		"They were looked up by name, and no assignment that a package service told names a server by one. Until one does, no list of servers is written. " + hintProven},
}

// noteBook collects notes: a few examples of each kind, and how many there are.
type noteBook struct {
	kinds [len(noteTexts)]struct {
		count int
		some  []string
	}
	cells []string
	later []lateSite
}

// lateSite is a further site of a server that has several rows.
type lateSite struct{ server, site string }

const shownNotes = 5

// add notes one thing; what, in words, stands behind its name.
func (b *noteBook) add(kind noteKind, name, what string, args ...any) {
	k := &b.kinds[kind]
	k.count++
	if len(k.some) >= shownNotes {
		return
	}
	text := name
	if what != "" {
		detail := fmt.Sprintf(what, args...)
		switch {
		case text == "":
			text = detail
		case detail != "":
			text += " (" + detail + ")"
		}
	}
	if text != "" {
		k.some = append(k.some, text)
	}
}

// misread notes the cells of a table that were left out.
func (b *noteBook) misread(kind declared.RowKind, t *rows.Reader) {
	var columns []string
	for name := range t.Misread {
		columns = append(columns, name)
	}
	slices.Sort(columns)
	for _, name := range columns {
		m := t.Misread[name]
		b.cells = append(b.cells, fmt.Sprintf("%d of %s in rows %q, for example %q: %s", m.Count, name, kind, m.Example, m.Why))
	}
}

// diagnostics are the notes in their order.
func (b *noteBook) diagnostics(at diag.Range) diag.Diagnostics {
	var out diag.Diagnostics
	put := func(severity diag.Severity, summary, detail string) {
		out = append(out, &diag.Diagnostic{Severity: severity, Summary: summary, Detail: detail, Subject: at, In: `connection "smp"`})
	}
	for kind := range b.kinds {
		k, text := &b.kinds[kind], &noteTexts[kind]
		if k.count == 0 {
			continue
		}
		detail := text.meaning
		if len(k.some) > 0 {
			slices.Sort(k.some)
			list := strings.Join(k.some, ", ")
			if more := k.count - len(k.some); more > 0 {
				list += fmt.Sprintf(" and %d more", more)
			}
			detail = list + ".\n\n" + detail
		}
		put(text.severity, text.summary, detail)
	}
	if len(b.cells) > 0 {
		put(diag.Warning, "Cells that cannot be understood", "They are left out, as if the platform told nothing.\n\n"+strings.Join(b.cells, ";\n")+".")
	}
	return out
}
