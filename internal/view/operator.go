package view

import (
	"slices"
	"strings"

	"pslan/internal/plan"
	"pslan/internal/platform"
)

// Instructions say what an operator is to do, in order, and how to see that it is
// done. They are exact: names, GUIDs and paths as the platform spells them.
type Instructions struct {
	Title string
	Steps []string
	Check string
}

// SyncByOperator reports whether telling servers of a change is an operator's step in a
// plan: then his other instructions leave it to a later one of his.
func SyncByOperator(steps []plan.Step) bool {
	return slices.ContainsFunc(steps, func(s plan.Step) bool { return s.Op == plan.Sync && s.By == plan.ByOperator })
}

// InstructionsFor tells an operator's task in steps. syncByOperator: membership updates
// and refreshes are his, too. Where the vendor documents a place in the console or the
// agent it is named (KB 227791, KB 180585, KB 158174), else only what is to be done there.
func InstructionsFor(t platform.OperatorTask, syncByOperator bool) Instructions {
	image := t.Image.Name
	if !t.Image.Package.IsZero() {
		image += " (package " + t.Image.Package.String() + ")"
	}
	switch t.Op {
	case platform.OpTakeOwnership:
		return takeInstructions(t, image, syncByOperator)
	case platform.OpClearCopy:
		return clearInstructions(t, image)
	case platform.OpCopyFiles:
		return Instructions{
			Title: "Copy the files of " + image,
			Steps: []string{
				"From: " + t.From,
				"To: " + t.To,
				"Copy all files and folders, hidden ones too. Change nothing at the old place.",
				"Make sure that the new SMP can read the new folder.",
				"Leave the package location in the console as it is: pslan changes it when the files are the same.",
			},
			Check: "pslan compares the files at the new place with those at the old one.",
		}
	case platform.OpConvert:
		return Instructions{
			Title: "Convert " + t.Image.Name + " to the managed format",
			Steps: []string{
				"Look at its folder on " + t.Server + ": it must exist and hold the image's files. If it does not, stop. Never make an empty folder for it: an empty image would come of it.",
				"In the console, in Image Management, find " + t.Image.Name + " and convert it.",
			},
			Check: "the image has a package GUID, and " + t.Server + " shows the package as locally managed (blue icon).",
		}
	case platform.OpChangeProfile:
		return Instructions{
			Title: "Change the connection profile of " + t.Image.Name,
			Steps: []string{
				"In the console, open the preboot configuration " + t.Image.Name + ".",
				"Change its NS connection profile from " + t.From + " to " + t.To + ", and save. Do not rebuild it: pslan has it rebuilt next.",
			},
			Check: "the configuration shows " + t.To + ".",
		}
	case platform.OpRetireServer:
		return Instructions{
			Title: "Remove the package service role of " + t.Server,
			Steps: []string{
				"This deletes the Package Delivery folder on " + t.Server + " with everything in it. pslan has seen that nothing needs it any more; if the check right before does not hold, stop.",
				"In the console, open Site Server Settings, choose " + t.Server + ", and remove its package service. Other services of that server may stay.",
			},
			Check: "the console no longer lists " + t.Server + " as a package server.",
		}
	case platform.OpRefresh:
		return Instructions{
			Title: "Refresh the policy on " + t.Server,
			Steps: []string{
				"On the SMP, run the delta membership update (its schedule is called Delta resource membership update), and wait until it has finished. Once is enough for all servers that are to be refreshed now.",
				"On " + t.Server + ", have the agent update its configuration. Not before the membership update has finished: the server would learn of nothing.",
			},
			Check: "the agent on " + t.Server + " shows a configuration received after the membership update.",
		}
	}
	return Instructions{Title: string(t.Op) + " on " + t.Server, Check: "pslan looks for the effect."}
}

func takeInstructions(t platform.OperatorTask, image string, syncByOperator bool) Instructions {
	was := t.From
	if was == "" {
		was = "the old owner"
	}
	next := "pslan looks for the new owner, then runs the membership update and refreshes both servers."
	if syncByOperator {
		next = "pslan looks for the new owner and for what a refresh would delete, and then asks you for the membership update and the refreshes."
	}
	return Instructions{
		Title: "Take ownership of " + image + " on " + t.Server,
		Steps: []string{
			"On " + t.Server + ", open the package server window of the agent and find the package.",
			"Look into its folder first: it must hold the image's files. If it is empty, stop.",
			"Choose Take ownership. The window gives no answer: once is enough.",
			"Leave " + was + " as it is, and refresh nothing: " + next,
		},
		Check: "the SMP's log says CreateExternalPackage. After the refreshes the package is blue (locally managed) on " + t.Server +
			" and yellow (externally managed) on " + was + ".",
	}
}

func clearInstructions(t platform.OperatorTask, image string) Instructions {
	steps := []string{"On " + t.Server + ", open the folder of the package, and in it cache."}
	if len(t.Files) > 0 {
		steps = append(steps, "Delete these files and no others: "+strings.Join(t.Files, ", "))
	} else {
		steps = append(steps, "Delete the files that differ from the owner's, and no others.")
	}
	steps = append(steps, "Leave snapshot.xml and everything else beside cache as it is, and refresh nothing: the refresh that downloads them again is a later step.")
	return Instructions{
		Title: "Clear the wrong files of " + image + " from " + t.Server,
		Steps: steps,
		Check: "the files are gone from " + t.Server + ". Good copies elsewhere are left as they are.",
	}
}
