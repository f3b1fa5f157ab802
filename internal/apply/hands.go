package apply

import (
	"fmt"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
	"pslan/internal/wording"
)

// sameLocation compares two locations as Windows does: without case and without a
// trailing separator.
func sameLocation(a, b string) bool {
	return sameName(strings.TrimRight(a, `\/`), strings.TrimRight(b, `\/`))
}

// judgeFiles: the files of an image on the SMP stand at the new location when they
// equal the reference there. The present location stays until then.
func (m *machine) judgeFiles(no plan.StepNo, s *plan.Step, v *view) verdict {
	img, err := v.image(s)
	if err != nil {
		return isBarred(err)
	}
	if s.After.Location == nil || s.Before.Location == nil {
		return isBarred(fmt.Errorf("the plan does not say from where to where the files go; plan again"))
	}
	from, to := *s.Before.Location, *s.After.Location
	if sameLocation(img.Location, to) {
		return isMet("the package location is %s already", to)
	}
	if err := v.moved(s, img); err != nil {
		return isBarred(err)
	}
	note, err := m.proveAt(s, v, img, to)
	if err == nil {
		return isMet("%s at %s", note, to)
	}
	if m.state(no) == watching {
		return isPending("%s", err)
	}
	return isAllowed(request{kind: askOperator, task: platform.OperatorTask{
		Op: platform.OpCopyFiles, Image: ref(img), Server: s.Server, From: from, To: to}})
}

// judgeCopied verifies the files at the new location of an image on the SMP.
func (m *machine) judgeCopied(s *plan.Step, v *view, img *estate.Image) verdict {
	to := *s.After.Location
	if sameLocation(img.Location, to) {
		return isMet("the package location is %s already", to)
	}
	note, err := m.proveAt(s, v, img, to)
	if err != nil {
		return isBarred(err)
	}
	return isMet("%s at %s", note, to)
}

// proveAt compares the files at another location with the reference content.
func (m *machine) proveAt(s *plan.Step, v *view, img *estate.Image, location string) (string, error) {
	at := v.seen[placeOf(s.Image, "smp", location)]
	if at == nil {
		return "", fmt.Errorf("%s was not looked at", location)
	}
	ev := &at.Evidence
	e := m.weigh(v, img)
	switch {
	case ev.Sight != estate.Seen:
		return "", fmt.Errorf("the files at %s cannot be seen: %s", location, ev.Error)
	case ev.Files == 0:
		return "", fmt.Errorf("%s holds no file", location)
	case e.reference == nil:
		return "", fmt.Errorf("there is no reference content to compare %s with", location)
	}
	byHash := !ev.Digest.IsZero() && !e.reference.Digest.IsZero()
	switch class := ev.Against(e.reference); {
	case class == estate.Good && (byHash || m.settings.verify == declared.VerifySize):
		how := "by size"
		if byHash {
			how = "by hash"
		}
		return fmt.Sprintf("%s, %s, %s", count(ev.Files, "file"), wording.Size(ev.Bytes), how), nil
	case class == estate.Good:
		return "", fmt.Errorf("the files at %s were compared by size and not by hash", location)
	case class == estate.Partial:
		return "", fmt.Errorf("%s holds %d of %s, %s of %s", location, ev.Files, count(e.reference.Files, "file"), wording.Size(ev.Bytes), wording.Size(e.reference.Bytes))
	}
	text := fmt.Sprintf("the files at %s differ from those at %s", location, img.Location)
	if wrong := wrongFiles(at.Listing, v.listing(img.GUID, "smp")); len(wrong) > 0 {
		text += " in " + someFiles(wrong)
	}
	return "", fmt.Errorf("%s", text)
}

