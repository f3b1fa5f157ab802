package rules

import (
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl101() *Rule {
	return &Rule{
		Code:        "PSL101",
		Title:       "An empty package would become locally managed",
		Default:     finding.Error,
		DefaultWhen: "warning while a wait and a verify stand before the take",
		Floor:       finding.Note,
		FloorWhen:   "error when it blocks",
		Scope:       OfImage,
		Fix:         "let the new owner download the files, or put them there by hand, before it takes ownership.",
		Doc: Doc{
			Means: `The server that shall become owner of the image is assigned, was looked at, and
holds no file of it: there is no package folder, or the folder is empty.`,
			Why: `A server that takes ownership of an empty copy becomes the owner of an empty
package (law 4). It works, silently and at once. There is nowhere left to download
from; a refresh makes a snapshot of the emptiness, and the other servers follow it
and delete their files. The console goes on saying Ready. The vendor's article
KB 227791 is about a company to which this happened.`,
			Example: `PS010 shall own WIN11-23H2. Its cache folder is empty:

    Warning: An empty package would become locally managed [PSL101]

    PS010 is assigned and holds 0 of 3 files (0 B of 12.4 GiB). After "take
    ownership" there would be no server left to download from. pslan will not run
    step 4 until step 3 has passed.

It is a warning here, because steps 2 and 3 wait for the download and compare it
with the owner's files. Where nothing could be downloaded it is an error, and the
take is blocked.`,
			Quiet: `Not where the new owner is not assigned yet: that is normal before a move, and is
PSL301. Not where the copy could not be seen: that is PSL105. Not for servers that
only receive a copy.`,
			Do: `Refresh the policy on the new owner ("Update configuration" on the server, or its
own schedule) and let it download from the present owner. If no server holds the
files any more, put them into the package folder by hand from wherever they still
exist, refresh, and look whether the snapshot lists them. Then run pslan again: it
compares the files and goes on. Never take ownership by hand while this stands.`,
		},
		image: func(s *subject) {
			if s.taker == estate.NoServer {
				return
			}
			c, class := s.copyOn(s.taker)
			if !class.IsBare() || !s.covers(&s.img.Assignment, s.taker) {
				return
			}
			detail := fmt.Sprintf(`%s is assigned and holds %s. After "take ownership" there would be no server left to download from. %s`,
				s.e.ServerName(s.taker), held(&c.Evidence, &s.j.Reference), s.guard())
			if s.blocked() { // the block has said the rest
				detail = fmt.Sprintf("Seen there: %s. %s", bare(class), s.guard())
			}
			s.report(s.taker, s.ownerRange(), finding.Finding{Severity: s.takerSeverity(), Detail: detail, Fix: s.takerFix()})
		},
	}
}

// bare says in what way a copy holds no file.
func bare(class estate.Class) string {
	if class == estate.Empty {
		return "an empty package folder"
	}
	return "no package folder"
}
