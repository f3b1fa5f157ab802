package rules

import (
	"fmt"

	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
)

// The rules about the copy of the server that is to become owner share their
// severity: a warning while a wait and a verify stand before the take, else an error.

// takerSeverity is the severity of PSL101 to PSL103.
func (s *subject) takerSeverity() finding.Severity {
	if s.m.TakeWaits && !s.blocked() {
		return finding.Warning
	}
	return finding.Error
}

// guard says what keeps the take from happening too early, naming the steps as
// they are printed.
func (s *subject) guard() string {
	take, verify := s.takeAndVerify(s.taker)
	switch {
	case take > 0 && verify > 0:
		return fmt.Sprintf("pslan will not run step %d until step %d has passed.", take, verify)
	case s.m.TakeWaits:
		return "pslan will not let it take ownership before its copy has come and was compared."
	default:
		return "pslan will not let it take ownership."
	}
}

// ownerRange is where the owner is declared, be it by a block or by a lifecycle.
func (s *subject) ownerRange() diag.Range {
	if s.d.OwnerSource == diff.OwnerUndeclared {
		return s.d.Range
	}
	return s.d.OwnerRange
}

// takerFix is what helps a new owner whose copy is not there: to download, or, where
// nobody is left to download from, to get the files by hand.
func (s *subject) takerFix() string {
	name := s.e.ServerName(s.taker)
	if middle := s.m.Middle(); s.m.TakeWaits && middle != estate.NoServer {
		return fmt.Sprintf("nothing by hand: the plan lets %s take ownership first, and %s downloads from it.", s.e.ServerName(middle), name)
	}
	if s.m.TakeWaits {
		return s.refreshFix(fmt.Sprintf("refresh the policy on %s so that it downloads.", name), s.taker)
	}
	byHand := fmt.Sprintf("put the files into the package folder on %s by hand", name)
	if harmed := s.refreshHarms(s.taker); harmed != "" {
		return byHand + fmt.Sprintf(" and plan again; the GUID stays the same. Do not refresh %s before the good copies of %s are safe.", name, harmed)
	}
	return byHand + ", refresh its policy, and look whether the snapshot lists them; the GUID stays the same, and pslan compares them and goes on."
}

// refreshFix is an advice to refresh servers, or, where that would endanger good
// copies of some image as things stand, the warning not to (law 4).
func (r *run) refreshFix(advice string, ids ...estate.ServerID) string {
	for _, id := range ids {
		if harmed := r.refreshHarms(id); harmed != "" {
			return fmt.Sprintf("do not refresh %s by hand: as things stand that would endanger the good copies of %s. Apply the plan, which keeps the right order.",
				r.e.ServerName(id), harmed)
		}
	}
	return advice
}

// refreshHarms names the images whose good copies a refresh of a server would
// endanger, "" if there are none.
func (r *run) refreshHarms(id estate.ServerID) string {
	if !id.IsServer() || int(id) >= len(r.Plan.Servers) || len(r.Plan.Servers[id].RefreshHarms) == 0 {
		return ""
	}
	return list(r.imageNames(r.Plan.Servers[id].RefreshHarms))
}
