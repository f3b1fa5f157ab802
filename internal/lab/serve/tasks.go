package serve

import (
	"fmt"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

// Tasks (D; those of time critical management C).
var (
	taskProperty      = &class{"TaskPropertyDetails", fields("InternalName DisplayName Description Type Value Required:bool")}
	taskDetails       = &class{"TaskDetails", append(fields("Guid:guid Name Description Type InputParameters"), field{"OutputProperties", many(taskProperty)})}
	taskStatus        = &class{"TaskStatusDetails", fields("InstanceGuid:guid RunName Status Type Summary StartedBy StartTime:time EndTime:time ReturnCode:int " + "NotStarted:int Started:int Succeeded:int Failed:int TotalComputers:int TotalFinished:int ResourceGuids:guids SubTaskGuids:guids")}
	taskResourceState = &class{"TaskResourceStatusDetails", append(fields("TaskInstanceGuid:guid ResourceGuid:guid TaskInstanceName ResourceName Status:int ReturnCode:int"),
		field{"OutputProperties", many(taskProperty)})}
	tcmResult = &class{"TCMTaskStatusResult", fields("Agent:guid Result")}
	tcmStatus = &class{"TCMTaskStatusDetails", fields("ID:guid NotStarted:int InProgress:int Completed:int Total:int Failed:int Succeeded:int Progress:double")}
)

func tasks() *service {
	g := fields("taskGuid:guid")
	start := fields("taskGuid:guid executionName inputParameters")
	return &service{
		name: "TaskManagementService", path: "ASDK.Task/TaskManagementService.asmx", library: "Task",
		namespace: "http://Altiris.ASDK.Task.com", suffix: "2", // N; the suffix C
		methods: []method{
			{name: "GetTask", params: g, result: one(taskDetails), run: getTask},
			{name: "ExecuteTask", params: start, result: guid, changes: true, run: executeTask},
			{name: "GetTaskStatus", params: g, result: many(taskStatus), run: getTaskStatus},
			{name: "GetTaskResourceStatus", params: fields("taskInstanceGuid:guid resourceGuid:guid"), result: one(taskResourceState), run: resourceStatus},
			{name: "GetExecutedTaskInstances", params: g, result: guids, run: executedInstances},
			{name: "ExecuteTCMTask", params: start, result: guid, twins: plainGUID, changes: true, run: executeTask},
			{name: "GetTCMTaskStatus", params: fields("taskId:guid"), result: one(tcmStatus), twins: plainGUID, run: getTCMStatus},
			{name: "GetTCMTaskResults", params: fields("taskId:guid"), result: many(tcmResult), twins: plainGUID, run: tcmResults},
		},
	}
}

func getTask(c *call) (any, error) {
	g, err := c.guid("taskGuid")
	if err != nil {
		return nil, err
	}
	if taskName(g) == "" {
		return nil, missing("taskGuid", g.String())
	}
	return taskDetails.set(map[string]any{"Guid": g, "Name": taskName(g), "Description": "", "Type": "Client Task",
		"InputParameters": "<inputParameters />", "OutputProperties": []record{}}), nil
}

// executeTask starts a run on the computers that inputParameters names.
func executeTask(c *call) (any, error) {
	g, err := c.guid("taskGuid")
	if err != nil {
		return nil, err
	}
	if taskName(g) == "" {
		return nil, missing("taskGuid", g.String())
	}
	in, err := readInput(c.text("inputParameters"))
	if err != nil {
		return nil, err
	}
	var parts []world.TaskPart
	for _, r := range in.resources {
		if r == must(PackageServersTarget) {
			for i := range c.server.ids.servers {
				parts = append(parts, world.TaskPart{Server: int32(i)})
			}
			continue
		}
		s := c.server.ids.computer(r)
		if s < 0 {
			return nil, missing("@AssignedResources", r.String())
		}
		parts = append(parts, world.TaskPart{Server: s})
	}
	var instance estate.GUID
	err = c.server.lab.Request(c.ctx, "run a task", taskName(g), func(w *world.World, cmd *world.Command) error {
		instance = derived("task instance", fmt.Sprint(w.Seed, w.Now, w.Faults.Seq, len(w.Tasks), g, c.text("executionName"), in.resources))
		run := &world.TaskRun{Instance: instance.String(), Task: g.String(), Name: c.text("executionName"), Parts: parts, Reads: g.String() == PackageListTask}
		if in.wait > 0 {
			run.GivesUp = w.Now + estate.Time(in.wait)
		}
		cmd.Verb, cmd.Run = world.RunTask, run
		if len(parts) == 1 {
			cmd.Server = parts[0].Server
		}
		return nil
	})
	return instance, err
}

// input is what inputParameters says (D).
type input struct {
	resources []estate.GUID
	wait      time.Duration // maxWaitTime
}

func readInput(xml string) (in input, err error) {
	if strings.TrimSpace(xml) == "" {
		return in, invalid("inputParameters", "@AssignedResources is required")
	}
	root, err := readTree([]byte(xml))
	if err != nil || root.name != "inputParameters" {
		return in, invalid("inputParameters", "it is no XML with the root inputParameters")
	}
	for _, p := range root.children {
		name, value := p.child(p.space, "name"), p.child(p.space, "value")
		if p.name != "parameter" || name == nil || value == nil {
			continue
		}
		switch strings.TrimSpace(name.text) {
		case "@AssignedResources":
			c := call{args: map[string]arg{"list": {text: value.text}}}
			if in.resources, err = c.guids("list"); err != nil {
				return in, err
			}
		case "@CompRequirements":
			if most := value.child(value.space, "maxWaitTime"); most != nil {
				if in.wait, err = readWait(most.text); err != nil {
					return in, err
				}
			}
		}
	}
	if len(in.resources) == 0 {
		return in, invalid("inputParameters", "@AssignedResources is required")
	}
	return in, nil
}

// readWait reads "30 minutes" or "2 hours".
func readWait(words string) (time.Duration, error) {
	var n int
	var unit string
	if _, err := fmt.Sscanf(strings.TrimSpace(words), "%d %s", &n, &unit); err != nil || n < 0 || n > 10_000 {
		return 0, invalid("maxWaitTime", words)
	}
	switch strings.TrimSuffix(strings.ToLower(unit), "s") {
	case "minute":
		return time.Duration(n) * time.Minute, nil
	case "hour":
		return time.Duration(n) * time.Hour, nil
	}
	return 0, invalid("maxWaitTime", words)
}

// runs lists the runs of a task, or the one run with the GUID.
func (c *call) runs(param string, f func(w *world.World, t *world.TaskRun)) error {
	g, err := c.guid(param)
	if err != nil {
		return err
	}
	found := taskName(g) != ""
	err = c.server.lab.Inspect(c.ctx, "read tasks", func(w *world.World) error {
		for i := range w.Tasks {
			if t := &w.Tasks[i]; c.instance(t) == g || t.Task == g.String() {
				found = true
				f(w, c.server.suffered(w, t))
			}
		}
		return nil
	})
	if err == nil && !found {
		err = missing(param, g.String())
	}
	return err
}

// instance is the GUID by which a run is told, which may be another one than it was
// given when it began.
func (c *call) instance(t *world.TaskRun) estate.GUID {
	if c.server.dialect.TaskInstances == "own" {
		return derived("task instance", t.Instance)
	}
	return must(t.Instance)
}

// tally counts the parts of a run.
type tally struct{ waiting, begun, failed, succeeded int }

func count(t *world.TaskRun) (n tally) {
	for _, p := range t.Parts {
		switch {
		case p.Ended != 0 && p.Failed:
			n.failed++
		case p.Ended != 0:
			n.succeeded++
		case p.Began != 0:
			n.begun++
		default:
			n.waiting++
		}
	}
	return n
}

func getTaskStatus(c *call) (any, error) {
	out := []record{}
	err := c.runs("taskGuid", func(_ *world.World, t *world.TaskRun) {
		n := count(t)
		total := len(t.Parts)
		status, began, ended, code := "Not Started", estate.Time(0), estate.Time(0), 0
		finished := []estate.GUID{}
		for _, p := range t.Parts {
			if p.Began != 0 && (began == 0 || p.Began < began) {
				began = p.Began
			}
			if p.Ended != 0 {
				finished = append(finished, c.server.ids.computers[p.Server])
				ended = max(ended, p.Ended)
			}
		}
		switch {
		case n.failed+n.succeeded == total && n.failed > 0:
			status, code = "Failed", -1
		case n.failed+n.succeeded == total:
			status = "Completed" // the only word seen in public (C)
		case n.waiting < total:
			status = "Started"
		}
		if n.failed+n.succeeded < total {
			ended = 0
		}
		out = append(out, taskStatus.set(map[string]any{
			"InstanceGuid": c.instance(t), "RunName": t.Name, "Status": status, "Type": "Client Task", "Summary": "", "StartedBy": c.user,
			"StartTime": began, "EndTime": ended, "ReturnCode": code, "NotStarted": n.waiting, "Started": n.begun, "Succeeded": n.succeeded,
			"Failed": n.failed, "TotalComputers": total, "TotalFinished": n.failed + n.succeeded, "ResourceGuids": finished, "SubTaskGuids": []estate.GUID{},
		}))
	})
	return out, err
}

func executedInstances(c *call) (any, error) {
	out := []estate.GUID{}
	err := c.runs("taskGuid", func(_ *world.World, t *world.TaskRun) { out = append(out, c.instance(t)) })
	return out, err
}

func getTCMStatus(c *call) (any, error) {
	var out any
	err := c.runs("taskId", func(_ *world.World, t *world.TaskRun) {
		n, total := count(t), len(t.Parts)
		done := n.failed + n.succeeded
		out = tcmStatus.set(map[string]any{"ID": c.instance(t), "NotStarted": n.waiting, "InProgress": n.begun, "Completed": done, "Total": total,
			"Failed": n.failed, "Succeeded": n.succeeded, "Progress": float64(done) / float64(max(total, 1))})
	})
	return out, err
}

// tcmResults are what each computer made of a run: None, Started, Failed, Succeeded,
// Executed (C).
func tcmResults(c *call) (any, error) {
	out := []record{}
	err := c.runs("taskId", func(_ *world.World, t *world.TaskRun) {
		for _, p := range t.Parts {
			word := "None"
			switch {
			case p.Ended != 0 && p.Failed:
				word = "Failed"
			case p.Ended != 0:
				word = "Succeeded"
			case p.Began != 0:
				word = "Started"
			}
			out = append(out, tcmResult.set(map[string]any{"Agent": c.server.ids.computers[p.Server], "Result": word}))
		}
	})
	return out, err
}

func resourceStatus(c *call) (any, error) {
	resource, err := c.guid("resourceGuid")
	if err != nil {
		return nil, err
	}
	var out any
	err = c.runs("taskInstanceGuid", func(w *world.World, t *world.TaskRun) {
		for _, p := range t.Parts {
			if c.server.ids.computers[p.Server] != resource {
				continue
			}
			status, code := 2, 0 // any number but -1, 0 and 1 means that it has started (D)
			var output any
			switch {
			case p.Ended != 0:
				status = 1
				if p.Failed {
					status = 0
				}
				code, output = c.output(w, t, &p)
			case p.Began == 0:
				status = -1
			}
			out = taskResourceState.set(map[string]any{"TaskInstanceGuid": c.instance(t), "ResourceGuid": resource, "TaskInstanceName": t.Name,
				"ResourceName": w.Servers[p.Server].Name, "Status": status, "ReturnCode": code, "OutputProperties": output})
		}
	})
	if err == nil && out == nil {
		err = missing("resourceGuid", resource.String())
	}
	return out, err
}
