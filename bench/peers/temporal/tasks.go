package main

import (
	"context"
	"errors"
	"sync"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/errgroup"
)

const (
	parallel = 50               // requests that are under way at the same time
	timeout  = 30 * time.Second // of each; a server that is too busy is asked again,
	patience = 5 * time.Minute  // for so long
)

// tasks knows what there is, so that it can be removed.
type tasks struct {
	client client.Client

	mutex     sync.Mutex
	schedules map[string]bool
	waiting   map[string]bool
}

func newTasks(server client.Client) *tasks {
	return &tasks{client: server, schedules: map[string]bool{}, waiting: map[string]bool{}}
}

// everySecond makes a schedule for each name. It allows overlaps: by default a second would be left out whenever the
// workflow of the one before is still running.
func (t *tasks) everySecond(ctx context.Context, names []string) error {
	return forEach(ctx, names, func(ctx context.Context, name string) error {
		_, err := t.client.ScheduleClient().Create(ctx, client.ScheduleOptions{
			ID:      name,
			Spec:    client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: time.Second}}},
			Overlap: enums.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL,
			Action: &client.ScheduleWorkflowAction{
				ID: name, Workflow: execute, Args: []any{name, int64(0)}, TaskQueue: taskQueue,
			},
		})
		t.note(t.schedules, name)
		if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
			return nil // by an attempt that was not answered
		}
		return err
	})
}

func (t *tasks) once(ctx context.Context, names []string, atMs int64) error {
	return forEach(ctx, names, func(ctx context.Context, name string) error {
		t.note(t.waiting, name)
		options := client.StartWorkflowOptions{
			ID: name, TaskQueue: taskQueue, StartDelay: max(0, time.Until(time.UnixMilli(atMs))),
		}
		_, err := t.client.ExecuteWorkflow(ctx, options, execute, name, atMs)
		return err
	})
}

// clear removes the schedules, and ends the workflows that have not begun.
func (t *tasks) clear(ctx context.Context) error {
	schedules, waiting := t.taken()
	err := forEach(ctx, schedules, func(ctx context.Context, name string) error {
		return unlessGone(t.client.ScheduleClient().GetHandle(ctx, name).Delete(ctx))
	})
	if err != nil {
		return err
	}
	return forEach(ctx, waiting, func(ctx context.Context, name string) error {
		return unlessGone(t.client.TerminateWorkflow(ctx, name, "", "cleared"))
	})
}

// begun is told of each task that is executed: one that was due once need not be removed any more.
func (t *tasks) begun(name string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	delete(t.waiting, name)
}

func (t *tasks) note(names map[string]bool, name string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	names[name] = true
}

func (t *tasks) taken() (schedules, waiting []string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for name := range t.schedules {
		schedules = append(schedules, name)
	}
	for name := range t.waiting {
		waiting = append(waiting, name)
	}
	clear(t.schedules)
	clear(t.waiting)
	return schedules, waiting
}

// forEach acts on all names, each again and again while the server is too busy to answer.
func forEach(ctx context.Context, names []string, act func(context.Context, string) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, name := range names {
		group.Go(func() error {
			patient, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			return until(patient, func() (bool, error) {
				attempt, cancel := context.WithTimeout(patient, timeout)
				defer cancel()
				err := act(attempt, name)
				return !busy(err), err
			})
		})
	}
	return group.Wait()
}

func busy(err error) bool {
	var late *serviceerror.DeadlineExceeded
	var away *serviceerror.Unavailable
	var much *serviceerror.ResourceExhausted
	return errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &late) || errors.As(err, &away) || errors.As(err, &much)
}

func unlessGone(err error) error {
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return nil
	}
	return err
}
