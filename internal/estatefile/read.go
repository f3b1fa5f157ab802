package estatefile

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/fileerror"
	"pslan/internal/packed"
)

const severityError = diag.Error

// Read reads an estate from JSON, plain or compressed (gzip, zstd). name stands in
// the places of problems: the file's name. With an error among the diagnostics
// there is no estate.
func Read(in io.Reader, name string) (*estate.Estate, diag.Diagnostics) {
	plain, closer, err := packed.Read(in, maxSize)
	if err != nil {
		return nil, diag.Diagnostics(nil).Errorf(diag.Range{}, "Unreadable estate file", "%s cannot be read: %v.", name, fileerror.Reason(err))
	}
	defer closer()
	r := newReader(plain, name)
	r.document()
	if r.failed {
		return nil, r.list()
	}
	r.resolve()
	if r.more > 0 || r.diags.HasErrors() {
		return nil, r.list()
	}
	r.finish()
	return r.e, r.list()
}

// reader reads one estate file.
type reader struct {
	values
	e       *estate.Estate
	servers names
	sites   names
	given   topKeys // top-level keys that were there
	what    thing   // what is being read, for messages
	// doubtful: something is wrong with the package servers or sites themselves, so
	// that names which seem to be unknown may be known.
	doubtful bool

	lines     int32 // complete lines before lineUpTo
	lineUpTo  int64
	lastSites int

	imageGUIDs map[estate.GUID]int32
	packages   map[estate.GUID]int32
	siteIDs    [][]int32 // parallel to e.Images: sites of the assignment; nil for most
	lastCopy   []int32   // by server number: the last image with a copy there, from 1
	smpCopy    int32     // the same for the SMP

	serverPlaces serverPlaces
	copies       []estate.Copy // of the image that is being read
	copyRoom     []estate.Copy
	contentRoom  []estate.Content
	agentRoom    []estate.AgentFiles
	idRoom       []estate.ServerID
	ids          []int32
}

// thing names what is being read.
type thing struct {
	key    string // "images", "package_servers", …
	number int    // from 1
	name   string
	copyOn estate.ServerID // whose copy is being read, by number; NoServer outside of copies
}

// topKeys are the keys of the document, as bits.
type topKeys uint16

const (
	keyVersion topKeys = 1 << iota
	keyTakenAt
	keySource
	keySMP
	keySites
	keyServers
	keyImages
	keyPreboots
)

func newReader(in io.Reader, name string) *reader {
	r := &reader{
		e:          &estate.Estate{},
		servers:    newNames(),
		sites:      newNames(),
		imageGUIDs: map[estate.GUID]int32{},
		packages:   map[estate.GUID]int32{},
	}
	r.interned = map[string]string{}
	r.name, r.thing = name, r.describe
	r.start(in)
	return r
}

// describe names what is being read, for diag.Diagnostic.In.
func (r *reader) describe() string {
	if r.what.number == 0 {
		return ""
	}
	s := r.what.key + " " + strconv.Quote(r.what.name)
	if r.what.name == "" {
		s = r.what.key + " " + strconv.Itoa(r.what.number)
	}
	switch on := r.what.copyOn; {
	case on == estate.SMP:
		s += `, copy "smp"`
	case on.IsServer():
		s += ", copy " + strconv.Quote(r.servers.list[on].text)
	}
	return s
}

// list returns what was found, sorted, with a last word where there was more.
func (r *reader) list() diag.Diagnostics {
	ds := r.diags.Sort()
	if r.more > 0 {
		ds = ds.Errorf(diag.Range{}, "More problems in the estate file", "%s has %d more problems that are not shown.", r.name, r.more)
	}
	return ds
}

// document reads the whole file.
func (r *reader) document() {
	switch c := r.value(); {
	case r.failed:
		return
	case c == 0 && r.cutOff:
		r.unexpected("the estate")
		return
	case c == 0 && r.pos == r.end:
		r.fail("Empty estate file", "The file is empty. Record the estate with \"pslan snapshot -out=FILE\".")
		return
	case c == 0xFF || c == 0xFE || r.pos+1 < r.end && r.buf[r.pos+1] == 0:
		r.fail("Not UTF-8", "The file looks like UTF-16, which PowerShell writes with \">\". Save it as UTF-8: pslan snapshot -out=FILE does.")
		return
	case c != '{':
		r.fail("Not an estate file", "An estate file is a JSON object and begins with \"{\".")
		return
	}
	r.pos++
	begin := r.at
	for first := true; r.member(first); first = false {
		r.topMember()
	}
	if r.failed {
		return
	}
	if c := r.next(); c != 0 || r.pos < r.end {
		r.fail("Data after the end", "The estate ends before this place, and nothing may follow it. Were two files joined?")
		return
	}
	r.required(begin)
}

