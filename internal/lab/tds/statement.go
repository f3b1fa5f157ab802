package tds

import (
	"strconv"
	"strings"
)

type statementKind uint8

const (
	statementSelect  statementKind = iota
	statementNothing               // SET
	statementUse
	statementBegin
	statementCommit
	statementRollback
	statementWrite
)

// statement is one statement of a batch.
type statement struct {
	kind  statementKind
	text  string // the database of USE, the verb of a write
	query *query
}

// query is a SELECT.
type query struct {
	top        int // -1: all
	items      []item
	from       *source // nil: none
	conditions []condition
	order      []key
}

// item is one of the columns that are wanted.
type item struct {
	star   bool
	column string   // "" for a value
	value  *literal // nil for a column
	name   string   // under which it is shown; "" for its own
}

type source struct{ schema, name string }

// condition holds a column against a value.
type condition struct {
	column string
	not    bool
	null   bool // against NULL
	value  literal
}

// literal is a value in a statement: a text, a number, or a variable with its name.
type literal struct {
	variable string
	value    any
}

type key struct {
	column string
	down   bool
}

// writes are the verbs of what is refused as a write; reading procedures are among
// them, because nothing tells what they do.
var writes = []string{
	"INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "DENY", "BULK", "BACKUP", "RESTORE",
	"EXEC", "EXECUTE", "DBCC", "KILL", "SHUTDOWN", "RECONFIGURE", "CHECKPOINT", "ENABLE", "DISABLE", "UPDATETEXT", "WRITETEXT",
}

// parser reads the statements of a batch.
type parser struct {
	words []word
	at    int
}

// parse reads a batch. A write ends it: what follows is not looked at.
func parse(text string) ([]statement, *Problem) {
	all, p := words(text)
	if p != nil {
		return nil, p
	}
	in := &parser{words: all}
	var out []statement
	for {
		for in.take(";") {
		}
		if in.peek().kind == wordEnd {
			return out, nil
		}
		s, p := in.statement()
		if p != nil {
			return nil, p
		}
		out = append(out, s)
		if s.kind == statementWrite {
			return out, nil
		}
	}
}

func (in *parser) peek() word {
	if in.at < len(in.words) {
		return in.words[in.at]
	}
	return word{}
}

func (in *parser) next() word {
	w := in.peek()
	in.at = min(in.at+1, len(in.words))
	return w
}

// take takes a keyword or a sign if it comes next.
func (in *parser) take(text string) bool {
	if !in.peek().is(text) {
		return false
	}
	in.at++
	return true
}

const knows = "This server knows SELECT of columns of one table."

func (in *parser) wrong() *Problem { return syntax(shortened(in.peek().String()), knows) }

func (in *parser) statement() (statement, *Problem) {
	w := in.peek()
	for _, verb := range writes {
		if w.is(verb) {
			return statement{kind: statementWrite, text: verb}, nil
		}
	}
	switch {
	case in.take("SELECT"):
		return in.selection()
	case in.take("SET"):
		return in.set()
	case in.take("USE"):
		name, p := in.name()
		return statement{kind: statementUse, text: name}, p
	case in.take("BEGIN"):
		return in.transaction(statementBegin, true)
	case in.take("COMMIT"):
		return in.transaction(statementCommit, false)
	case in.take("ROLLBACK"):
		return in.transaction(statementRollback, false)
	}
	return statement{}, in.wrong()
}

// set takes a setting of the session: SET NAME VALUE. It has no effect here.
func (in *parser) set() (statement, *Problem) {
	s := statement{kind: statementNothing}
	if in.peek().kind != wordName {
		return s, in.wrong()
	}
	if in.take("TRANSACTION") {
		for _, level := range [][]string{{"ISOLATION", "LEVEL", "READ", "UNCOMMITTED"}, {"ISOLATION", "LEVEL", "READ", "COMMITTED"}, {"ISOLATION", "LEVEL", "SNAPSHOT"}} {
			if in.takeAll(level) {
				return s, nil
			}
		}
		return s, in.wrong()
	}
	in.next()
	in.take("-")
	if w := in.next(); w.kind != wordName && w.kind != wordNumber && w.kind != wordText {
		in.at--
		return s, in.wrong()
	}
	return s, nil
}

