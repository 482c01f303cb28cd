package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
)

type command struct {
	Do    string   `json:"do"`
	Names []string `json:"names"`
	AtMs  int64    `json:"at_ms"`
}

type answer struct {
	Ok    bool   `json:"ok,omitempty"`
	Error string `json:"error,omitempty"`
}

// serve takes commands from the benchmark, one JSON object a line, on a port of this machine only. Each is answered by one
// line when it is done.
func serve(ctx context.Context, port string, tasks *tasks) error {
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		if err := answerAll(ctx, connection, tasks); err != nil {
			log.Printf("the client is gone: %v", err)
		}
	}
}

func answerAll(ctx context.Context, connection net.Conn, tasks *tasks) error {
	defer connection.Close()
	lines, answers := json.NewDecoder(bufio.NewReader(connection)), json.NewEncoder(connection)
	for lines.More() {
		var one command
		if err := lines.Decode(&one); err != nil {
			return err
		}
		reply := answer{Ok: true}
		if err := carryOut(ctx, one, tasks); err != nil {
			log.Printf("%s: %v", one.Do, err)
			reply = answer{Error: err.Error()}
		}
		if err := answers.Encode(reply); err != nil {
			return err
		}
	}
	return nil
}

func carryOut(ctx context.Context, one command, tasks *tasks) error {
	switch one.Do {
	case "every_second":
		return tasks.everySecond(ctx, one.Names)
	case "once":
		return tasks.once(ctx, one.Names, one.AtMs)
	case "clear":
		return tasks.clear(ctx)
	}
	return fmt.Errorf("unknown command %s", one.Do)
}
