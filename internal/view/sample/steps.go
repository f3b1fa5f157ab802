package sample

import (
	"fmt"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/plan"
)

// Steps puts steps into a list, fills in what follows from their place, and lets
// each need the ones that it names.
type Steps []plan.Step

// Add appends a step and returns its number.
func (s *Steps) Add(st plan.Step, needs ...plan.StepNo) plan.StepNo {
	n := plan.StepNo(len(*s))
	parts := []string{st.Op.String()}
	for _, part := range []string{string(st.Address), st.Server, strings.Join(st.Servers, "+")} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	st.ID = strings.Join(parts, ":")
	for _, earlier := range *s {
		if earlier.ID == st.ID {
			st.ID = fmt.Sprintf("%s#%d", st.ID, n)
		}
	}
	st.Needs = needs
	*s = append(*s, st)
	return n
}

// Of starts a step of the move.
func (m Move) Of(op plan.Op, by plan.Actor) plan.Step {
	label, _ := m.Address.ImageLabel()
	return plan.Step{Op: op, By: by, Address: m.Address, Name: m.Name, Label: label, Image: GUID(m.N + 1000), Package: GUID(m.N)}
}

// Assign adds the assignment of the new owner.
func (m Move) Assign(s *Steps) plan.StepNo {
	st := m.Of(plan.Assign, plan.BySMP)
	st.Servers = []string{m.To}
	st.Before.Assignment = pointer(Servers(m.From))
	st.After.Assignment = pointer(Servers(m.From, m.To))
	st.Starts = 1
	return s.Add(st)
}

// Sync adds a membership update.
func Sync(s *Steps, servers []string, needs ...plan.StepNo) plan.StepNo {
	return s.Add(plan.Step{Op: plan.Sync, By: plan.BySMP, Servers: servers, Limit: 30 * time.Minute, WaitsFor: "the membership update"}, needs...)
}

// Wait adds the download to the new owner and its verification.
func (m Move) Wait(s *Steps, needs ...plan.StepNo) plan.StepNo {
	wait := m.Of(plan.WaitCopy, plan.ByServer)
	wait.Server, wait.From, wait.Files, wait.Bytes, wait.Seconds = m.To, m.From, 3, Gigabytes, 1080
	wait.Limit, wait.WaitsFor = 48*time.Hour, "the download of "+m.Name+" to "+m.To
	verify := m.Of(plan.VerifyCopy, plan.ByPslan)
	verify.Server, verify.From, verify.Files, verify.Bytes = m.To, m.From, 3, Gigabytes
	return s.Add(verify, s.Add(wait, needs...))
}

// Take adds the taking of ownership.
func (m Move) Take(s *Steps, needs ...plan.StepNo) plan.StepNo {
	st := m.Of(plan.TakeOwnership, plan.ByServer)
	if m.Operators {
		st.By, st.Limit = plan.ByOperator, 36*time.Hour
	}
	st.Risk, st.Server, st.From = plan.OriginMoves, m.To, m.From
	st.Before = plan.Facts{Owner: pointer(m.From), Verified: []string{m.To}}
	st.After.Owner = pointer(m.To)
	return s.Add(st, needs...)
}

// Verify adds the look at the icons.
func (m Move) Verify(s *Steps, needs ...plan.StepNo) plan.StepNo {
	st := m.Of(plan.VerifyOwnership, plan.ByPslan)
	st.Server, st.From, st.Limit = m.To, m.From, 4*time.Hour
	return s.Add(st, needs...)
}

// Unassign adds the end of the old owner's assignment.
func (m Move) Unassign(s *Steps, needs ...plan.StepNo) plan.StepNo {
	st := m.Of(plan.Unassign, plan.BySMP)
	st.Risk, st.Servers = plan.DeletesData, []string{m.From}
	st.Before = plan.Facts{Owner: pointer(m.To), Verified: []string{m.To}}
	st.After.Assignment = pointer(Servers(m.To))
	return s.Add(st, needs...)
}

// rare adds one step of each of the rarer kinds.
func rare(s *Steps) {
	legacy := Move{N: 70, Address: "image.old", Name: "WIN7-OLD"}
	convert := legacy.Of(plan.Convert, plan.ByOperator)
	convert.Server, convert.Package = "PS008", estate.GUID{}
	convert.Before.Format, convert.After.Format = pointer(estate.Legacy), pointer(estate.Managed)
	s.Add(convert)
	profile := plan.Step{
		Op: plan.ChangeProfile, By: plan.ByOperator, Address: "preboot_configuration.winpe", Name: "WinPE-x64", Label: "winpe",
		Preboot: GUID(90), Before: plan.Facts{ConnectsTo: pointer("smp01.contoso.com")},
		After: plan.Facts{ConnectsTo: pointer("smp02.contoso.com")},
	}
	rebuild := profile
	rebuild.Op, rebuild.By = plan.RebuildPreboot, plan.BySMP
	s.Add(rebuild, s.Add(profile))
	held := Move{N: 71, Address: "image.smp_held", Name: "WIN7-GOLD"}
	files := held.Of(plan.CopyFiles, plan.ByOperator)
	files.Before.Location, files.After.Location = pointer(oldLocation), pointer(newLocation)
	location := held.Of(plan.SetLocation, plan.BySMP)
	location.Before, location.After = files.Before, files.After
	s.Add(location, s.Add(files))
	room := plan.Step{Op: plan.WaitRoom, By: plan.ByServer, Address: "image.win11", Label: "win11", Server: "PS010", Bytes: Gigabytes, Limit: 240 * time.Hour}
	s.Add(room)
	wrong := Move{N: 1, Address: "image.win11", Name: "WIN11-23H2"}.Of(plan.ClearCopy, plan.ByOperator)
	wrong.Server, wrong.From, wrong.Risk, wrong.Files = "PS011", "PS008", plan.DeletesData, 1
	s.Add(wrong)
	drained := plan.Step{Op: plan.VerifyDrained, By: plan.ByPslan, Address: "package_server.ps008", Name: "PS008", Label: "ps008", Server: "PS008"}
	retire := drained
	retire.Op, retire.By, retire.Risk, retire.Limit = plan.RetireServer, plan.ByOperator, plan.DeletesData, 36*time.Hour
	s.Add(retire, s.Add(drained))
}

const (
	oldLocation = `\\smp01\NSCap\bin\Deployment\Packages\Images\WIN7-GOLD`
	newLocation = `\\smp02\NSCap\bin\Deployment\Packages\Images\WIN7-GOLD`
)
