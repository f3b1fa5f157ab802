package tds

import "strings"

// Requests after the login: ALL_HEADERS (MS-TDS 2.2.5.3), and what is asked.

// body returns what stands behind the headers of a request.
func body(data []byte) ([]byte, error) {
	if len(data) < 4 {
		return nil, errMessage
	}
	length := int64(le.Uint32(data))
	if length < 4 || length > int64(len(data)) {
		return nil, errMessage
	}
	return data[length:], nil
}

// call is a request for a stored procedure (2.2.6.6).
type call struct {
	name       string
	parameters []parameter
}

type parameter struct {
	name  string
	value any // string, int64, bool, [16]byte, or nil
}

// procedures are those that have numbers.
var procedures = map[uint16]string{
	1: "sp_cursor", 2: "sp_cursoropen", 3: "sp_cursorprepare", 4: "sp_cursorexecute", 5: "sp_cursorprepexec", 6: "sp_cursorunprepare",
	7: "sp_cursorfetch", 8: "sp_cursoroption", 9: "sp_cursorclose", 10: "sp_executesql", 11: "sp_prepare", 12: "sp_execute",
	13: "sp_prepexec", 14: "sp_prepexecrpc", 15: "sp_unprepare",
}

const maxParameters = 2100 // of SQL Server

// cursor reads a request from its front. Once something is not there all that comes
// is empty, and bad is set.
type cursor struct {
	data []byte
	bad  bool
}

func (r *cursor) take(n uint64) []byte {
	if r.bad || n > uint64(len(r.data)) {
		r.bad = true
		return nil
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

func (r *cursor) number(size uint64) uint64 {
	var n uint64
	for i, b := range r.take(size) {
		n |= uint64(b) << (8 * i)
	}
	return n
}

func readCall(data []byte) (*call, error) {
	r := &cursor{data: data}
	c := &call{}
	if n := r.number(2); n == 0xFFFF {
		c.name = procedures[uint16(r.number(2))]
	} else {
		c.name = fromUTF16(r.take(2 * n))
	}
	r.number(2) // options: whether columns are told again
	for !r.bad && len(r.data) > 0 {
		if len(c.parameters) == maxParameters {
			return nil, errMessage
		}
		p := parameter{name: strings.ToLower(fromUTF16(r.take(2 * r.number(1))))}
		r.number(1) // whether it is for output, or stands for its default
		p.value = r.value()
		c.parameters = append(c.parameters, p)
	}
	if r.bad {
		return nil, errMessage
	}
	return c, nil
}

// value reads a type and a value of it; types that a reader of tables has no use for
// are not known.
func (r *cursor) value() any {
	switch r.number(1) {
	case typeNull:
		return nil
	case typeNVarChar:
		size := r.number(2)
		r.take(5) // the collation
		return r.text(size == 0xFFFF)
	case typeInt:
		r.number(1)
		size := r.number(1)
		switch n := r.number(size); size {
		case 0:
			return nil
		case 1:
			return int64(n)
		case 2:
			return int64(int16(n))
		case 4:
			return int64(int32(n))
		case 8:
			return int64(n)
		}
	case typeBit:
		r.number(1)
		if size := r.number(1); size <= 1 {
			if size == 0 {
				return nil
			}
			return r.number(1) != 0
		}
	case typeGUID:
		r.number(1)
		switch v := r.take(r.number(1)); {
		case len(v) == 16:
			return [16]byte{v[3], v[2], v[1], v[0], v[5], v[4], v[7], v[6], v[8], v[9], v[10], v[11], v[12], v[13], v[14], v[15]}
		case len(v) == 0:
			return nil
		}
	}
	r.bad = true
	return nil
}

// text reads a text: after its length, or in chunks where it may be long.
func (r *cursor) text(long bool) any {
	if !long {
		size := r.number(2)
		if size == 0xFFFF {
			return nil
		}
		return fromUTF16(r.take(size))
	}
	if r.number(8) == 1<<64-1 {
		return nil
	}
	var all []byte
	for {
		n := r.number(4)
		if n == 0 || r.bad {
			return fromUTF16(all)
		}
		all = append(all, r.take(n)...)
	}
}

// sql returns the text and the variables of sp_executesql. The declarations of the
// variables are not read: their values carry types.
func (c *call) sql() (text string, variables map[string]any, p *Problem) {
	if !strings.EqualFold(strings.TrimPrefix(strings.ToLower(c.name), "sys."), "sp_executesql") {
		return "", nil, noProcedure(shortened(c.name))
	}
	if len(c.parameters) > 0 {
		text, _ = c.parameters[0].value.(string)
	}
	if text == "" {
		return "", nil, problem(214, 16, "Procedure expects parameter '@statement' of type 'ntext/nchar/nvarchar'.")
	}
	variables = map[string]any{}
	for i, v := range c.parameters {
		if i >= 2 {
			variables[v.name] = v.value
		}
	}
	return text, variables, nil
}

// Requests of transactions (2.2.6.9).
const (
	managerBegin    = 5
	managerCommit   = 7
	managerRollback = 8
)
