package view

import "pslan/internal/wording"

import "pslan/internal/plan"

// stepWords are the words of an operation while it is carried out: what begins,
// what still goes on, and what is complete.
type stepWords struct{ begins, still, noun string }

func wordsOf(s *plan.Step) stepWords {
	server, from := printable(s.Server), printable(s.From)
	switch s.Op {
	case plan.Assign:
		return stepWords{"Assigning to " + assigned(s), "assigning", "Assignment"}
	case plan.Unassign:
		return stepWords{"Unassigning from " + names(s.Servers, 4), "unassigning", "Unassignment"}
	case plan.Sync:
		if s.By == plan.ByOperator {
			return stepWords{"Asking for a membership update, and for the refresh of " + names(s.Servers, 4) + ", by hand", "waiting for the refresh", "Refresh by hand"}
		}
		return stepWords{"Updating memberships, refreshing " + names(s.Servers, 4), "refreshing", "Refresh"}
	case plan.ClearCopy:
		return stepWords{"Clearing wrong files from " + server, "clearing", "Clearing"}
	case plan.WaitCopy:
		return stepWords{"Downloading " + wording.Size(s.Bytes) + " from " + from + " to " + server, "downloading", "Download"}
	case plan.WaitRoom:
		return stepWords{"Waiting for " + wording.Size(s.Bytes) + " of room on " + server, "waiting for room", "Waiting for room"}
	case plan.VerifyCopy:
		return stepWords{"Verifying the copy on " + server, "verifying", "Verification"}
	case plan.TakeOwnership:
		return stepWords{"Taking ownership on " + server, "taking ownership", "Ownership change"}
	case plan.VerifyOwnership:
		return stepWords{"Verifying that " + server + " is the owner", "verifying ownership", "Ownership verification"}
	}
	return rarerWords(s, server)
}

func rarerWords(s *plan.Step, server string) stepWords {
	switch s.Op {
	case plan.CopyFiles:
		return stepWords{"Copying files to " + printable(deref(s.After.Location)), "copying files", "Copying of files"}
	case plan.SetLocation:
		return stepWords{"Changing the location to " + printable(deref(s.After.Location)), "changing the location", "Change of location"}
	case plan.Convert:
		return stepWords{"Converting to the managed format", "converting", "Conversion"}
	case plan.ChangeProfile:
		return stepWords{"Changing the profile to " + printable(deref(s.After.ConnectsTo)), "changing the profile", "Change of profile"}
	case plan.RebuildPreboot:
		return stepWords{"Rebuilding", "rebuilding", "Rebuild"}
	case plan.VerifyDrained:
		return stepWords{"Verifying that nothing needs " + server, "verifying", "Verification"}
	case plan.RetireServer:
		return stepWords{"Removing the package service role", "removing the role", "Removal of the role"}
	}
	return stepWords{"Running " + s.Op.String(), "running", "Step"}
}
