package tds

import (
	"encoding/binary"
	"time"
	"unicode/utf16"
)

// Tokens of answers (MS-TDS 2.2.7). All numbers are little endian.

const (
	tokenReturnStatus = 0x79
	tokenColumns      = 0x81
	tokenError        = 0xAA
	tokenInfo         = 0xAB
	tokenLoginAck     = 0xAD
	tokenRow          = 0xD1
	tokenNullsRow     = 0xD2
	tokenEnvironment  = 0xE3
	tokenSSPI         = 0xED
	tokenDone         = 0xFD
	tokenDoneProc     = 0xFE
	tokenDoneInProc   = 0xFF
)

const (
	doneMore      = 0x01
	doneError     = 0x02
	doneCount     = 0x10
	doneAttention = 0x20
)

// What an ENVCHANGE speaks of (2.2.7.9).
const (
	envDatabase   = 1
	envPacketSize = 4
	envCollation  = 7
	envBegun      = 8
	envCommitted  = 9
	envRolledBack = 10
	envReset      = 18
)

// Types of columns (2.2.5.4).
const (
	typeNull           = 0x1F
	typeGUID           = 0x24
	typeInt            = 0x26
	typeDateTime2      = 0x2A
	typeDateTimeOffset = 0x2B
	typeBit            = 0x68
	typeDateTime       = 0x6F
	typeNVarChar       = 0xE7
)

// collation is SQL_Latin1_General_CP1_CI_AS.
var collation = []byte{0x09, 0x04, 0xD0, 0x00, 0x34}

var le = binary.LittleEndian

func utf16le(s string) []byte {
	units := utf16.Encode([]rune(s))
	b := make([]byte, 0, 2*len(units))
	for _, u := range units {
		b = le.AppendUint16(b, u)
	}
	return b
}

func fromUTF16(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = le.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// appendShort appends a text with its length in one byte, cut off where it is longer.
func appendShort(b []byte, s string) []byte {
	text := utf16le(s)
	text = text[:min(len(text), 2*255)]
	return append(append(b, byte(len(text)/2)), text...)
}

func appendLong(b []byte, s string) []byte {
	text := utf16le(s)
	text = text[:min(len(text), 2*4000)]
	return append(le.AppendUint16(b, uint16(len(text)/2)), text...)
}

// sized puts a token and the length in front of what it holds.
func sized(token byte, body []byte) []byte {
	return append(le.AppendUint16([]byte{token}, uint16(len(body))), body...)
}

func problemToken(token byte, p *Problem, server string) []byte {
	b := le.AppendUint32(nil, uint32(p.Number))
	b = append(b, p.State, p.Class)
	b = appendLong(b, p.Message)
	b = appendShort(b, server)
	b = appendShort(b, "")
	return sized(token, le.AppendUint32(b, 1))
}

func environmentText(kind byte, now, before string) []byte {
	return sized(tokenEnvironment, appendShort(appendShort([]byte{kind}, now), before))
}

func environmentBytes(kind byte, now, before []byte) []byte {
	b := append([]byte{kind, byte(len(now))}, now...)
	return sized(tokenEnvironment, append(append(b, byte(len(before))), before...))
}

func done(token byte, status, command uint16, count uint64) []byte {
	b := le.AppendUint16([]byte{token}, status)
	return le.AppendUint64(le.AppendUint16(b, command), count)
}

// columnsToken is COLMETADATA (2.2.7.4).
func columnsToken(columns []Column) []byte {
	b := le.AppendUint16([]byte{tokenColumns}, uint16(len(columns)))
	for _, c := range columns {
		b = append(b, 0, 0, 0, 0) // no type of a user's
		b = le.AppendUint16(b, 0x0001|0x0008)
		switch c.Kind {
		case Text:
			b = append(le.AppendUint16(append(b, typeNVarChar), 2*maxText), collation...)
		case LongText:
			b = append(append(b, typeNVarChar, 0xFF, 0xFF), collation...)
		case Int:
			b = append(b, typeInt, 4)
		case BigInt:
			b = append(b, typeInt, 8)
		case Bit:
			b = append(b, typeBit, 1)
		case DateTime:
			b = append(b, typeDateTime, 8)
		case DateTime2:
			b = append(b, typeDateTime2, 7)
		case DateTimeOffset:
			b = append(b, typeDateTimeOffset, 7)
		case GUID:
			b = append(b, typeGUID, 16)
		}
		b = appendShort(b, c.Name)
	}
	return b
}

// appendRow appends a row: with a bit for each null where that is shorter and the
// client knows it (NBCROW, since 7.3B), else as ROW.
func appendRow(b []byte, columns []Column, row []any, bits bool) []byte {
	nulls := 0
	for _, v := range row {
		if v == nil {
			nulls++
		}
	}
	if !bits || nulls <= (len(row)+7)/8 {
		b = append(b, tokenRow)
		for i, v := range row {
			b = appendValue(b, columns[i].Kind, v)
		}
		return b
	}
	b = append(b, tokenNullsRow)
	at := len(b)
	b = append(b, make([]byte, (len(row)+7)/8)...)
	for i, v := range row {
		if v == nil {
			b[at+i/8] |= 1 << (i % 8)
			continue
		}
		b = appendValue(b, columns[i].Kind, v)
	}
	return b
}

func appendValue(b []byte, kind Kind, value any) []byte {
	switch v := value.(type) {
	case nil:
		switch kind {
		case Text:
			return append(b, 0xFF, 0xFF)
		case LongText:
			return le.AppendUint64(b, 1<<64-1)
		}
		return append(b, 0)
	case string:
		text := utf16le(v)
		if kind == Text {
			return append(le.AppendUint16(b, uint16(len(text))), text...)
		}
		b = le.AppendUint64(b, uint64(len(text)))
		for len(text) > 0 {
			n := min(len(text), 8000)
			b = append(le.AppendUint32(b, uint32(n)), text[:n]...)
			text = text[n:]
		}
		return le.AppendUint32(b, 0)
	case int64:
		if kind == Int {
			return le.AppendUint32(append(b, 4), uint32(v))
		}
		return le.AppendUint64(append(b, 8), uint64(v))
	case bool:
		if v {
			return append(b, 1, 1)
		}
		return append(b, 1, 0)
	case time.Time:
		return appendTime(b, kind, v)
	case [16]byte: // the first three parts are numbers
		return append(b, 16, v[3], v[2], v[1], v[0], v[5], v[4], v[7], v[6], v[8], v[9], v[10], v[11], v[12], v[13], v[14], v[15])
	}
	return append(b, 0)
}

// dayOf counts the days of the calendar from the first of January of a year.
func dayOf(t time.Time, year int) int64 {
	first := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	return (time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() - first) / (24 * 60 * 60)
}

func appendTime(b []byte, kind Kind, t time.Time) []byte {
	_, offset := t.Zone()
	if kind == DateTimeOffset {
		t = t.UTC()
	}
	clock := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
	if kind == DateTime {
		b = le.AppendUint32(append(b, 8), uint32(int32(dayOf(t, 1900))))
		return le.AppendUint32(b, uint32(min((clock*300+time.Second/2)/time.Second, 24*60*60*300-1)))
	}
	size := byte(8)
	if kind == DateTimeOffset {
		size = 10
	}
	b = append(b, size)
	b = append(b, le.AppendUint64(nil, uint64(clock/100))[:5]...)
	b = append(b, le.AppendUint32(nil, uint32(dayOf(t, 1)))[:3]...)
	if kind == DateTimeOffset {
		b = le.AppendUint16(b, uint16(int16(offset/60)))
	}
	return b
}
