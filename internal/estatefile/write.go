package estatefile

import (
	"bufio"
	"cmp"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"pslan/internal/estate"
)

// formatVersion of what is written: minor numbers only add.
const formatVersion = "1.2"

// Write writes an estate as JSON: sorted, one image on a line and one copy on a
// line, so that two estates can be compared with any tool. The same estate gives
// the same bytes, whatever the order of its lists. The estate is not changed.
func Write(out io.Writer, e *estate.Estate) error {
	w := &writer{e: e, out: bufio.NewWriterSize(out, 64<<10)}
	w.rankServers()
	w.line("{\n")
	w.raw(`  "format_version": "` + formatVersion + `"`)
	w.topTime("taken_at", e.TakenAt)
	w.topText("source", e.Source)
	w.smp()
	w.flush()
	w.list("sites", len(e.Sites), w.sites())
	w.list("package_servers", len(e.Servers), func(i int) { w.server(&e.Servers[w.order[i]]) })
	w.list("images", len(e.Images), w.images())
	w.list("preboot_configurations", len(e.Preboots), w.preboots())
	w.line("\n}\n")
	if w.err != nil {
		return w.err
	}
	return w.out.Flush()
}

// writer writes one estate.
type writer struct {
	e     *estate.Estate
	out   *bufio.Writer
	b     []byte // what is not handed to out yet: at most one image
	more  bool   // a member of the present object is written already
	order []int32
	rank  []int32 // of a server, by ServerID, in the order of names
	moved bool    // the servers are not in that order
	err   error
}

// rankServers finds the order of the servers' names, in which all else is sorted.
func (w *writer) rankServers() {
	w.order = make([]int32, len(w.e.Servers))
	w.rank = make([]int32, len(w.e.Servers))
	for i := range w.order {
		w.order[i] = int32(i)
	}
	slices.SortStableFunc(w.order, func(a, b int32) int {
		return estate.CompareFold(w.e.Servers[a].Name, w.e.Servers[b].Name)
	})
	for i, id := range w.order {
		w.rank[id] = int32(i)
		w.moved = w.moved || int(id) != i
	}
}

// flush hands what was appended to the output.
func (w *writer) flush() {
	if w.err == nil {
		_, w.err = w.out.Write(w.b)
	}
	w.b = w.b[:0]
}

func (w *writer) raw(s string) { w.b = append(w.b, s...) }

func (w *writer) line(s string) {
	w.raw(s)
	w.flush()
}

// list writes a list of the document, one element after another.
func (w *writer) list(key string, n int, element func(int)) {
	w.raw(",\n  \"" + key + "\": [")
	for i := range n {
		if i > 0 {
			w.raw(",")
		}
		w.raw("\n    {")
		w.more = false
		element(i)
		w.raw("}")
		w.flush()
	}
	if n > 0 {
		w.raw("\n  ")
	}
	w.line("]")
}

func (w *writer) key(key string) {
	if w.more {
		w.b = append(w.b, ", "...)
	}
	w.more = true
	w.b = append(w.b, '"')
	w.b = append(w.b, key...)
	w.b = append(w.b, `": `...)
}

// Members that say nothing are left out: an empty text, a zero GUID, digest or
// time, a number that nothing tells.

func (w *writer) text(key, s string) {
	if s != "" {
		w.key(key)
		w.quote(s)
	}
}

func (w *writer) guid(key string, g estate.GUID) {
	if !g.IsZero() {
		w.key(key)
		w.b = append(g.AppendText(append(w.b, '"')), '"')
	}
}

func (w *writer) digest(key string, d estate.Digest) {
	if !d.IsZero() {
		w.key(key)
		w.b = append(d.AppendText(append(w.b, '"')), '"')
	}
}

func (w *writer) time(key string, t estate.Time) {
	if !t.IsZero() {
		w.key(key)
		w.b = append(t.Time().AppendFormat(append(w.b, '"'), "2006-01-02T15:04:05.999999999Z07:00"), '"')
	}
}

func (w *writer) number(key string, n int64) {
	w.key(key)
	w.b = strconv.AppendInt(w.b, n, 10)
}

func (w *writer) texts(key string, list []string) {
	w.key(key)
	w.b = append(w.b, '[')
	for i, s := range list {
		if i > 0 {
			w.b = append(w.b, ", "...)
		}
		w.quote(s)
	}
	w.b = append(w.b, ']')
}

func (w *writer) topTime(key string, t estate.Time) {
	if !t.IsZero() {
		w.raw(",\n  \"" + key + "\": ")
		w.quote(t.String())
	}
}

func (w *writer) topText(key, s string) {
	if s != "" {
		w.raw(",\n  \"" + key + "\": ")
		w.quote(s)
	}
}

// quote writes a text as JSON. What is not UTF-8 becomes U+FFFD.
func (w *writer) quote(s string) {
	const hexDigits = "0123456789abcdef"
	b := append(w.b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if textClass[c] == plain {
				i++
				continue
			}
			b = append(b, s[from:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, `\n`...)
			case '\t':
				b = append(b, `\t`...)
			case '\r':
				b = append(b, `\r`...)
			default:
				b = append(b, `\u00`...)
				b = append(b, hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			from = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			b = append(b, s[from:i]...)
			b = utf8.AppendRune(b, utf8.RuneError)
			from = i + 1
		}
		i += n
	}
	w.b = append(append(b, s[from:]...), '"')
}

// sorted returns the indices of n things in an order, without moving the things.
func sorted(n int, compare func(a, b int) int) func(int) int {
	inOrder := true
	for i := 1; i < n && inOrder; i++ {
		inOrder = compare(i-1, i) <= 0
	}
	if inOrder {
		return func(i int) int { return i }
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, compare)
	return func(i int) int { return order[i] }
}

func (w *writer) sites() func(int) {
	at := sorted(len(w.e.Sites), func(a, b int) int { return estate.CompareFold(w.e.Sites[a], w.e.Sites[b]) })
	return func(i int) { w.text("name", w.e.Sites[at(i)]) }
}

func (w *writer) preboots() func(int) {
	all := w.e.Preboots
	at := sorted(len(all), func(a, b int) int {
		return cmp.Or(estate.CompareFold(all[a].Name, all[b].Name), slices.Compare(all[a].GUID[:], all[b].GUID[:]))
	})
	return func(i int) {
		p := &all[at(i)]
		w.text("name", p.Name)
		w.guid("guid", p.GUID)
		w.text("connects_to", p.ConnectsTo)
	}
}

func (w *writer) images() func(int) {
	all := w.e.Images
	at := sorted(len(all), func(a, b int) int {
		return cmp.Or(estate.CompareFold(all[a].Name, all[b].Name), slices.Compare(all[a].GUID[:], all[b].GUID[:]))
	})
	return func(i int) { w.image(&all[at(i)]) }
}
