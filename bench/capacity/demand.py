"""PURE. From costs of a unit and what is asked of an installation to what it needs, and what is used up first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from bench.capacity.unit_costs import UnitCosts

PLANNED: Final = 0.5
"""Of a core so much is planned: the rest is for bursts, what comes after an outage, and a member that is away."""
PARTITIONS: Final = (12, 24, 48, 96, 192)
PRIMARY_CORES: Final = 16
"""More is not planned for one primary of MongoDB: beyond it, the log needs several."""
COPIES: Final = 3
"""Of each record in Kafka and each document in MongoDB."""
DAY: Final = 86_400
RESTORE_SECONDS: Final = 8
"""A ticker that is killed shall be on time again within so long: it restores meanwhile what it holds."""
BROKER_CORES: Final = 4
BROKER_BYTES_PER_S: Final = 100e6
DISK_BYTES: Final = 4e12
"""What is planned of a broker at most, and of the disk of each member of MongoDB's replica set."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Tasks held, runs a second, all day long, and for how many days the log and Kafka's topics are kept."""

    tasks: int
    runs_per_s: int
    log_days: float = 30
    kafka_days: float = 7


@dataclass(frozen=True, slots=True)
class Needs:
    """What a demand takes. Cores are those of a machine like the one that was measured."""

    demand: Demand
    tickers: int
    executors: int
    log_sinks: int
    partitions: int | None
    """None: more than there are."""
    mongodb_cores: float
    kafka_cores: float
    brokers: int
    ticker_bytes: float
    log_bytes: float
    kafka_bytes: float
    kafka_bytes_per_s: float
    first_limit: str
    """What is used up first of what one installation can have, and how much of it is used."""


def needs(costs: UnitCosts, demand: Demand) -> Needs:
    """What a demand takes, all of it at a constant rate."""
    rest = {name: percent / 100 for name, percent in costs.rest_percent.items()}
    cores = {name: us * demand.runs_per_s / 1e6 / PLANNED + rest[name] for name, us in costs.run_us.items()}
    by_restore = demand.tasks * costs.restore_us / 1e6 / RESTORE_SECONDS / PLANNED
    tickers = max(2, ceil(max(cores["ticker"], by_restore)))
    executors, log_sinks = max(2, ceil(cores["executor"])), max(2, ceil(cores["log-sink"]))
    members = max(tickers, executors, log_sinks)
    partitions = next((one for one in PARTITIONS if one >= 2 * members), None)
    kafka_cores = cores["kafka"] * COPIES  # a follower writes what its leader writes
    run_bytes = demand.runs_per_s * costs.run_kafka_bytes * COPIES
    kafka_bytes = run_bytes * DAY * demand.kafka_days + demand.tasks * costs.task_kafka_bytes * COPIES
    log_bytes = demand.runs_per_s * DAY * demand.log_days * costs.run_mongodb_bytes
    log_bytes += demand.tasks * costs.task_mongodb_bytes
    most_members = PARTITIONS[-1] / 2
    limits = {
        "MongoDB's primary (CPU)": cores["mongod"] / PRIMARY_CORES,
        "MongoDB's disk": log_bytes / DISK_BYTES,
        "executors (partitions)": executors / most_members,
        "log sinks (partitions)": log_sinks / most_members,
        "tickers (partitions)": tickers / most_members,
    }
    first = max(limits, key=lambda name: limits[name])
    return Needs(
        demand,
        tickers,
        executors,
        log_sinks,
        partitions,
        cores["mongod"],
        kafka_cores,
        max(COPIES, *map(ceil, (kafka_cores / BROKER_CORES, run_bytes / BROKER_BYTES_PER_S, kafka_bytes / DISK_BYTES))),
        demand.tasks * costs.task_ticker_bytes,
        log_bytes * COPIES,
        kafka_bytes,
        run_bytes,
        f"{first}, {limits[first]:.0%}",
    )


def cost_lines(costs: UnitCosts) -> Iterator[Sequence[str]]:
    """A table of the costs of a unit."""
    names = list(costs.run_us)
    yield ("a unit", *names, "all")
    for what, by_process in (("a run, µs", costs.run_us), ("a new task, µs", costs.task_us)):
        yield (what, *(f"{by_process[name]:,.0f}" for name in names), f"{sum(by_process.values()):,.0f}")
    rest = costs.rest_percent
    yield ("at rest, % of a core", *(f"{rest[name]:.1f}" for name in names), f"{sum(rest.values()):.1f}")


def needs_lines(found: Sequence[Needs]) -> Iterator[Sequence[str]]:
    """A table of what demands take, a column for each."""
    yield ("", *(f"{one.demand.tasks:,} tasks, {one.demand.runs_per_s:,} runs/s" for one in found))
    yield ("partitions", *(str(one.partitions or f"more than {PARTITIONS[-1]}") for one in found))
    yield ("tickers", *(str(one.tickers) for one in found))
    yield ("memory of all tickers", *(_bytes(one.ticker_bytes) for one in found))
    yield ("executors (default handler)", *(str(one.executors) for one in found))
    yield ("log sinks", *(str(one.log_sinks) for one in found))
    yield ("cores of MongoDB's primary", *(f"{one.mongodb_cores:.1f}" for one in found))
    yield (
        f"MongoDB's disks, {COPIES} copies",
        *(f"{_bytes(one.log_bytes)}, {one.demand.log_days:g} days" for one in found),
    )
    yield ("brokers", *(f"{one.brokers}, {one.kafka_cores:.1f} cores" for one in found))
    yield (f"written to Kafka a second, {COPIES} copies", *(_bytes(one.kafka_bytes_per_s) for one in found))
    yield (
        f"Kafka's disks, {COPIES} copies",
        *(f"{_bytes(one.kafka_bytes)}, {one.demand.kafka_days:g} days" for one in found),
    )
    yield ("used up first", *(one.first_limit for one in found))


def _bytes(count: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count / 1e3:,.0f} KB"
