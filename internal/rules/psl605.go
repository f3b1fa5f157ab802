package rules

import (
	"fmt"

	"pslan/internal/finding"
)

func psl605() *Rule {
	return &Rule{
		Code:    "PSL605",
		Title:   "This is not the platform the configuration is for",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfRun,
		Fix:     "check the connection, or the smp named in the pslan block.",
		Doc: Doc{
			Means: `The files say |pslan { estate { smp = "..." } }|, and the platform that answered is
another one.`,
			Why: `Test and production often have servers and images of the same names. A plan for the one
must never be applied to the other.`,
			Example: `    The files are for smp01.contoso.com, and the platform is smp-test.contoso.com.`,
			Quiet: `Not where no |estate| block is given. Case does not matter, and a name without a domain
matches the same name with one.`,
			Do: `Check |connection| and the variables it uses. After a real change of the SMP's name,
change |smp| in the |estate| block.`,
		},
		check: func(r *run) {
			g := &r.Declared.Guard
			if g.SMP == "" || sameHost(g.SMP, r.e.SMP.Name) {
				return
			}
			is := r.e.SMP.Name
			if is == "" {
				is = "one that does not tell its name"
			}
			r.report(finding.Finding{
				Range: g.Range, In: "pslan",
				Detail: fmt.Sprintf("The files are for %s, and the platform is %s.", g.SMP, is),
			})
		},
	}
}
