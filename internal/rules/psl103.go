package rules

import (
	"fmt"
	"slices"

	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/wording"
)

func psl103() *Rule {
	return &Rule{
		Code:        "PSL103",
		Title:       "The new owner's copy has the right size and the wrong content",
		Default:     finding.Error,
		DefaultWhen: "warning while a wait and a verify stand before the take",
		Floor:       finding.Note,
		FloorWhen:   "error when it blocks",
		Scope:       OfImage,
		Fix:         "delete the wrong files on the new owner, so that it downloads them again.",
		Doc: Doc{
			Means: `The server that shall become owner holds files with the right names and sizes, and
their hashes are not those of the reference content.`,
			Why: `A package server compares name, size and time only (law 6, TECH140644). It keeps
such a file for ever and even sets its time right; no refresh and no new download
mends it. Only hashing finds it. Once this server is the owner, its wrong bytes are
the image, and every other server gets them.`,
			Example: `A disk on PS010 was repaired, and one file came back damaged:

    PS010 holds all 3 files with the right names and sizes (12.4 GiB), and other
    bytes: sha256:41c7… instead of sha256:9f02…. A package server would keep them for
    ever; step 2 clears them, and then they are downloaded again.`,
			Quiet: `Not where no hash was taken: plan uses hashes that were recorded and makes none,
unless it is run with |-verify=hash|. Not where files are missing or have other sizes
(PSL102). Copies on servers that do not become owner are mended too where the
declared assignment names them, without this finding.`,
			Do: `Let the plan's |clear_copy| step be done: an operator deletes the named files on that
server, while a good copy stands elsewhere, and the server downloads them again.`,
		},
		image: func(s *subject) {
			if s.taker == estate.NoServer {
				return
			}
			c, class := s.copyOn(s.taker)
			if class != estate.Different || !c.Evidence.SameSizes(&s.j.Reference.Content) && !slices.Contains(s.m.Clears, s.taker) {
				return
			}
			name := s.e.ServerName(s.taker)
			detail := fmt.Sprintf("%s holds all %s with the right names and sizes (%s), and other bytes%s. A package server would keep them for ever",
				name, files(c.Evidence.Files), wording.Size(c.Evidence.Bytes), insteadOf(c.Evidence.Digest, s.j.Reference.Digest))
			fix := fmt.Sprintf("delete the files in the package folder on %s while %s is good, and refresh its policy so that it downloads them again.", name, s.origin(&s.j.Reference))
			if n := s.step(plan.ClearCopy, s.taker); n > 0 {
				detail += fmt.Sprintf("; step %d clears them, and then they are downloaded again", n)
				fix = fmt.Sprintf("have step %d done by an operator; until then nothing is taken.", n)
			}
			s.report(s.taker, s.ownerRange(), finding.Finding{Severity: s.takerSeverity(), Detail: detail + ". " + s.guard(), Fix: fix})
		},
	}
}

// insteadOf writes two digests short, where both are known.
func insteadOf(have, want estate.Digest) string {
	if have.IsZero() || want.IsZero() {
		return ""
	}
	return fmt.Sprintf(": %s instead of %s", short(have), short(want))
}

func short(d estate.Digest) string { return d.String()[:len("sha256:")+12] + "…" }
