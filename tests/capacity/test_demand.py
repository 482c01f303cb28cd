"""What installations need by the costs of a unit."""

from bench.capacity.demand import Demand, cost_lines, needs, needs_lines
from bench.capacity.unit_costs import UnitCosts

COSTS = UnitCosts(
    machine="two cores",
    rate=1_000,
    tasks=1_000,
    run_us={"ticker": 10, "executor": 40, "log-sink": 40, "kafka": 10, "mongod": 50},
    task_us={"ticker": 100, "executor": 0, "log-sink": 100, "kafka": 10, "mongod": 300},
    rest_percent={"ticker": 0, "executor": 0, "log-sink": 0, "kafka": 100, "mongod": 50},
    run_kafka_bytes=1_000,
    run_mongodb_bytes=500,
    task_ticker_bytes=800,
    task_kafka_bytes=300,
    task_mongodb_bytes=5_000,
    restore_us=20,
)


def test_costs_are_read_as_they_were_kept() -> None:
    assert UnitCosts.from_json(COSTS.to_json()) == COSTS


def test_a_small_installation_has_two_of_each_in_twelve_partitions() -> None:
    found = needs(COSTS, Demand(1_000, 100))
    assert (found.tickers, found.executors, found.log_sinks, found.partitions, found.brokers) == (2, 2, 2, 12, 3)


def test_half_of_a_core_is_planned() -> None:
    found = needs(COSTS, Demand(1_000, 100_000, log_days=1, kafka_days=0.5))
    assert (found.executors, found.log_sinks, found.tickers, found.partitions) == (8, 8, 2, 24)
    assert (found.mongodb_cores, found.kafka_cores, found.kafka_bytes_per_s) == (10.5, 9, 3e8)
    assert found.log_bytes == 3 * (100_000 * 86_400 * 500 + 1_000 * 5_000)
    assert found.kafka_bytes == 3 * (100_000 * 86_400 * 0.5 * 1_000 + 1_000 * 300)
    assert (found.brokers, found.first_limit) == (4, "MongoDB's disk, 108%")


def test_tickers_are_so_many_that_one_is_restored_in_time() -> None:
    assert needs(COSTS, Demand(10_000_000, 100, 1)).tickers == 50


def test_what_partitions_cannot_do_is_said() -> None:
    found = needs(COSTS, Demand(1, 2_000_000, log_days=0.01))
    assert (found.executors, found.partitions) == (160, None)
    assert "more than 192" in next(line for line in needs_lines([found]) if line[0] == "partitions")


def test_the_tables_have_a_cell_for_each_process_and_demand() -> None:
    assert list(cost_lines(COSTS))[1] == ("a run, µs", "10", "40", "40", "10", "50", "150")
    assert {len(line) for line in needs_lines([needs(COSTS, Demand(1, 1, 1))] * 3)} == {4}
