package smp

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"pslan/internal/smp/wire"
)

// maxSample bounds one answer of the platform in a bundle.
const maxSample = 256 << 10

// Bundle writes a zip with what a maintainer of pslan needs to learn how this platform
// answers: the checks, the services' own descriptions, and one answer of each call.
// Names, hosts, users, texts and GUIDs are made up, the same one for the same thing;
// names of elements and columns stay. It is an error, and nothing usable is written, if
// a name of the estate could still be seen.
func (d *Diagnosis) Bundle(out io.Writer, version string, at time.Time) error {
	p := d.pseudonyms()
	files := map[string]string{"README.txt": "What pslan doctor found on a platform, for whoever maintains pslan.\n" +
		"Names, hosts, users, other texts and GUIDs are made up: the same word stands for\nthe same thing everywhere. Names of elements, methods and columns are the platform's.\n"}
	checks := make([]Check, len(d.Checks))
	for i, c := range d.Checks {
		c.Name, c.Found, c.Help = p.message(c.Name), p.message(c.Found), p.message(c.Help)
		checks[i] = c
	}
	text, err := json.MarshalIndent(struct {
		FormatVersion string  `json:"format_version"`
		Version       string  `json:"pslan_version"`
		Checks        []Check `json:"checks"`
	}{"1.0", version, checks}, "", "  ")
	if err != nil {
		return err
	}
	files["checks.json"] = string(text) + "\n"
	for name, sample := range d.samples {
		sample = sample[:min(len(sample), maxSample)]
		if strings.HasSuffix(name, ".xml") {
			sample = p.xml(sample)
		} else {
			sample = p.text(sample)
		}
		files[name] = p.hide(sample)
	}
	z := zip.NewWriter(out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if leak := p.leaks(files[name]); leak != "" {
			return fmt.Errorf("%s would still tell a name of this platform (%d letters long), so nothing was written", name, len(leak))
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: strings.ReplaceAll(name, " ", "-"), Method: zip.Deflate, Modified: at})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, files[name]); err != nil {
			return err
		}
	}
	return z.Close()
}

// pseudonyms knows all names of the estate, the connection and the login.
func (d *Diagnosis) pseudonyms() *pseudonyms {
	p := newPseudonyms()
	set := d.p.set
	p.known("host", hostsOf(set.URL)...)
	p.known("host", set.AlsoCalled...)
	if set.SQL != nil {
		p.known("host", set.SQL.Server)
		p.known("database", set.SQL.Database)
	}
	for _, user := range []string{d.p.o.Env("PSLAN_SMP_USER"), d.p.o.Env("PSLAN_SQL_USER")} {
		p.known("user", strings.FieldsFunc(user, func(r rune) bool { return r == '\\' || r == '@' })...)
	}
	e := d.read
	if e == nil {
		return p
	}
	p.known("host", e.SMP.Name)
	for i := range e.Servers {
		p.known("server", e.Servers[i].Name, e.Servers[i].Host)
	}
	p.known("site", e.Sites...)
	for i := range e.Images {
		p.known("image", e.Images[i].Name)
		p.known("host", host(e.Images[i].Location))
	}
	for i := range e.Preboots {
		p.known("preboot", e.Preboots[i].Name, e.Preboots[i].ConnectsTo)
	}
	return p
}

func hostsOf(url string) []string {
	_, rest, _ := strings.Cut(url, "://")
	name, _, _ := strings.Cut(rest, "/")
	bare, _, _ := strings.Cut(name, ":")
	return []string{name, bare}
}

// xml replaces the values of a document and keeps its shape. What is no XML is kept
// as so many bytes.
func (p *pseudonyms) xml(text string) string {
	root, err := wire.ParseXML(text, wire.Limits{})
	if err != nil {
		return fmt.Sprintf("%d bytes that are no whole XML: %s\n", len(text), p.message(err.Error()))
	}
	header := ""
	if strings.HasPrefix(text, "\ufeff") {
		header = "<!-- it begins with a byte order mark -->\n"
	}
	if trimmed := strings.TrimPrefix(text, "\ufeff"); strings.HasPrefix(trimmed, "<?xml") {
		line, _, _ := strings.Cut(trimmed, "?>")
		header += "<!-- it begins with " + strings.TrimPrefix(line, "<") + " -->\n"
	}
	kept := 0
	p.cover(root, &kept)
	return header + dump(root)
}

// keptRecords is how many elements of a document are kept: more tell nothing new.
const keptRecords = 400

func (p *pseudonyms) cover(n *wire.Node, kept *int) {
	*kept++
	n.Text = p.inner(n.Text)
	for i := range n.Attrs {
		n.Attrs[i].Value = p.inner(n.Attrs[i].Value)
	}
	for i, c := range n.Children {
		if *kept > keptRecords {
			n.Children = n.Children[:i]
			return
		}
		p.cover(c, kept)
	}
}

// inner is a value, or XML inside of a value.
func (p *pseudonyms) inner(s string) string {
	t := strings.TrimSpace(s)
	switch {
	case t == "":
		return ""
	case strings.HasPrefix(strings.TrimPrefix(t, "\ufeff"), "<"):
		return p.xml(t)
	}
	return p.value(t)
}
