package rules

import (
	"fmt"

	"pslan/internal/finding"
)

func psl201() *Rule {
	return &Rule{
		Code:    "PSL201",
		Title:   "The last good copy would be deleted",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfImage,
		Fix:     "bring a good copy to a server that stays before this one goes.",
		Doc: Doc{
			Means: `What is declared would take the image, its assignment or its role from the last
server on which a good copy was seen; or a refresh that the plan needs would empty
it.`,
			Why: `A server that loses its assignment deletes its files (law 7), and removing the
package service role deletes the whole |Package Delivery| folder (law 13). After that
no server can get the image from anywhere. pslan never lets this happen, and no
acknowledgement changes that.`,
			Example: `WIN11-23H2 shall be assigned to PS010 alone, and PS010 cannot be looked at:

    The servers that would lose it (PS008, PS009) hold the only good copies. Good
    copies were seen on PS008 and PS009.`,
			Quiet: `Not where another good copy stays assigned and is verified first: then the plan
verifies it, and deletes afterwards. Not for copies that are not good.`,
			Do: `Declare an owner or an assignment that brings a good copy to a server that stays, let
pslan apply that, and only then take the last one away. If the image is not needed
any more, delete it in the console: that is a decision for a person.`,
		},
		image: func(s *subject) {
			if b := s.block(); b != nil {
				s.report(b.Server, s.d.AssignmentRange, finding.Finding{
					Detail: s.goodSeen(),
					Fix:    "keep one of these servers assigned, or bring a good copy to a server that stays and let it be verified first.",
				})
			}
		},
		check: func(r *run) {
			for _, id := range r.retired {
				if r.serverBlocked(id) {
					r.reportServer(id, finding.Finding{
						Detail: fmt.Sprintf("Removing the role deletes every file on %s.", r.e.ServerName(id)),
						Fix:    fmt.Sprintf("bring good copies of these images to a server that stays, and leave %s running until they are verified.", r.e.ServerName(id)),
					}, finding.Unset)
				}
			}
		},
	}
}

// goodSeen says where good copies were seen.
func (s *subject) goodSeen() string {
	switch good := s.goodCopies(); len(good) {
	case 0:
		return "A good copy was seen on no server."
	case 1:
		return fmt.Sprintf("A good copy was seen on %s.", s.servers(good))
	default:
		return fmt.Sprintf("Good copies were seen on %s.", s.servers(good))
	}
}
