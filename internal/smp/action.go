package smp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"pslan/internal/command"
	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/platform"
)

// action is a command of the admin's that does an operator's step.
type action struct {
	op      string
	command command.Command
}

const defaultActionTimeout = 10 * time.Minute

func newAction(a *declared.SMPAction, o *Options) *action {
	return &action{a.Op, command.Command{
		Words: a.Command, Dir: o.Dir, Env: o.Environ, Timeout: cmp.Or(a.Timeout, defaultActionTimeout),
	}}
}

// taskDocument is what a command reads: schemas/action.schema.json. What a step does
// not have is left out.
type taskDocument struct {
	FormatVersion string   `json:"format_version"`
	Op            string   `json:"op"`
	Image         string   `json:"image,omitempty"`
	ImageName     string   `json:"image_name,omitempty"`
	Package       string   `json:"package,omitempty"`
	Preboot       string   `json:"preboot,omitempty"`
	Server        string   `json:"server,omitempty"`
	Host          string   `json:"host,omitempty"`
	From          string   `json:"from,omitempty"`
	To            string   `json:"to,omitempty"`
	Files         []string `json:"files,omitempty"`
}

const actionFormat = "1.0"

// TaskJSON is the document by which a command is told what to do.
func TaskJSON(task *platform.OperatorTask, pack estate.GUID, host string) ([]byte, error) {
	data, err := json.MarshalIndent(taskDocument{
		FormatVersion: actionFormat, Op: string(task.Op), Image: task.Image.Image.String(), ImageName: task.Image.Name, Package: pack.String(),
		Preboot: task.Preboot.String(), Server: task.Server, Host: host, From: task.From, To: task.To, Files: task.Files,
	}, "", "  ")
	return append(data, '\n'), err
}

// run runs the command. That it ended with 0 is as good as an accepted request: the
// effect is looked for afterwards. One that was stopped may have done it or not.
func (a *action) run(ctx context.Context, task *platform.OperatorTask, pack estate.GUID, host string) error {
	object := task.Image.Name
	if object == "" {
		object = task.Server
	}
	op := "run the command for " + strings.ReplaceAll(a.op, "_", " ")
	input, err := TaskJSON(task, pack, host)
	if err != nil {
		return refused(platform.KindOther, op, object, "", "the task cannot be written: %w", err)
	}
	err = a.command.Run(ctx, input)
	var f *command.Failure
	switch {
	case err == nil || !errors.As(err, &f):
		return err
	case f.Unfinished:
		return &platform.Error{Op: op, Object: object, Kind: platform.KindUnreachable, Err: err,
			Hint: "Its effect is looked for. Where it needs more time, say so: timeout = \"1h\" in its action block."}
	}
	return &platform.Error{Op: op, Object: object, Kind: platform.KindRefused, Err: err,
		Hint: "Run it by hand with the same task on its standard input; pslan does nothing else for this step until it ends with 0."}
}
