package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"pslan/internal/plan"
)

// TestUndo: what a plan is undone by, and what it cannot be undone by.
func TestUndo(t *testing.T) {
	for name, c := range map[string]struct{ estate, declared, want string }{
		"a server is retired": {
			`server PS008 site=HQ
server PS010 site=HQ
image W11 owner=PS008 assign=all copies=PS008:A,PS010:A
image STAYS owner=PS010 assign=PS010 copies=PS010:A`,
			`server PS008 retired successors=PS010`,
			`image["W11"] owner PS008, assigned all ; moves
copy deleted: W11 on PS008, 3 files
package service role removed: PS008 on PS008, -1 files`,
		},
		"an assignment shrinks": {
			`server PS008
server PS009
image W11 owner=PS008 assign=PS008,PS009 copies=PS008:A,PS009:A`,
			`image W11 assign=PS008`,
			`image.w11 owner PS008, assigned servers PS008,PS009; assigns
copy deleted: W11 on PS009, 3 files`,
		},
		"a legacy image, and one that is blocked": {
			`server PS008
server PS010
image OLD owner=PS008 legacy copies=PS008:A
image VOID owner=PS008 legacy copies=PS008:0`,
			`image OLD owner=PS010
image VOID owner=PS010`,
			`image.old owner PS008, assigned  ; moves assigns
converted to the managed format: OLD on PS008, -1 files`,
		},
		"wrong bytes are cleared": {
			`server PS008
server PS010
image W11 owner=PS008 assign=all copies=PS008:A,PS010:A~`,
			`image W11 owner=PS010`,
			`image.w11 owner PS008, assigned all ; moves
wrong files cleared: W11 on PS010, -1 files`,
		},
		"the SMP moves": {
			`image W11 owner=smp loc=\\smp01\w11 content=A copies=smp:A
preboot WinPE smp01`,
			`image W11 loc=\\smp02\w11
preboot WinPE smp02`,
			`image.w11 owner smp, assigned  ; relocates from \\smp01\w11
preboot_configuration.winpe connects to smp01`,
		},
		"nothing changes": {"server PS008\nimage W11 owner=PS008 assign=all copies=PS008:A", "image W11 owner=PS008", ""},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := makePlan(c.estate, c.declared)
			if err != nil {
				t.Fatal(err)
			}
			if got := undoText(plan.UndoOf(m.plan)); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func undoText(u plan.Undo) string {
	var lines []string
	for _, i := range u.Images {
		line := fmt.Sprintf("%s owner %s, assigned %s %s;", i.Address, i.Owner, i.Assignment.Mode, strings.Join(i.Assignment.Servers, ","))
		if i.Moves {
			line += " moves"
		}
		if i.Assigns {
			line += " assigns"
		}
		if i.Relocates {
			line += " relocates from " + i.Location
		}
		lines = append(lines, line)
	}
	for _, p := range u.Preboots {
		lines = append(lines, fmt.Sprintf("%s connects to %s", p.Address, p.ConnectsTo))
	}
	for _, l := range u.Losses {
		lines = append(lines, fmt.Sprintf("%s: %s on %s, %d files", l.Kind, l.Name, l.Server, l.Files))
	}
	return strings.Join(lines, "\n")
}