func (r *reader) topMember() {
	switch string(r.key) {
	case "format_version":
		r.once(&r.given, keyVersion)
		r.version()
	case "taken_at":
		r.once(&r.given, keyTakenAt)
		r.e.TakenAt = r.moment()
	case "source":
		r.once(&r.given, keySource)
		r.e.Source = r.string()
	case "smp":
		r.once(&r.given, keySMP)
		r.smp()
	case "sites":
		r.once(&r.given, keySites)
		r.each("sites", "site", r.site)
	case "package_servers":
		r.once(&r.given, keyServers)
		r.each("package_servers", "package server", r.packageServer)
	case "images":
		r.once(&r.given, keyImages)
		r.each("images", "image", r.image)
	case "preboot_configurations":
		r.once(&r.given, keyPreboots)
		r.each("preboot_configurations", "preboot configuration", r.preboot)
	default:
		r.skip(1)
	}
}

// once reports a key that stands twice in one object: which of the two would count?
func (r *reader) once(given *topKeys, key topKeys) {
	if *given&key != 0 {
		r.problem(r.keyAt, r.offset(), "Key twice", fmt.Sprintf("%q stands twice in the same object. Remove one of the two.", string(r.key)))
	}
	*given |= key
}

// each reads a list of objects, one by one.
func (r *reader) each(key, what string, read func()) {
	before := r.found()
	if !r.enter('[', "a list") {
		return
	}
	r.what = thing{key: what, copyOn: estate.NoServer}
	for first := true; r.element(first); first = false {
		r.what = thing{key: what, number: r.what.number + 1, copyOn: estate.NoServer}
		r.key = append(r.keyBuf[:0], key...)
		if r.enter('{', "an object") {
			read()
		}
	}
	if !r.failed {
		r.what = thing{}
		r.doubtful = r.doubtful || r.found() > before && (key == "sites" || key == "package_servers")
	}
}

// version refuses a file whose format is not known.
func (r *reader) version() {
	b, ok := r.bytes()
	if !ok {
		return
	}
	s := string(b)
	major, minor, ok := strings.Cut(s, ".")
	_, err1 := strconv.ParseUint(major, 10, 16)
	_, err2 := strconv.ParseUint(minor, 10, 16)
	if !ok || err1 != nil || err2 != nil {
		r.wrongValue("Broken format version", "\"format_version\" is %s. It looks like \"1.0\".", shown(s))
		return
	}
	if major != "1" {
		r.diags, r.more = nil, 0 // everything else may mean something else there
		r.wrongValue("Unknown format version", "The file has format version %s, and this pslan reads version 1. Use the pslan that wrote it, or a newer one.", s)
		r.stop()
	}
}

// required reports what an estate file cannot do without: another JSON document
// must not be taken for an estate with nothing in it.
func (r *reader) required(begin int64) {
	var missing []string
	for _, k := range []struct {
		bit  topKeys
		name string
	}{{keyVersion, `"format_version"`}, {keyServers, `"package_servers"`}, {keyImages, `"images"`}} {
		if r.given&k.bit == 0 {
			missing = append(missing, k.name)
		}
	}
	if len(missing) == 0 {
		return
	}
	here := r.offset()
	detail := fmt.Sprintf("The file has no %s, so it is not a whole estate file. It must have them, be it as an empty list.", strings.Join(missing, ", no "))
	if r.given&^keyVersion == 0 {
		detail = fmt.Sprintf("The file has no %s: it is some other JSON document. An estate file is written by \"pslan snapshot -out=FILE\".", strings.Join(missing, ", no "))
	}
	if begin >= r.base {
		here = begin
	}
	r.problem(here, here+1, "Not an estate file", detail)
}
