package rules

import (
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl504() *Rule {
	return &Rule{
		Code:    "PSL504",
		Title:   "Importing by hand gives the image a new GUID",
		Default: finding.Warning,
		Floor:   finding.Note,
		Scope:   OfImage,
		Fix:     "put the files into the owner's package folder by hand instead: that keeps the GUID.",
		Doc: Doc{
			Means: `No good copy of the image is left, and one of the ways out, importing its files with
the Resource Import Tool, makes a new image. It is shown together with PSL202, so that
nobody imports before having tried the better way.`,
			Why: `The import tool always makes a new image with a new GUID, locally managed where it was
imported. Deployment tasks and jobs go on pointing at the old GUID and fail, one by
one, when they are next used. The platform does not list who refers to an image.`,
			Example: `    An import makes a new image beside CAD-WORKSTATION. Tasks and jobs go on pointing at
    the old GUIDs: image 6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f001, package
    0b0e7c52-8f0e-4a57-8a9d-2f6d61a0f002. The platform does not list them.`,
			Quiet: `Not where a good copy stands anywhere. Not for PCT packages, which cannot be imported
at all (PSL503), and not for images that were given up.`,
			Do: `First try to put the files into the package folder of the server that shall own the
image, by hand, from a backup or the old disk; refresh, and look whether the snapshot
lists them (law 11). Only if that cannot be done, import, and search the console's
tasks and jobs for the old GUID to change them one by one.`,
		},
		image: func(s *subject) {
			if s.m == nil || s.d.Abandon || s.img.Kind != estate.KindImage || !s.blockedBy("PSL202") {
				return
			}
			guids := fmt.Sprintf("image %s", s.img.GUID)
			if !s.img.Package.IsZero() {
				guids += fmt.Sprintf(", package %s", s.img.Package)
			}
			s.report(estate.NoServer, s.ownerRange(), finding.Finding{
				Detail: fmt.Sprintf("An import makes a new image beside %s. Tasks and jobs go on pointing at the old GUIDs: %s. The platform does not list them.", s.img.Name, guids),
				Fix:    "put the files into the new owner's package folder by hand if they exist anywhere: that keeps the GUID. Import only if they cannot be put there, and then change the tasks that use the old GUID.",
			})
		},
	}
}
