"""`python -m bench capacity`: what a run and a task cost on this machine, and what installations need by that.

The costs are measured on a whole Tasker with embedded backends, and kept in a file; `--costs` takes those of a file.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Final

from aiokafka.errors import KafkaError

from bench.capacity.demand import Demand, cost_lines, needs, needs_lines
from bench.capacity.measuring import measure_costs
from bench.capacity.unit_costs import UnitCosts
from bench.table import print_columns
from tasker_devstack.errors import DevstackError
from tasker_runtime.mongo import PyMongoError

RATE, TASKS, SECONDS = 2_000, 100_000, 30
USUAL: Final = Demand(0, 0)
SHORTEST_LOG_DAYS: Final = 8
"""A shorter retention is refused (docs/operations.md)."""
DEMANDS: Final = (
    Demand(10_000, 100),
    Demand(100_000, 1_000),
    Demand(1_000_000, 10_000, log_days=SHORTEST_LOG_DAYS),
    Demand(10_000_000, 100_000, log_days=SHORTEST_LOG_DAYS),
)


def main(arguments: list[str]) -> int:
    """0 when the tables are printed, 1 when the costs can't be had, 2 for wrong arguments."""
    parser = argparse.ArgumentParser(prog="bench capacity", description=__doc__)
    parser.add_argument("--costs", type=Path, metavar="FILE", help="measure nothing: take the costs of this file")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep what is measured in this file")
    parser.add_argument("--rate", type=int, default=RATE, help="runs a second while they are measured (%(default)s)")
    parser.add_argument("--tasks", type=int, help="what so many tasks need, instead of the usual table")
    parser.add_argument("--runs", type=int, help="with --tasks: so many runs a second")
    parser.add_argument("--log-days", type=float, help=f"with --tasks: so long the log is kept ({USUAL.log_days:g})")
    parser.add_argument("--kafka-days", type=float, help=f"with --tasks: and the topics ({USUAL.kafka_days:g})")
    given = parser.parse_args(arguments)
    if (given.tasks is None) != (given.runs is None):
        parser.error("--tasks and --runs go together")
    days = {name: value for name in ("log_days", "kafka_days") if (value := getattr(given, name)) is not None}
    if days and given.tasks is None:
        parser.error("--log-days and --kafka-days go with --tasks")
    demands = DEMANDS if given.tasks is None else (Demand(given.tasks, given.runs, **days),)
    try:
        costs = UnitCosts.from_json(given.costs.read_text()) if given.costs else _measured(given.rate)
    except (OSError, ValueError, TypeError, AssertionError, DevstackError, KafkaError, PyMongoError) as error:
        sys.stderr.write(f"bench capacity: {type(error).__name__}: {error}\n")
        return 1
    if given.save is not None:
        given.save.write_text(costs.to_json())
    print(f"{costs.machine}; {costs.rate:,} runs a second, {costs.tasks:,} tasks")
    print_columns([list(line) for line in cost_lines(costs)])
    print(
        f"a run: {costs.run_kafka_bytes:,.0f} bytes in Kafka, {costs.run_mongodb_bytes:,.0f} in MongoDB; a task: "
        f"{costs.task_ticker_bytes:,.0f} in the ticker, {costs.task_kafka_bytes:,.0f} in Kafka, "
        f"{costs.task_mongodb_bytes:,.0f} in MongoDB; restored in {costs.restore_us:,.1f} µs"
    )
    print_columns([list(line) for line in needs_lines([needs(costs, one) for one in demands])])
    return 0


def _measured(rate: int) -> UnitCosts:
    with tempfile.TemporaryDirectory(prefix="tasker-capacity-") as folder:
        return asyncio.run(measure_costs(Path(folder), rate, TASKS, SECONDS))
