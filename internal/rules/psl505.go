package rules

import (
	"fmt"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl505() *Rule {
	return &Rule{
		Code:    "PSL505",
		Title:   "Several images share one folder",
		Default: finding.Warning,
		Floor:   finding.Note,
		Scope:   OfImage,
		Fix:     "look at the folder before anything in it is converted, moved or deleted.",
		Doc: Doc{
			Means: `The image's location is also the location of other images.`,
			Why: `Several legacy images may share one folder (KB 206726). Converting one of them makes a
package of all the files, and deleting or moving one takes the files of the others
with it.`,
			Example: `    WIN7-A lies in \\PS008\Images\Win7 together with WIN7-B and WIN7-C.`,
			Quiet: `Not for images about which nothing has to change. Not for managed images on package
servers: each package has a folder of its own.`,
			Do: `Look which files belong to which image, and give each a folder of its own in the
console before the plan is applied, or move all of them together.`,
		},
		image: func(s *subject) {
			if s.m == nil || s.img.Location == "" || s.img.Format != estate.Legacy && s.img.Owner != estate.SMP {
				return
			}
			shared := s.inFolder(s.img.Location)
			if len(shared) < 2 {
				return
			}
			var others []int32
			for _, n := range shared {
				if n != s.d.Image {
					others = append(others, n)
				}
			}
			s.report(s.img.Owner, s.d.Range, finding.Finding{
				Detail: fmt.Sprintf("%s lies in %s together with %s.", s.img.Name, s.img.Location, list(s.imageNames(others))),
				Fix:    "give each of these images a folder of its own, or look which files belong to which before anything is converted or moved.",
			})
		},
	}
}

// inFolder returns the images with a location, found out for all when first asked.
func (r *run) inFolder(location string) []int32 {
	if r.folders == nil {
		r.folders = map[string][]int32{}
		for n := range r.e.Images {
			img := &r.e.Images[n]
			if img.Location != "" && (img.Format == estate.Legacy || img.Owner == estate.SMP) {
				k := folderKey(img.Location)
				r.folders[k] = append(r.folders[k], int32(n))
			}
		}
	}
	return r.folders[folderKey(location)]
}

// folderKey is the form of a location under which two spellings of one folder are equal.
func folderKey(location string) string {
	return strings.TrimRight(strings.ReplaceAll(estate.Fold(location), "/", `\`), `\`)
}
