package tds

import (
	"context"
	"time"
)

// answer is the answer to one request, as it is written.
type answer struct {
	c         *conn
	w         *writer
	raised    int64 // attentions that had come when it began
	procedure bool  // it answers a stored procedure
}

// cmdSelect stands in the DONE of a SELECT.
const cmdSelect = 0xC1

func (a *answer) flush(last bool) error {
	if err := a.c.stream.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	if last {
		return a.w.end()
	}
	if len(a.w.packet) > headerSize {
		a.w.flush(0)
	}
	return a.w.err
}

// end writes the last token: of a batch it is the DONE of its last statement, of a
// procedure one of its own.
func (a *answer) end(failed bool) {
	status := uint16(0)
	if failed {
		status = doneError
	}
	if a.procedure {
		a.w.write(le.AppendUint32([]byte{tokenReturnStatus}, 0))
		a.w.write(done(tokenDoneProc, status, 0, 0))
		return
	}
	a.w.write(done(tokenDone, status, 0, 0))
}

// refuse answers with an error.
func (a *answer) refuse(p *Problem, text string) {
	a.c.server.count(func(n *Counts) {
		switch p.Number {
		case 3906:
			n.Writes++
		case 102, 2812, 3988:
			n.NotUnderstood++
		}
	})
	a.log(text, 0, p)
	a.w.write(problemToken(tokenError, p, a.c.server.o.Name))
	a.end(true)
}

func (a *answer) log(text string, rows int, p *Problem) {
	if a.c.server.o.Log != nil {
		a.c.server.o.Log(Statement{Session: a.c.session, Text: text, Rows: rows, Problem: p})
	}
}

// statements carries out a batch. The first problem ends it.
func (a *answer) statements(ctx context.Context, text string, variables map[string]any) error {
	all, p := parse(text)
	if p != nil {
		a.refuse(p, text)
		return nil
	}
	for i, s := range all {
		d := &a.c.server.o.Database
		more := i < len(all)-1
		switch s.kind {
		case statementSelect:
			if ended, err := a.selection(ctx, s.query, text, variables, more); ended || err != nil {
				return err
			}
			continue
		case statementWrite:
			a.refuse(readOnly(d.Name, s.text), text)
			return nil
		case statementUse:
			if !equal(s.text, d.Name) {
				a.refuse(problem(911, 16, "Database '%s' does not exist. Make sure that the name is entered correctly.", shortened(s.text)), text)
				return nil
			}
			a.w.write(environmentText(envDatabase, d.Name, d.Name))
		case statementBegin:
			a.begin()
		case statementCommit, statementRollback:
			if a.c.transaction == 0 {
				a.refuse(problem(3903, 16, "The request has no corresponding BEGIN TRANSACTION."), text)
				return nil
			}
			a.finish(s.kind == statementCommit)
		}
		a.log(text, 0, nil)
		a.statementDone(0, 0, 0, more)
	}
	if len(all) == 0 || a.procedure {
		a.end(false)
	}
	return nil
}

// statementDone ends one statement.
func (a *answer) statementDone(status, command uint16, rows int, more bool) {
	token := byte(tokenDone)
	if a.procedure {
		token, more = tokenDoneInProc, true
	}
	if more {
		status |= doneMore
	}
	a.w.write(done(token, status, command, uint64(rows)))
}

// selection answers a SELECT; ended: the batch does not go on.
func (a *answer) selection(ctx context.Context, q *query, text string, variables map[string]any, more bool) (ended bool, err error) {
	r, p := a.c.run(ctx, q, variables)
	if p != nil {
		a.refuse(p, text)
		return true, nil
	}
	var t *Trouble
	if r.table != nil {
		t = a.c.server.trouble(OnRows, r.table.Schema+"."+r.table.Name)
	}
	a.w.write(columnsToken(r.columns))
	var token []byte
	for i, row := range r.rows {
		if t != nil && i == t.Rows {
			return true, a.suffer(ctx, t, text, i)
		}
		if a.c.raised.Load() > a.raised {
			a.attend()
			a.log(text, i, nil)
			return true, nil
		}
		token = appendRow(token[:0], r.columns, row, a.c.bits)
		if len(a.w.packet)+len(token) > a.w.size {
			if err := a.c.stream.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
				return true, err
			}
		}
		if a.w.write(token); a.w.err != nil {
			return true, a.w.err
		}
	}
	if t != nil {
		return true, a.suffer(ctx, t, text, len(r.rows))
	}
	a.log(text, len(r.rows), nil)
	a.c.server.count(func(n *Counts) { n.Selects++ })
	a.statementDone(doneCount, cmdSelect, len(r.rows), more)
	return false, nil
}

// attend ends the answer because the client has asked for it.
func (a *answer) attend() {
	a.c.answered = a.c.raised.Load()
	a.w.write(done(tokenDone, doneAttention, 0, 0))
}

// suffer has a trouble come in the middle of rows; those before it are on their way.
func (a *answer) suffer(ctx context.Context, t *Trouble, text string, rows int) error {
	if t.Harm == Refuse {
		a.refuse(&t.Error, text)
		return nil
	}
	if err := a.flush(false); err != nil {
		return err
	}
	a.log(text, rows, nil)
	switch t.Harm {
	case Silent:
		<-ctx.Done() // the client is gone, or the server closes
		return errHarmed
	case Blocked:
		for a.c.raised.Load() == a.raised {
			select {
			case <-a.c.attention:
			case <-ctx.Done():
				return errHarmed
			}
		}
		a.attend()
		return nil
	}
	return errHarmed
}

func (a *answer) begin() {
	c := a.c
	c.last++
	c.transaction = uint64(c.number)<<32 | c.last
	c.server.count(func(n *Counts) { n.Begun++ })
	a.w.write(environmentBytes(envBegun, le.AppendUint64(nil, c.transaction), nil))
}

func (a *answer) finish(commit bool) {
	c := a.c
	if c.transaction == 0 {
		return
	}
	kind := byte(envRolledBack)
	c.server.count(func(n *Counts) {
		if commit {
			n.Committed++
		} else {
			n.RolledBack++
		}
	})
	if commit {
		kind = envCommitted
	}
	a.w.write(environmentBytes(kind, nil, le.AppendUint64(nil, c.transaction)))
	c.transaction = 0
}
