package tds

import "strings"

// Moment is when a trouble comes.
type Moment uint8

// The moments.
const (
	OnConnect Moment = iota // before the first answer
	OnLogin                 // in place of the answer to a login
	OnRows                  // in an answer with rows of a table
)

// Harm is what a trouble does.
type Harm uint8

// The harms.
const (
	// Cut ends the connection without a word.
	Cut Harm = iota
	// Silent: nothing comes any more, whatever is sent.
	Silent
	// Blocked: nothing comes until the client gives up with an attention, which is
	// answered: another transaction holds a lock. Before the rows it is Silent.
	Blocked
	// Refuse answers with the error of the trouble, and that is the end of the answer.
	Refuse
)

// Trouble has something go wrong.
type Trouble struct {
	On    Moment
	Table string // OnRows: of which, schema.name; "" for any
	Rows  int    // OnRows: after so many
	Count int    // how often it comes; 0: always
	Harm  Harm
	Error Problem // of Refuse
}

// Harm has a trouble come from now on, in place of all others; without one nothing
// goes wrong.
func (s *Server) Harm(troubles ...Trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.troubles = append([]Trouble(nil), troubles...)
}

// trouble returns the one that comes now, nil for none, and counts it.
func (s *Server) trouble(on Moment, table string) *Trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.troubles {
		t := &s.troubles[i]
		if t.On != on || t.Count < 0 || t.Table != "" && !strings.EqualFold(t.Table, table) {
			continue
		}
		if t.Count > 0 {
			if t.Count--; t.Count == 0 {
				t.Count = -1 // it has come for the last time
			}
		}
		found := *t
		return &found
	}
	return nil
}
