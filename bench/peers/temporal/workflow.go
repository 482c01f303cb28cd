package main

import (
	"context"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

const activityTimeout = time.Minute

// Set by the server on each workflow that a schedule starts: the time that the schedule says.
var scheduledStartTime = temporal.NewSearchAttributeKeyTime("TemporalScheduledStartTime")

// execute is one execution of a task; atMs is 0 where a schedule says when.
func execute(ctx workflow.Context, task string, atMs int64) error {
	if atMs == 0 {
		at, _ := workflow.GetTypedSearchAttributes(ctx).GetTime(scheduledStartTime)
		atMs = at.UnixMilli()
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: activityTimeout})
	var known *activities
	return workflow.ExecuteActivity(ctx, known.Log, task, atMs).Get(ctx, nil)
}

type activities struct {
	executions *executionTable
	tasks      *tasks
}

// Log is what the task does.
func (a *activities) Log(ctx context.Context, task string, nominalMs int64) error {
	startedMs := nowMs()
	a.tasks.begun(task)
	return a.executions.add(ctx, task, nominalMs, startedMs)
}
