"""Records that are not of the contract, and how batches are split."""

import pytest

from tasker_core.kafka_record import Record
from tasker_core.messages.base import encode
from tasker_core.messages.watermark import Watermark
from tasker_log_sink.consuming.batch import decode_batch, split
from tasker_log_sink.testing.messages import at, finished, verdict, when
from tasker_runtime.kafka.client import TopicPartition


def record(value: bytes | None, offset: int = 0, topic: str = "r") -> Record:
    return Record(topic, 0, offset, 0, None, value, ())


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"type": "run.finished"}',
        finished("r", "t", 3, 20, finished_at="yesterday"),
        finished("r", "t", 3, 20, effective_at="2026-01-01T12:00:00"),
        finished("r", "t", 3, 20, finished_at="0001-01-01T00:00:00+01:00"),
        finished("r", "t", 3, 20, finished_at="9999-12-31T23:59:59-01:00"),
        finished("r", "t", 3, 20, effective_at="9000-01-01T00:00:00.000Z"),
        finished("r", "t", 3, 20, effective_at="1969-12-31T23:59:59.000Z"),
        finished("r", "t", 2**53, 20),
        finished("r", "t", 0, 20),
        b'{"type":"run.finished","payload":' + b"[" * 100_000,
    ],
)
def test_one_that_is_not_of_the_contract_does_not_touch_the_others(value: bytes | None) -> None:
    good = finished("r", "t", 3, 20)
    batch = decode_batch([record(good), record(value), record(good)], {"r": "results"})
    assert len(batch.records) == 2
    assert [unusable.record.value for unusable in batch.unusable] == [value]
    assert batch.unusable[0].reason


@pytest.mark.parametrize(
    "value",
    [
        verdict("t", 3, 10, effective_from=None),
        verdict("t", 3, 10, generation=None),
        verdict("t", 3, 10, task=None),
        verdict("t", 3, 10, task={"tags": 1}),
        verdict("t", 3, 10, task={"tags": [1]}),
        b'{"type":"missed","task_id":"t"}',
    ],
)
def test_an_accepted_verdict_that_lacks_what_it_must_have_is_unusable(value: bytes) -> None:
    assert len(decode_batch([record(value)], {"r": "verdicts"}).unusable) == 1


def test_the_last_watermark_of_a_partition_counts() -> None:
    marks = [encode(Watermark(time=at(n), next_offset=0, turn=n, owner="o")) for n in (1, 2)]
    batch = decode_batch([record(mark) for mark in marks], {"r": "watermarks"})
    assert [mark["watermark"] for mark in batch.watermarks.values()] == [when(2)]
    assert batch.watermarks.keys() == {TopicPartition("r", 0)}


def test_batches_are_cut_by_count_and_by_bytes() -> None:
    records = [record(b"x" * size, n) for n, size in enumerate([10, 10, 10, 50, 10, 10])]
    sizes = [[r.offset for r in piece] for piece in split(records, max_records=2, max_bytes=30)]
    assert sizes == [[0, 1], [2], [3], [4, 5]]
    assert list(split([], max_records=2, max_bytes=30)) == []