// judgeLocation: the location changes only to where verified files are.
func (m *machine) judgeLocation(no plan.StepNo, s *plan.Step, v *view) verdict {
	img, err := v.image(s)
	if err != nil {
		return isBarred(err)
	}
	if s.After.Location == nil {
		return isBarred(fmt.Errorf("the plan does not say which location to set; plan again"))
	}
	to := *s.After.Location
	if sameLocation(img.Location, to) {
		return isMet("the package location is %s", to)
	}
	if err := v.moved(s, img); err != nil {
		return isBarred(err)
	}
	if m.state(no) == watching {
		return isPending("the package location still reads %s", img.Location)
	}
	if _, err := m.proveAt(s, v, img, to); err != nil {
		return isBarred(fmt.Errorf("%w; the location is not changed", err))
	}
	return isAllowed(request{kind: setLocation, image: ref(img), location: to, was: img.Location})
}

// judgeConvert: a legacy image is converted only where its folder holds files: an
// empty folder would give an empty package (law 12).
func (m *machine) judgeConvert(no plan.StepNo, s *plan.Step, v *view) verdict {
	img, err := v.image(s)
	if err != nil {
		return isBarred(err)
	}
	if img.Format == estate.Managed && !img.Package.IsZero() {
		return isMet("it has the package %s", img.Package)
	}
	if m.state(no) == watching {
		return isPending("it has no package yet")
	}
	if err := v.moved(s, img); err != nil {
		return isBarred(err)
	}
	e := m.weigh(v, img)
	switch ev := e.seen(v.server(s.Server)); {
	case ev.Sight != estate.Seen:
		return isBarred(fmt.Errorf("its folder on %s cannot be seen: %s; it is not converted", s.Server, ev.Error))
	case !ev.Folder && ev.Files == 0:
		return isBarred(fmt.Errorf("its folder does not exist on %s; converting would make an empty package", s.Server))
	case ev.Files == 0:
		return isBarred(fmt.Errorf("its folder on %s is empty; converting would make an empty package", s.Server))
	}
	return isAllowed(request{kind: askOperator, task: platform.OperatorTask{Op: platform.OpConvert, Image: ref(img), Server: s.Server}})
}

func (v *view) preboot(g estate.GUID) *estate.Preboot {
	for i := range v.Estate.Preboots {
		if v.Estate.Preboots[i].GUID == g {
			return &v.Estate.Preboots[i]
		}
	}
	return nil
}

// judgeProfile: the connection profile of a preboot configuration names the new SMP.
func (m *machine) judgeProfile(no plan.StepNo, s *plan.Step, v *view) verdict {
	p := v.preboot(s.Preboot)
	if p == nil {
		return isBarred(fmt.Errorf("the platform no longer lists the preboot configuration %s; plan again", s.Name))
	}
	if s.After.ConnectsTo == nil {
		return isBarred(fmt.Errorf("the plan does not say what %s shall connect to; plan again", s.Name))
	}
	to := *s.After.ConnectsTo
	if sameName(p.ConnectsTo, to) {
		return isMet("connects to %s", to)
	}
	if b := s.Before.ConnectsTo; b != nil && !sameName(p.ConnectsTo, *b) {
		return isBarred(changed("the connection profile", *b, p.ConnectsTo))
	}
	if m.state(no) == watching {
		return isPending("its profile still names %s", p.ConnectsTo)
	}
	return isAllowed(request{kind: askOperator, task: platform.OperatorTask{
		Op: platform.OpChangeProfile, Preboot: s.Preboot, Server: s.Server, From: p.ConnectsTo, To: to,
		Image: platform.ImageRef{Name: s.Name}}})
}

// judgeRebuild: a preboot configuration is rebuilt when its profile is right.
func (m *machine) judgeRebuild(s *plan.Step, v *view) verdict {
	p := v.preboot(s.Preboot)
	if p == nil {
		return isBarred(fmt.Errorf("the platform no longer lists the preboot configuration %s; plan again", s.Name))
	}
	if to := s.After.ConnectsTo; to != nil && p.ConnectsTo != "" && !sameName(p.ConnectsTo, *to) {
		return isBarred(changed("the connection profile", *to, p.ConnectsTo))
	}
	return isAllowed(request{kind: rebuildPreboot, preboot: s.Preboot})
}
