"""What is measured of the runs that are logged."""

from typing import Any

import pytest

from tasker_core.kafka_record import Record
from tasker_core.statistics.first_attempt import STAGES
from tasker_log_sink import metrics
from tasker_log_sink.consuming.decoding import SOURCES, decode_record
from tasker_log_sink.lag_probe import AppliedLagProbe
from tasker_log_sink.testing.members import RESULTS, SingleMember
from tasker_log_sink.testing.messages import NOON_MS, at, ended, finished, mark_fields, started
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_runtime.kafka.partition_lag import MAX_FAILED_LOOKS
from tasker_runtime.metrics.definitions import REGISTRY
from tasker_runtime.mongo import PyMongoError

LOGGED = NOON_MS + 13_000


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"tasker_log_sink_{name}", labels) or 0


def record(offset: int) -> Record:
    return Record(RESULTS.topic, RESULTS.partition, offset, 0, None, finished(f"r{offset}", "t", 1, 10), ())


class Growth:
    """How much the counts and sums of the histograms have grown since it was made."""

    def __init__(self) -> None:
        self._before = self._now()

    def __call__(self) -> dict[str, tuple[float, float]]:
        """(observations, seconds) of what has grown, by stage; the promise is `promise`."""
        grown = {
            name: tuple(a - b for a, b in zip(new, self._before[name], strict=True))
            for name, new in self._now().items()
        }
        return {name: (count, round(seconds, 6)) for name, (count, seconds) in grown.items() if count}

    def _now(self) -> dict[str, tuple[float, float]]:
        stages = {
            s: (sample("run_stage_seconds_count", stage=s), sample("run_stage_seconds_sum", stage=s)) for s in STAGES
        }
        return {"promise": (sample("run_lateness_seconds_count"), sample("run_lateness_seconds_sum")), **stages}


def logged(*values: bytes, at_ms: int = LOGGED) -> dict[str, tuple[float, float]]:
    growth = Growth()
    records = [decode_record("results", value) for value in values]
    metrics.count_batch(["results"] * len(records), records, {}, at_ms, 0.01)
    return growth()


def test_the_stages_of_a_run_add_up_to_its_lateness_and_the_time_of_its_handler() -> None:
    fields: dict[str, Any] = {
        "emitted_at": at(10.05),
        "received_at": at(10.15),
        "started_at": at(10.4),
        "finished_at": at(12.4),
    }
    assert logged(finished("r", "t", 1, 10, **fields)) == {
        "promise": (1, 1.0),
        "emission": (1, 0.05),
        "delivery": (1, 0.1),
        "waiting": (1, 0.25),
        "execution": (1, 2.0),
        "logging": (1, 0.6),
    }


def test_what_is_prepared_before_it_is_due_is_not_early() -> None:
    grown = logged(finished("r", "t", 1, 10, emitted_at=at(9.8), received_at=at(10.01)))
    assert (grown["emission"], grown["delivery"]) == ((1, 0.0), (1, 0.01))


def test_the_spread_of_a_schedule_is_no_lateness() -> None:
    fields: dict[str, Any] = {name: at(12.5) for name in ("received_at", "started_at", "finished_at")}
    grown = logged(finished("r", "t", 1, -100, effective_at=at(12), emitted_at=at(12), **fields))
    assert grown["promise"] == (1, 1.0)


def test_a_run_that_never_started_has_waited_to_its_end() -> None:
    grown = logged(finished("r", "t", 1, 10, outcome="skipped", started_at=None))
    assert "execution" not in grown
    assert (grown["promise"], grown["waiting"]) == ((1, 3.0), (1, 0.2))


@pytest.mark.parametrize(
    "value",
    [
        started("r", "t", 1, 10),
        finished("r", "t", 1, 10, kind="manual"),
        finished("r", "t", 1, 10, kind="backfill"),
        finished("r", "t", 1, 10, lane="background"),
        finished("r", "t", 1, 10, attempt=2),
    ],
)
def test_only_first_attempts_of_scheduled_runs_are_promised(value: bytes) -> None:
    assert logged(value) == {}


def test_what_the_ticker_ended_is_no_attempt() -> None:
    growth = Growth()
    metrics.count_batch(["verdicts"], [decode_record("verdicts", ended("r", "t", 1, 10))], {}, LOGGED, 0.01)
    assert growth() == {}


def test_a_failed_first_attempt_with_another_one_to_come_is_logged_in_time() -> None:
    assert logged(finished("r", "t", 1, 10, outcome="failed", retry_at=at(30)))["promise"] == (1, 2.9)


def test_the_applied_watermark_is_shown() -> None:
    metrics.count_batch(["watermarks"], [], {TopicPartition("x.watermarks", 77): mark_fields(5)}, NOON_MS, 0.01)
    assert sample("watermark_timestamp_seconds", partition="77") == NOON_MS / 1000 + 5


def test_all_topics_are_shown_from_the_beginning() -> None:
    assert set(metrics.SOURCE_TOPICS) == set(SOURCES)


async def test_what_is_read_again_for_its_progress_alone_is_not_measured_again() -> None:
    member, growth = SingleMember(), Growth()
    await member.join()
    await member.subscriber.deliver([record(0)])
    await member.join()
    await member.subscriber.deliver([record(0), record(1)])
    assert growth()["promise"][0] == 2


async def test_the_lag_is_what_is_not_applied_also_while_batches_fail() -> None:
    member = SingleMember()
    await member.join()
    member.consumer.end = 2
    probe = AppliedLagProbe(member.positions, member.writer)
    await probe.look()
    assert sample("lag_records", topic="r", partition="0") == 2
    await member.subscriber.deliver([record(0)])
    await probe.look()
    assert sample("lag_records", topic="r", partition="0") == 1
    member.store.errors.append(PyMongoError("away"))
    await member.subscriber.deliver([record(1)])
    await probe.look()
    assert member.positions.applied_offsets() == {}
    assert sample("lag_records", topic="r", partition="0") == 1
    await member.subscriber.rebalance()
    await probe.look()
    assert REGISTRY.get_sample_value("tasker_log_sink_lag_records", {"topic": "r", "partition": "0"}) is None


async def test_what_can_not_be_looked_at_for_long_is_shown_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    member = SingleMember()
    await member.join()
    member.consumer.end = 2
    probe = AppliedLagProbe(member.positions, member.writer)
    await probe.look()

    async def away(_: object) -> dict[TopicPartition, int]:
        raise KafkaError("away")

    with monkeypatch.context() as patch:
        patch.setattr(member.consumer, "end_offsets", away)
        for _ in range(MAX_FAILED_LOOKS - 1):
            await probe.look()
        assert sample("lag_records", topic="r", partition="0") == 2
        await probe.look()
        assert REGISTRY.get_sample_value("tasker_log_sink_lag_records", {"topic": "r", "partition": "0"}) is None
        assert REGISTRY.get_sample_value("tasker_log_sink_backlog_age_seconds", {"topic": "r"}) is None
    await probe.look()
    assert sample("lag_records", topic="r", partition="0") == 2


async def test_markers_of_transactions_behind_the_last_record_are_no_lag() -> None:
    member = SingleMember()
    await member.join()
    member.consumer.end = 2
    await member.subscriber.deliver([record(0)])
    member.consumer.seek(RESULTS, 2)
    await AppliedLagProbe(member.positions, member.writer).look()
    assert sample("lag_records", topic="r", partition="0") == 0
