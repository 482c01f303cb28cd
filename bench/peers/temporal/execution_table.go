package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	insert      = "INSERT INTO executions (id, task, nominal_ms, started_ms) VALUES ($1, $2, $3, $4)"
	connections = 100
	idsPerMs    = 1_000_000
)

// executionTable is the log: one row for each execution, committed at once. When its commit was acknowledged can't be in
// the row, so it goes to a file, 16 bytes each (id, time).
type executionTable struct {
	database     *pgxpool.Pool
	acknowledged *os.File
	lastID       atomic.Int64
}

func openExecutionTable(ctx context.Context, address, acknowledged string) (*executionTable, error) {
	url := fmt.Sprintf("postgres://postgres@%s/peer?pool_max_conns=%d", address, connections)
	database, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(acknowledged, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	table := &executionTable{database: database, acknowledged: file}
	table.lastID.Store(time.Now().UnixMilli() * idsPerMs)
	return table, nil
}

func (t *executionTable) add(ctx context.Context, task string, nominalMs int64, startedMs float64) error {
	id := t.lastID.Add(1)
	if _, err := t.database.Exec(ctx, insert, id, task, nominalMs, startedMs); err != nil {
		return err
	}
	entry := binary.BigEndian.AppendUint64(nil, uint64(id))
	entry = binary.BigEndian.AppendUint64(entry, math.Float64bits(nowMs()))
	_, err := t.acknowledged.Write(entry)
	return err
}

// nowMs is the time in epoch milliseconds and their fractions.
func nowMs() float64 {
	return float64(time.Now().UnixMicro()) / 1000
}
