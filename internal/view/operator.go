package view

import (
	"strings"

	"pslan/internal/platform"
)

// Instructions say what an operator is to do, in order, and how to see that it is
// done. They are exact: names, GUIDs and paths as the platform spells them.
type Instructions struct {
	Title string
	Steps []string
	Check string
}

// InstructionsFor tells an operator's task in steps.
func InstructionsFor(t platform.OperatorTask) Instructions {
	image := t.Image.Name
	if !t.Image.Package.IsZero() {
		image += " (package " + t.Image.Package.String() + ")"
	}
	switch t.Op {
	case platform.OpTakeOwnership:
		return takeInstructions(t, image)
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
			},
			Check: "pslan compares the files at the new place with those at the old one.",
		}
	case platform.OpConvert:
		return Instructions{
			Title: "Convert " + t.Image.Name + " to the managed format",
			Steps: []string{
				"Look at its folder on " + t.Server + ": it must exist and hold the image's files. Never make an empty folder for it.",
				"In the console, in the list of images, choose " + t.Image.Name + " and convert it.",
			},
			Check: "the image has a package GUID, and " + t.Server + " shows the package as locally managed (blue icon).",
		}
	case platform.OpChangeProfile:
		return Instructions{
			Title: "Change the connection profile of " + t.Image.Name,
			Steps: []string{
				"In the console, open the preboot configuration " + t.Image.Name + ".",
				"Change its NS connection profile from " + t.From + " to " + t.To + ", and save. Do not rebuild it yet: pslan asks for that next.",
			},
			Check: "the configuration shows " + t.To + ".",
		}
	case platform.OpRetireServer:
		return Instructions{
			Title: "Remove the package service role of " + t.Server,
			Steps: []string{
				"This deletes the Package Delivery folder on " + t.Server + " with everything in it. pslan has seen that nothing needs it any more.",
				"In the console, open Site Server Settings, choose " + t.Server + ", and remove its package service.",
			},
			Check: "the console no longer lists " + t.Server + " as a package server.",
		}
	case platform.OpRefresh:
		return Instructions{
			Title: "Refresh the policy on " + t.Server,
			Steps: []string{
				"In the console, run the delta membership update and wait until it has finished.",
				"On " + t.Server + ", in the agent's settings, choose Update Configuration.",
			},
			Check: "the agent on " + t.Server + " shows a configuration received after the membership update.",
		}
	}
	return Instructions{Title: string(t.Op) + " on " + t.Server, Check: "pslan looks for the effect."}
}

func takeInstructions(t platform.OperatorTask, image string) Instructions {
	was := t.From
	if was == "" {
		was = "the old owner"
	}
	return Instructions{
		Title: "Take ownership of " + image + " on " + t.Server,
		Steps: []string{
			"On " + t.Server + ", open the package server window of the agent and find the package.",
			"Look into its folder first: it must hold the image's files. If it is empty, stop.",
			"Choose Take ownership. The window gives no answer: once is enough.",
			"Leave " + was + " as it is. pslan runs the membership update and refreshes both servers.",
		},
		Check: "the package turns blue (locally managed) on " + t.Server + " and yellow (externally managed) on " + was +
			"; the SMP's log says CreateExternalPackage.",
	}
}

func clearInstructions(t platform.OperatorTask, image string) Instructions {
	steps := []string{"On " + t.Server + ", open the folder of the package, and in it cache."}
	if len(t.Files) > 0 {
		steps = append(steps, "Delete these files and no others: "+strings.Join(t.Files, ", "))
	} else {
		steps = append(steps, "Delete the files that differ from the owner's, and no others.")
	}
	steps = append(steps, "Then choose Update Configuration in the agent's settings, so that they are downloaded again.")
	return Instructions{
		Title: "Clear the wrong files of " + image + " from " + t.Server,
		Steps: steps,
		Check: "the files are gone from " + t.Server + ". Good copies elsewhere are left as they are.",
	}
}
