package apply

import "context"

// jobKey is the key of a job's number in the context of its calls.
type jobKey struct{}

// numbered gives the calls of a job its number.
func numbered(ctx context.Context, job int) context.Context {
	return context.WithValue(ctx, jobKey{}, job)
}

// Job returns the number of the job that makes a call, -1 where nothing tells. Jobs
// are numbered in the order in which a run starts them, so a World that lets calls
// through one at a time can tell two that are alike.
func Job(ctx context.Context) int {
	if job, ok := ctx.Value(jobKey{}).(int); ok {
		return job
	}
	return -1
}
