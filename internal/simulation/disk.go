package simulation

import (
	"strings"
	"time"

	"pslan/internal/lab"
)

// disk is the lab's disk, which knows what was changed on it: the oracle reads the
// bytes of a folder again only where something in it is no longer what it was.
type disk struct {
	*lab.Memory
	at     map[string]int // changes by package folder of a server, and by any other name
	others int            // changes elsewhere than in a package folder
	all    int            // changes of whole servers
}

func newDisk() *disk { return &disk{Memory: lab.NewMemory(), at: map[string]int{}} }

// packageFolder is the part of a name that says which server's copy of which package it
// belongs to, "" if none.
func packageFolder(name string) string {
	if !strings.HasPrefix(name, "servers/") {
		return ""
	}
	end := len("servers/")
	for part := range 3 { // NAME/Package Delivery/{GUID}
		n := strings.IndexByte(name[end:], '/')
		switch {
		case n >= 0:
			end += n + 1
		case part == 2:
			return name
		default:
			return ""
		}
	}
	return name[:end-1]
}

func (d *disk) changed(name string) {
	switch folder := packageFolder(name); {
	case folder != "":
		d.at[folder]++
	case strings.HasPrefix(name, "servers"):
		d.all++
	default:
		d.others++
	}
}

// Write implements lab.Disk.
func (d *disk) Write(name string, data []byte, modified time.Time) error {
	d.changed(name)
	return d.Memory.Write(name, data, modified)
}

// SetTime implements lab.Disk.
func (d *disk) SetTime(name string, modified time.Time) error {
	d.changed(name)
	return d.Memory.SetTime(name, modified)
}

// MakeDir implements lab.Disk.
func (d *disk) MakeDir(name string) error {
	d.changed(name)
	return d.Memory.MakeDir(name)
}

// Rename implements lab.Disk.
func (d *disk) Rename(name, to string) error {
	d.changed(name)
	d.changed(to)
	return d.Memory.Rename(name, to)
}

// Remove implements lab.Disk.
func (d *disk) Remove(name string) error {
	d.changed(name)
	return d.Memory.Remove(name)
}

// state tells one state of a folder from another one.
type state struct{ at, others, all int }

func (d *disk) state(dir string) state {
	if folder := packageFolder(dir); folder != "" {
		return state{at: d.at[folder], all: d.all}
	}
	return state{others: d.others, all: d.all}
}
