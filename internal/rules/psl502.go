package rules

import (
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/wording"
)

func psl502() *Rule {
	return &Rule{
		Code:    "PSL502",
		Title:   "Converting would create an empty package",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfImage,
		Fix:     "put the files back into the folder before the image is converted.",
		Doc: Doc{
			Means: `The image is in the legacy format, and its folder does not exist or holds no file.`,
			Why: `A legacy image whose folder is missing can be converted only after an empty folder is
made (law 12). That is how an empty managed image is born: a package that every server
downloads, and that deploys nothing.`,
			Example: `    The legacy folder on PS008 holds no file (missing). Its location is
    \\PS008\Images\WIN7-OLD.`,
			Quiet: `Not where the folder could not be looked at: then nothing is known. Not where nothing
about the image has to change.`,
			Do: `Find the files (backup, an old disk) and put them into the folder. If they are gone,
delete the image in the console instead of converting it, or leave it alone.`,
		},
		image: func(s *subject) {
			b := s.block()
			if b == nil {
				return
			}
			detail := ""
			if s.img.Location != "" {
				detail = fmt.Sprintf("Its location is %s.", s.img.Location)
			}
			if n := len(s.goodCopies()); n == 0 && s.img.Content != nil {
				detail += fmt.Sprintf(" It held %s (%s) on %s.", files(s.img.Content.Files), wording.Size(s.img.Content.Bytes), moment(s.img.Content.TakenAt))
			}
			s.report(b.Server, s.d.Range, finding.Finding{Detail: detail, Fix: legacyFix(s.e, s.img)})
		},
	}
}

func legacyFix(e *estate.Estate, img *estate.Image) string {
	where := img.Location
	if where == "" {
		where = "the image's folder on " + e.ServerName(img.Owner)
	}
	return fmt.Sprintf("put the files into %s, or, if they are gone, delete the image in the console instead of converting it.", where)
}
