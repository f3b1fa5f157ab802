package serve

import (
	"fmt"
	"slices"
	"time"

	"pslan/internal/estate"
	"pslan/internal/wording"
)

// A report may read a table that a job fills now and then, and its author may have got
// its statement wrong. Both are told in rows like any other, and nothing on the wire
// tells them from right ones.

// The kinds of wrong rows of the report assignments (Dialect.AssignmentRows).
const (
	rowsRight = "right"
	rowsShort = "short" // the last member of each list is missing
	rowsAll   = "all"   // every package is assigned to all
)

// kept is what a report told at a time of the lab.
type kept struct {
	at   time.Time
	rows *rowset
}

// lagging runs a report, or tells what it told before, if that is not older than its lag.
func (s *Server) lagging(name string, run func() (*rowset, error)) (*rowset, error) {
	lag := time.Duration(of(s.dialect.ReportLag, name))
	if lag <= 0 {
		return run()
	}
	now := s.lab.Now()
	s.mu.Lock()
	k, ok := s.told[name]
	s.mu.Unlock()
	if ok && now.Sub(k.at) < lag {
		return k.rows.clone(), nil
	}
	t, err := run()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told == nil {
		s.told = map[string]kept{}
	}
	s.told[name] = kept{now, t}
	return t.clone(), nil
}

// clone is a set of the same rows that may be cut.
func (t *rowset) clone() *rowset { return &rowset{columns: t.columns, rows: slices.Clone(t.rows)} }

// asTold is an assignment as the report tells it.
func (r *reportRows) asTold(mode estate.AssignmentMode, members []estate.GUID) (estate.AssignmentMode, []estate.GUID) {
	switch r.server.dialect.AssignmentRows {
	case rowsShort:
		return mode, members[:max(min(1, len(members)), len(members)-1)]
	case rowsAll:
		return estate.AssignAll, nil
	}
	return mode, members
}

// checkLags refuses lags of reports that there are not.
func (d *Dialect) checkLags() (errs []error) {
	names := []string{"*"}
	for _, r := range Reports() {
		names = append(names, r.Name)
	}
	for _, name := range sortedKeys(d.ReportLag) {
		if !slices.Contains(names, name) {
			errs = append(errs, fmt.Errorf("there is no report %q for report_lag.%s", name, wording.DidYouMean(name, names)))
		}
		if d.ReportLag[name] < 0 {
			errs = append(errs, fmt.Errorf("report_lag.%s cannot be less than nothing", name))
		}
	}
	return errs
}
