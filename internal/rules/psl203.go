package rules

import (
	"fmt"

	"pslan/internal/diag"
	"pslan/internal/finding"
)

func psl203() *Rule {
	return &Rule{
		Code:    "PSL203",
		Title:   "Fewer verified copies would stay than min_copies",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfImage,
		Fix:     "bring more copies first, or keep more servers assigned.",
		Doc: Doc{
			Means: `The plan would delete copies of the image, and fewer copies that can be verified
would stay assigned than |min_copies| asks for; or the owner's copy cannot be
verified.`,
			Why: `The number is yours: it says how many servers may burn before an image is gone.
pslan takes an assignment away only when that many other copies were compared with
the reference, the owner's among them (promise P3).`,
			Example: `    1 of 2 copies could be verified and would stay: PS010. min_copies is 2
    (pslan.hcl line 40). A good copy was seen on PS008.`,
			Quiet: `Not where nothing is deleted. Copies that are marked for deletion, or on servers that
are retired, do not count as staying.`,
			Do: `Assign one more server and let it download, bring a server up so that its copy can be
seen, or lower |min_copies| if the number was meant for other images.`,
		},
		image: func(s *subject) {
			b := s.block()
			if b == nil {
				return
			}
			at := s.d.AssignmentRange
			detail := fmt.Sprintf("min_copies is %d%s. %s", s.d.MinCopies, place(s.d.MinCopiesRange), s.goodSeen())
			s.report(b.Server, at, finding.Finding{
				Detail: detail,
				Fix:    "keep another server with a good copy assigned, or bring one more copy and let it be verified first.",
			})
		},
	}
}

// place writes where something is declared, in brackets; "" for a default.
func place(at diag.Range) string {
	if at.IsZero() {
		return ""
	}
	return fmt.Sprintf(" (%s line %d)", at.Filename, at.Start.Line)
}
