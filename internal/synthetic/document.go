package synthetic

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// The estate file, key for key as documented in docs/formats.md.
type (
	server struct {
		Name       string   `json:"name"`
		GUID       string   `json:"guid"`
		Host       string   `json:"host"`
		Sites      []string `json:"sites"`
		State      string   `json:"state"`
		LastSeen   string   `json:"last_seen"`
		FreeBytes  int64    `json:"free_bytes"`
		TotalBytes int64    `json:"total_bytes"`
	}
	site struct {
		Name string `json:"name"`
	}
	assignment struct {
		Mode    string   `json:"mode"`
		Servers []string `json:"servers,omitempty"`
		Sites   []string `json:"sites,omitempty"`
	}
	content struct {
		Files   int    `json:"files"`
		Bytes   int64  `json:"bytes"`
		Digest  string `json:"digest"`
		Listing string `json:"listing"`
		Version int64  `json:"version"`
		From    string `json:"from"`
		TakenAt string `json:"taken_at"`
	}
	evidence struct {
		Folder    bool   `json:"folder"`
		Files     int    `json:"files"`
		Bytes     int64  `json:"bytes"`
		Digest    string `json:"digest,omitempty"`
		Listing   string `json:"listing,omitempty"`
		By        string `json:"by,omitempty"`
		CheckedAt string `json:"checked_at"`
	}
	copyOf struct {
		Server   string   `json:"server"`
		Managed  string   `json:"managed"`
		Status   string   `json:"status"`
		StatusAt string   `json:"status_at,omitempty"`
		Version  int64    `json:"version,omitempty"`
		Evidence evidence `json:"evidence"`
	}
	image struct {
		Name       string     `json:"name"`
		GUID       string     `json:"guid"`
		Package    string     `json:"package"`
		Kind       string     `json:"kind"`
		Format     string     `json:"format"`
		Location   string     `json:"location"`
		Owner      string     `json:"owner"`
		Assignment assignment `json:"assignment"`
		Version    int64      `json:"version"`
		Content    content    `json:"content"`
		Copies     []copyOf   `json:"copies"`
	}
)

const (
	takenAt    = "2026-11-22T10:00:00Z"
	checkedAt  = "2026-11-22T09:40:00Z"
	recordedAt = "2026-11-21T22:00:00Z"
	statusAt   = "2026-11-21T23:10:00Z"
	smpName    = "smp01.contoso.com"
	gib        = 1 << 30
)

// newImage makes an image whose owner holds the only copy; its bytes are named by
// its own name.
func newImage(name, owner string, to assignment, files int, bytes int64) image {
	pack := guid("package " + name)
	img := image{
		Name: name, GUID: guid("image " + name), Package: pack, Kind: "image", Format: "managed",
		Location: `\\` + owner + `\PkgSvrHost$\{` + pack + `}`, Owner: owner, Assignment: to,
		Version: 1_601_867_730,
	}
	img.Content = content{
		Files: files, Bytes: bytes, Digest: digest(name), Listing: digest(name + " listing"),
		Version: img.Version, From: owner, TakenAt: recordedAt,
	}
	return img
}

// good adds a copy that holds what it should.
func (img *image) good(server string) {
	c := &img.Content
	img.add(server, "Ready", evidence{Folder: true, Files: c.Files, Bytes: c.Bytes, Digest: c.Digest, Listing: c.Listing})
}

// partial adds a copy that has all files but one; of a single file, its first half.
func (img *image) partial(server string) {
	c := &img.Content
	ev := evidence{Folder: true, Files: c.Files - 1, Bytes: c.Bytes / int64(c.Files) * int64(c.Files-1)}
	if c.Files == 1 {
		ev.Files, ev.Bytes = 1, c.Bytes/2
	}
	ev.Digest, ev.Listing = digest(img.Name+" partial"), digest(img.Name+" partial listing")
	img.add(server, "Downloading", ev)
}

// missing adds a copy that has no folder, whatever its status says.
func (img *image) missing(server, status string) { img.add(server, status, evidence{}) }

func (img *image) add(server, status string, ev evidence) {
	managed := "external"
	if server == img.Owner {
		managed = "local"
	}
	ev.By, ev.CheckedAt = "lab", checkedAt
	img.Copies = append(img.Copies, copyOf{
		Server: server, Managed: managed, Status: status, StatusAt: statusAt, Version: img.Version, Evidence: ev,
	})
}

// spare leaves out what no decision needs, as a platform does that tells little.
func (img *image) spare() {
	for i := range img.Copies {
		c := &img.Copies[i]
		c.StatusAt, c.Version, c.Evidence.By, c.Evidence.Listing = "", 0, "", ""
	}
}

// document writes an estate file, one server and one image a line, so that a
// version control system shows what differs.
type document struct {
	w     *bufio.Writer
	first bool
}

func newDocument(w io.Writer, sites []site, servers []server) (*document, error) {
	d := &document{w: bufio.NewWriterSize(w, 1<<20)}
	smp, err := json.Marshal(map[string]string{"name": smpName, "guid": guid("smp"), "version": "8.7.2"})
	if err != nil {
		return nil, err
	}
	list, err := json.Marshal(sites)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(d.w, "{\n  \"format_version\": \"1.0\",\n  \"taken_at\": %q,\n  \"source\": \"lab\",\n  \"smp\": %s,\n  \"sites\": %s,\n", takenAt, smp, list)
	d.open("package_servers")
	for i := range servers {
		if err := d.line(&servers[i]); err != nil {
			return nil, err
		}
	}
	d.w.WriteString("\n  ],\n")
	d.open("images")
	return d, nil
}

func (d *document) open(key string) {
	fmt.Fprintf(d.w, "  %q: [", key)
	d.first = true
}

func (d *document) line(v any) error {
	if !d.first {
		d.w.WriteByte(',')
	}
	d.first = false
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	d.w.WriteString("\n    ")
	_, err = d.w.Write(b)
	return err
}

func (d *document) close() error {
	d.w.WriteString("\n  ],\n  \"preboot_configurations\": []\n}\n")
	return d.w.Flush()
}
