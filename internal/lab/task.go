package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
	"pslan/internal/platform"
	"pslan/internal/wording"
)

// stepOfJSON is a step for an operator as a program is told of it, on its standard
// input. GUIDs are texts; what does not matter for a step is left out.
type stepOfJSON struct {
	Op      string   `json:"op"`
	Image   string   `json:"image"`
	Package string   `json:"package"`
	Preboot string   `json:"preboot"`
	Server  string   `json:"server"` // a package server's name; "smp"
	From    string   `json:"from"`
	To      string   `json:"to"`
	Files   []string `json:"files"`
}

// MaxStep is the most that a step may take as JSON, in bytes.
const MaxStep = 1 << 20

// updateMembership is a step that is none of platform's: it has an interface there.
const updateMembership platform.OperatorOp = "update_membership"

var operatorOps = []platform.OperatorOp{
	platform.OpTakeOwnership, platform.OpClearCopy, platform.OpCopyFiles, platform.OpConvert, platform.OpChangeProfile,
	platform.OpRetireServer, platform.OpRefresh, updateMembership,
}

// ParseTask reads a step for an operator from JSON: op, and of image, package,
// preboot, server, from, to and files what the step needs. What else is in it is
// passed over.
func ParseTask(data []byte) (platform.OperatorTask, error) {
	t, err := parseTask(data)
	var refused *world.Refusal
	if errors.As(err, &refused) {
		err = &platform.Error{Op: "lab do", Kind: refused.Kind, Hint: refused.Hint, Err: refused}
	}
	return t, err
}

func parseTask(data []byte) (t platform.OperatorTask, err error) {
	var in stepOfJSON
	if len(data) > MaxStep {
		return t, wrong("", "the step is larger than %d bytes", MaxStep)
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(string(data), "\ufeff")), &in); err != nil {
		return t, wrong(`A step looks like {"op":"take_ownership","image":"GUID","server":"PS010"}.`, "what was read is no step in JSON: %v", err)
	}
	t = platform.OperatorTask{Op: platform.OperatorOp(in.Op), Server: in.Server, From: in.From, To: in.To, Files: in.Files}
	if !slices.Contains(operatorOps, t.Op) {
		names := make([]string, len(operatorOps))
		for i, op := range operatorOps {
			names[i] = string(op)
		}
		return t, wrong(strings.TrimSpace(wording.DidYouMean(in.Op, names)+" Known are: "+strings.Join(names, ", ")+"."), "the operator does not know how to %q", in.Op)
	}
	for _, g := range []struct {
		name, text string
		to         *estate.GUID
	}{{"image", in.Image, &t.Image.Image}, {"package", in.Package, &t.Image.Package}, {"preboot", in.Preboot, &t.Preboot}} {
		if *g.to, err = estate.ParseGUID(g.text); err != nil {
			return t, wrong("", "%s of the step is %q: %v", g.name, g.text, err)
		}
	}
	return t, nil
}

// DoTask plays the operator with a step that a program was told. It takes no time: whose
// program that is looks for the effect, and the lab's clock is that of who serves it.
// With later it is left to the simulated operator, who does it after a while, as he is
// in the mood to.
func (l *Lab) DoTask(ctx context.Context, t platform.OperatorTask, later bool) error {
	return l.held(ctx, "lab do", string(t.Op), func(w *world.World) error {
		c := world.Command{Verb: world.UpdateMembers, By: world.ByOperator, Server: -1, Image: -1, Preboot: -1}
		if t.Op != updateMembership {
			c = w.OperatorCommand(&t)
			if err := complete(w, &t, &c); err != nil {
				return err
			}
		}
		if later && t.Op != updateMembership {
			c = world.Command{Verb: world.AskOperator, By: world.ByOperator, Server: -1, Image: -1, Preboot: -1, Task: &t}
			return l.mutate(ctx, c)
		}
		return l.mutate(ctx, c)
	})
}

// complete tells what a step names that is not there.
func complete(w *world.World, t *platform.OperatorTask, c *world.Command) error {
	named := func(what, name string) error {
		if name == "" {
			return wrong("", "the step %s does not say which %s", t.Op, what)
		}
		return notFound("there is no %s %s", what, name)
	}
	switch t.Op {
	case platform.OpTakeOwnership, platform.OpClearCopy, platform.OpRetireServer, platform.OpRefresh:
		if c.Server == -1 {
			return named("package server", t.Server)
		}
	case platform.OpChangeProfile:
		if c.Preboot < 0 {
			return named("preboot configuration", t.Preboot.String())
		}
	}
	switch t.Op {
	case platform.OpTakeOwnership, platform.OpClearCopy, platform.OpCopyFiles, platform.OpConvert:
		if c.Image < 0 {
			return named("image", fmt.Sprint(t.Image.Image, t.Image.Package))
		}
	}
	return nil
}