func (in *parser) takeAll(all []string) bool {
	at := in.at
	for _, text := range all {
		if !in.take(text) {
			in.at = at
			return false
		}
	}
	return true
}

func (in *parser) transaction(kind statementKind, needed bool) (statement, *Problem) {
	if !in.take("TRANSACTION") && !in.take("TRAN") && needed {
		return statement{}, in.wrong()
	}
	return statement{kind: kind}, nil
}

// keywords end what may stand before them.
var keywords = []string{"FROM", "WHERE", "ORDER", "AS", "AND", "SELECT", "SET", "USE", "BEGIN", "COMMIT", "ROLLBACK", "INTO", "WITH", "GROUP",
	"DISTINCT", "HAVING", "UNION", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "OUTER", "OPTION", "FOR", "OR", "GO"}

// name reads a name.
func (in *parser) name() (string, *Problem) {
	w := in.peek()
	if w.kind == wordQuoted && w.text != "" && len(w.text) <= 4*maxName {
		in.at++
		return w.text, nil
	}
	plain := w.kind == wordName && len(w.text) <= 4*maxName
	for _, k := range append(keywords, writes...) {
		plain = plain && !strings.EqualFold(w.text, k)
	}
	if !plain {
		return "", in.wrong()
	}
	in.at++
	return w.text, nil
}

// path reads names with dots between them, at most three.
func (in *parser) path() ([]string, *Problem) {
	var parts []string
	for {
		name, p := in.name()
		if p != nil {
			return nil, p
		}
		star := in.at+1 < len(in.words) && in.words[in.at+1].is("*")
		if parts = append(parts, name); len(parts) == 3 || star || !in.take(".") {
			return parts, nil
		}
	}
}

func (in *parser) selection() (statement, *Problem) {
	q := &query{top: -1}
	s := statement{kind: statementSelect, query: q}
	if in.take("TOP") {
		open := in.take("(")
		n, err := strconv.Atoi(in.peek().text)
		if in.peek().kind != wordNumber || err != nil {
			return s, in.wrong()
		}
		in.at++
		if q.top = n; open && !in.take(")") {
			return s, in.wrong()
		}
	}
	for {
		it, p := in.item()
		if p != nil {
			return s, p
		}
		if q.items = append(q.items, it); len(q.items) > maxColumns {
			return s, problem(1056, 15, "The number of elements in the select list exceeds the maximum allowed number of %d elements.", maxColumns)
		}
		if !in.take(",") {
			break
		}
	}
	if in.peek().is("INTO") {
		return statement{kind: statementWrite, text: "SELECT INTO"}, nil
	}
	if in.take("FROM") {
		if p := in.from(q); p != nil {
			return s, p
		}
	}
	return s, nil
}

func (in *parser) item() (item, *Problem) {
	if in.take("*") {
		return item{star: true}, nil
	}
	var it item
	switch in.peek().kind {
	case wordText, wordNumber, wordVariable:
		v, p := in.literal()
		if p != nil {
			return it, p
		}
		it.value = &v
	default:
		parts, p := in.path()
		if p != nil {
			return it, p
		}
		it.column = parts[len(parts)-1]
		if in.take(".") {
			if !in.take("*") {
				return it, in.wrong()
			}
			return item{star: true}, nil
		}
	}
	if in.take("AS") {
		name, p := in.name()
		it.name = name
		return it, p
	}
	if w := in.peek(); w.kind == wordQuoted || w.kind == wordName {
		if name, p := in.name(); p == nil {
			it.name = name
		}
	}
	return it, nil
}

func (in *parser) literal() (literal, *Problem) {
	w := in.peek()
	switch w.kind {
	case wordText:
		in.at++
		return literal{value: w.text}, nil
	case wordNumber:
		n, err := strconv.ParseInt(w.text, 10, 64)
		if err != nil {
			return literal{}, in.wrong()
		}
		in.at++
		return literal{value: n}, nil
	case wordVariable:
		in.at++
		return literal{variable: w.text}, nil
	}
	return literal{}, in.wrong()
}
