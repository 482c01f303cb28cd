// The worker of the peer Temporal, which is also told by the benchmark which tasks there are.
//
// A task that is due each second is a schedule with an interval; one that is due once is a workflow with a start delay.
// Each execution is one workflow with one activity, which logs it.
//
// Environment: PEER_FRONTEND (port), PEER_POSTGRES (host:port), PEER_ACKNOWLEDGED (a file), CONTROL_PORT (for commands).
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	namespace = "peer"
	taskQueue = "peer"
	slots     = 200
	readyIn   = 90 * time.Second
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	executions, err := openExecutionTable(ctx, os.Getenv("PEER_POSTGRES"), os.Getenv("PEER_ACKNOWLEDGED"))
	if err != nil {
		return err
	}
	errorsOnly := slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})
	options := client.Options{
		HostPort:  "127.0.0.1:" + os.Getenv("PEER_FRONTEND"),
		Namespace: namespace,
		Logger:    sdklog.NewStructuredLogger(slog.New(errorsOnly)),
	}
	server, err := dial(ctx, options)
	if err != nil {
		return err
	}
	tasks := newTasks(server)
	executor := worker.New(server, taskQueue, worker.Options{
		MaxConcurrentActivityExecutionSize:     slots,
		MaxConcurrentWorkflowTaskExecutionSize: slots,
		WorkflowTaskPollerBehavior:             worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{}),
		ActivityTaskPollerBehavior:             worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{}),
	})
	executor.RegisterWorkflow(execute)
	executor.RegisterActivity(&activities{executions, tasks})
	if err := executor.Start(); err != nil {
		return fmt.Errorf("the worker does not start: %w", err)
	}
	return serve(ctx, os.Getenv("CONTROL_PORT"), tasks)
}

// dial connects, makes the namespace, and waits until the server knows it.
func dial(ctx context.Context, options client.Options) (client.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, readyIn)
	defer cancel()
	namespaces, err := client.NewNamespaceClient(options)
	if err != nil {
		return nil, err
	}
	defer namespaces.Close()
	request := &workflowservice.RegisterNamespaceRequest{
		Namespace:                        namespace,
		WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}
	known := func() (bool, error) {
		var exists *serviceerror.NamespaceAlreadyExists
		err := namespaces.Register(ctx, request)
		if errors.As(err, &exists) {
			err = nil
		}
		return err == nil, err
	}
	if err := until(ctx, known); err != nil {
		return nil, fmt.Errorf("the namespace can't be made: %w", err)
	}
	server, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, err
	}
	served := func() (bool, error) {
		_, err := server.DescribeTaskQueue(ctx, taskQueue, enums.TASK_QUEUE_TYPE_WORKFLOW)
		return err == nil, err
	}
	if err := until(ctx, served); err != nil {
		return nil, fmt.Errorf("the namespace is not served: %w", err)
	}
	return server, nil
}

// until repeats an attempt until it says that it is done, or the context is over.
func until(ctx context.Context, attempt func() (bool, error)) error {
	for {
		done, err := attempt()
		if done {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}
