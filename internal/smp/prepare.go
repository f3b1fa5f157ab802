package smp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/smp/wire"
)

// preparedImages is of how many images the packages are looked at beforehand: the
// interfaces take image packages, or they do not.
const preparedImages = 5

// Prepare implements platform.Preparer. It reads what the requests will need: the
// packages by the interface that would write them, the task and the schedule by their
// GUIDs, the programs of commands.
func (p *Platform) Prepare(ctx context.Context, n platform.Needs) diag.Diagnostics {
	var ds diag.Diagnostics
	check := func(summary string, err error) {
		var e *platform.Error
		if err == nil {
			return
		}
		detail := capital(err.Error())
		if errors.As(err, &e) && e.Hint != "" {
			detail += "\n\n" + e.Hint
		}
		ds = append(ds, &diag.Diagnostic{Severity: diag.Error, Summary: summary, Detail: detail, Subject: p.set.Range, In: `connection "smp"`})
	}
	for _, image := range n.Assign[:min(len(n.Assign), preparedImages)] {
		if pack := p.packageOf(image); !pack.IsZero() {
			if _, err := p.writable(ctx, pack, image.Name); err != nil {
				check("Assignments cannot be set here", err)
				break // it will be the same for all
			}
		}
	}
	if len(n.Assign) > 0 {
		ds = append(ds, p.unprovenLookups()...)
	}
	for _, image := range n.Locate[:min(len(n.Locate), preparedImages)] {
		if err := p.locatable(ctx, image); err != nil {
			check("Locations cannot be changed here", err)
			break
		}
	}
	if n.Refresh && !p.set.Refresh.IsZero() {
		check("The refresh task cannot be run", p.checkTask(ctx, p.set.Refresh))
		if p.set.RefreshPersistent {
			check("The refresh task cannot be run", p.checkTCM(ctx))
		}
	}
	if n.Update && !p.set.Membership.Schedule.IsZero() {
		check("The membership schedule cannot be run", p.checkSchedule(ctx))
	}
	if n.Build {
		_, err := p.list(ctx, &preboots, "")
		check("Preboot configurations cannot be rebuilt here", err)
	}
	for _, op := range append(n.Operator, opUpdateMembership, platform.OpRefresh) {
		if a := p.actions[string(op)]; a != nil {
			if err := a.command.Check(); err != nil {
				check("A command cannot be run", fmt.Errorf("action %q: %w", op, err))
			}
		}
	}
	return ds
}

// locatable reports whether the source of an image's package can be set.
func (p *Platform) locatable(ctx context.Context, image platform.ImageRef) error {
	const op = "set location"
	pack := p.packageOf(image)
	if pack.IsZero() {
		return refused(platform.KindUnsupported, op, image.Name, "Change it in the console.", "the image has no package whose source could be changed")
	}
	a, err := p.byManagement(ctx, pack, image.Name)
	if err != nil {
		return readError(op, image.Name, err)
	}
	if a.via == "" {
		return refused(platform.KindUnsupported, op, image.Name, "Change it in the console.", "the package service does not know the package %s", pack)
	}
	return nil
}

// checkTask looks whether the task that is to be run is there (D, H GetTask).
func (p *Platform) checkTask(ctx context.Context, task estate.GUID) error {
	node, err := p.services.Call(ctx, wire.Call{Service: taskService, Method: "GetTask", Object: task.String(),
		Params: []wire.Param{{Name: "taskGuid", Value: task.String()}}})
	if err != nil {
		return readError("look at the task", "", err)
	}
	return p.isThere(node, task, "task")
}

// checkSchedule looks whether the schedule is an item that can be run (D, H
// ExecuteSchedulableItem: its IsSchedulableItem).
func (p *Platform) checkSchedule(ctx context.Context) error {
	g := p.set.Membership.Schedule
	node, err := p.services.Call(ctx, wire.Call{Service: itemService, Method: "GetItemByGuid", Object: g.String(),
		Params: []wire.Param{{Name: "itemGuid", Value: g.String()}}})
	if err != nil {
		return readError("look at the membership schedule", "", err)
	}
	if err := p.isThere(node, g, "schedule"); err != nil {
		return err
	}
	text, told := node.Value("IsSchedulableItem")
	if told && strings.EqualFold(strings.TrimSpace(text), "false") {
		name, _ := node.Value("Name")
		return refused(platform.KindUnsupported, "look at the membership schedule", "", "Find the delta resource membership update in the console and take its GUID.", "the item %s (%s) is no schedule", g, name)
	}
	return nil
}

func (p *Platform) isThere(node *wire.Node, g estate.GUID, what string) error {
	if got, err := node.Child("Guid").GUID(); err == nil && got == g {
		return nil
	}
	return refused(platform.KindNotFound, "look at the "+what, "", "Look its GUID up in the console; this account may also lack the right to see it.", "the platform knows no %s %s", what, g)
}
