package rows

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"pslan/internal/fileerror"
	"pslan/internal/wording"
)

// CSVFile reads an exported file. UTF-8 and UTF-16 with a byte order mark are
// understood, and comma, semicolon or tab between cells, whichever the first line
// has most of. The word NULL in a cell, as the database's own tool writes it, is none.
func CSVFile(path string) (*Table, error) {
	f, err := os.Open(path)
	switch {
	case fileerror.Missing(err):
		return nil, &Fault{path, "there is no such file", "A name is relative to the folder of the configuration. Export the rows to that file, or name another one, or a report, a table or a query in its place."}
	case err != nil:
		return nil, &Fault{path, "it cannot be read: " + fileerror.Reason(err).Error(), ""}
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, &Fault{path, "it cannot be read: " + fileerror.Reason(err).Error(), ""}
	case !info.Mode().IsRegular():
		return nil, &Fault{path, "it is not a plain file", ""}
	}
	t, err := CSV(path, f)
	if t != nil {
		t.At = info.ModTime()
	}
	return t, err
}

// brokenLine is what mostly makes a line unlike the others.
const brokenLine = "Look at that line and the one before it: a quote may stand open, a separator be missing or stand in a text without quotes. Then export the file anew."

// CSV is CSVFile from a stream.
func CSV(from string, in io.Reader) (*Table, error) {
	fault := func(format string, args ...any) error {
		return &Fault{From: from, Problem: fmt.Sprintf(format, args...)}
	}
	bounded := &limited{in: in, left: MaxBytes}
	text := bufio.NewReaderSize(transform.NewReader(bounded, unicode.BOMOverride(unicode.UTF8.NewDecoder())), 64<<10)
	head, err := text.Peek(32 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fault("it cannot be read: %v", err)
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return nil, fault("it is no text: export it as CSV in UTF-8")
	}
	r := csv.NewReader(text)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = delimiter(head), true, -1, true
	header, err := r.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fault("it is empty: its first line has to name the columns")
	case err != nil:
		return nil, fault("%v", err)
	case len(header) > MaxColumns:
		return nil, fault("it has %d columns, more than %d", len(header), MaxColumns)
	}
	t := &Table{From: from}
	for _, name := range header {
		t.Columns = append(t.Columns, strings.TrimSpace(name))
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, fault("%v", err)
		}
		if err := t.take(record); err != nil {
			line, _ := r.FieldPos(0)
			return nil, &Fault{from, fmt.Sprintf("line %d: %v", line, err), brokenLine}
		}
	}
}

// take adds one line, unless there is nothing in it.
func (t *Table) take(record []string) error {
	switch {
	case len(t.Rows) >= MaxRows:
		return fmt.Errorf("there are more than %d rows", MaxRows)
	case len(record) == 1 && strings.TrimSpace(record[0]) == "":
		return nil
	case len(record) != len(t.Columns):
		return fmt.Errorf("it has %s, and the first line names %s", wording.Count(len(record), "cell", "cells"), wording.Count(len(t.Columns), "column", "columns"))
	}
	row := make([]Cell, len(record))
	for i, text := range record {
		if len(text) > maxCell {
			return fmt.Errorf("the cell of %s is larger than %d bytes", t.Columns[i], maxCell)
		}
		row[i] = Cell{Text: text, Null: text == "NULL"}
	}
	t.Rows = append(t.Rows, row)
	return nil
}

// delimiter is the one of comma, semicolon and tab that the first line has most of,
// outside of quotes.
func delimiter(head []byte) rune {
	count := map[rune]int{}
	quoted := false
	for _, c := range string(head) {
		if c == '"' {
			quoted = !quoted
		}
		if c == '\n' && !quoted {
			break
		}
		if !quoted {
			count[c]++
		}
	}
	best := ','
	for _, c := range []rune{';', '\t'} {
		if count[c] > count[best] {
			best = c
		}
	}
	return best
}

// limited ends a stream with an error where io.LimitReader would end it in silence.
type limited struct {
	in   io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("it is larger than %d MiB", MaxBytes>>20)
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.in.Read(p)
	l.left -= int64(n)
	return n, err
}
