package rules

import (
	"fmt"
	"strings"

	"pslan/internal/finding"
)

func psl105() *Rule {
	return &Rule{
		Code:    "PSL105",
		Title:   "The new owner's copy cannot be seen",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfImage,
		Fix:     "make the copy readable for pslan, or choose another owner.",
		Doc: Doc{
			Means: `pslan cannot look at the files on the server that shall become owner: it is off, its
folder cannot be read, or nothing is configured to look there.`,
			Why: `What the platform says of a copy proves nothing (law 5): in KB 227791 every package
on the new server said Ready and had no folder. Ownership is never taken on that
word. A copy that was not listed and compared with the reference does not become the
owner's.`,
			Example: `The share on PS010 answers "access denied":

    PS010 could not be looked at: open /mnt/ps010/Package Delivery: permission denied.
    Assigning and waiting go on; the take is blocked.`,
			Quiet: `Not where the server is only not assigned yet and can be looked at once it has
downloaded. Not for servers that do not become owner: for them it is PSL109.`,
			Do: `Make the files visible: bring the server up, check |content| in the files (method,
root, the mount or share), and the permissions of the account that runs pslan. Or
choose an owner that can be seen.`,
		},
		image: func(s *subject) {
			b := s.block()
			if b == nil || !b.Server.IsServer() {
				return
			}
			detail := ""
			if c, _ := s.copyOn(b.Server); c == nil || c.Evidence.Error == "" || !strings.Contains(b.Detail, c.Evidence.Error) {
				detail = fmt.Sprintf("It is %s. ", s.unseen(b.Server))
			}
			if !b.Whole {
				detail += "Assigning and waiting go on; the take is blocked."
			}
			s.report(b.Server, s.ownerRange(), finding.Finding{
				Detail: detail,
				Fix:    fmt.Sprintf("bring %s up and make its package folder readable for pslan, or choose an owner that can be seen.", s.e.ServerName(b.Server)),
			})
		},
	}
}
