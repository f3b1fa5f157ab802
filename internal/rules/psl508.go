package rules

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl508() *Rule {
	return &Rule{
		Code:        "PSL508",
		Title:       "A preboot configuration still names an old server",
		Default:     finding.Error,
		DefaultWhen: "warning where it names neither a retired server nor the SMP that others leave",
		Floor:       finding.Note,
		FloorWhen:   "warning for a retired server or the old SMP",
		Scope:       OfServer,
		Fix:         "declare the preboot configuration with connects_to, so that it is changed and rebuilt.",
		Doc: Doc{
			Means: `After the plan a boot environment would still connect to a server that is retired, or
to another host than the SMP.`,
			Why: `The NS connection profile is built into the boot image. A machine that boots it calls
the old name, gets no answer, and cannot be deployed; it shows on the day when somebody
needs it. The profile has to be changed and the configuration rebuilt before the old
hardware goes (law 15).`,
			Example: `    WinPE-x64 connects to smp01.contoso.com; the SMP is smp02.contoso.com.`,
			Quiet: `Not where it connects to the SMP, or to what its block declares. Not where the plan
changes it.`,
			Do: `Write a |preboot_configuration| block with |connects_to|; the plan then has its profile
changed and the configuration rebuilt. If the boot environment is not used any more,
delete it in the console, or acknowledge the finding in the block of the retired
server or in the policy.`,
		},
		check: func(r *run) {
			after := r.connectsAfter()
			named := make([]bool, len(after))
			for _, id := range r.retired {
				var names []string
				for n, to := range after {
					if slices.Contains(r.Index.HostMatches(to), id) {
						names = append(names, r.e.Preboots[n].Name)
						named[n] = true
					}
				}
				if len(names) > 0 {
					r.reportBootsRetired(id, names)
				}
			}
			for n, to := range after {
				if !named[n] && to != "" && !sameHost(to, r.e.SMP.Name) {
					r.reportBoots(int32(n), to)
				}
			}
		},
	}
}

// connectsAfter is what each preboot configuration connects to after the plan.
func (r *run) connectsAfter() []string {
	after := make([]string, len(r.e.Preboots))
	for n := range r.e.Preboots {
		after[n] = r.e.Preboots[n].ConnectsTo
	}
	for _, change := range r.Plan.Changes {
		if c, ok := change.(*diff.PrebootChange); ok && len(c.Blocked) == 0 {
			after[c.Preboot] = c.ConnectsToAfter
		}
	}
	return after
}

func (r *run) reportBootsRetired(id estate.ServerID, names []string) {
	name := r.e.ServerName(id)
	f := finding.Finding{
		Detail: "A machine that boots it would call a server that is gone.",
		Fix:    fmt.Sprintf("declare %s with connects_to, so that the profile is changed and the configuration rebuilt before %s goes.", list(names), name),
	}
	if !r.serverBlocked(id) {
		f.Detail = fmt.Sprintf("%s %s to %s, which is retired.", list(names), pick(len(names), "connects", "connect"), name)
	}
	r.reportServer(id, f, finding.Warning)
}

// reportBoots is about a configuration that names neither the SMP nor a retired server.
func (r *run) reportBoots(n int32, to string) {
	b := r.prebootBlock(n)
	if b != nil && estate.Fold(b.ConnectsTo) == estate.Fold(to) {
		return // a person's word
	}
	f := finding.Finding{
		Severity: finding.Warning,
		Address:  estate.Address("preboot_configuration").Member(r.e.Preboots[n].Name),
		Detail:   fmt.Sprintf("%s connects to %s; the SMP is %s.", r.e.Preboots[n].Name, to, r.e.SMP.Name),
	}
	if b != nil {
		f.Address, f.In, f.Range = b.Address, b.In, b.ConnectsToRange
	}
	floor := finding.Unset
	if r.leftBehind(to) {
		f.Severity, floor = finding.Error, finding.Warning
		f.Detail += " Other configurations leave that server with this plan."
	}
	r.add(hit{Finding: f, image: -1, server: estate.NoServer, floor: floor})
}

func (r *run) prebootBlock(n int32) *declared.Preboot {
	for i := range r.Resolved.Preboots {
		if r.Resolved.Preboots[i].Preboot == n {
			return r.Resolved.Preboots[i].Block
		}
	}
	return nil
}

// leftBehind reports whether the plan changes other configurations from a host to
// the SMP: then that host is the old one.
func (r *run) leftBehind(host string) bool {
	for _, change := range r.Plan.Changes {
		c, ok := change.(*diff.PrebootChange)
		if ok && sameHost(c.ConnectsToBefore, host) && sameHost(c.ConnectsToAfter, r.e.SMP.Name) {
			return true
		}
	}
	return false
}

// sameHost reports whether two host names mean the same: equal without case, or one
// of them is only the first label of the other.
func sameHost(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	la, ra, _ := strings.Cut(a, ".")
	lb, rb, _ := strings.Cut(b, ".")
	return la != "" && strings.EqualFold(la, lb) && (ra == "" || rb == "")
}
