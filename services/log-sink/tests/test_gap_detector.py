"""What Kafka no longer holds is reported, and only that."""

import structlog

from tasker_log_sink.consuming.gap_detector import CHECK, GapDetector
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log

HERE = TopicPartition("t.results", 4)


def fresh() -> tuple[GapDetector, Health]:
    health = Health()
    log: Log = structlog.get_logger()
    return GapDetector(SystemClock(), health, log), health


def test_records_that_continue_what_is_applied_are_no_gap() -> None:
    gaps, health = fresh()
    assert gaps.start_offset(HERE, applied=10, first=0, end=20) == 10
    assert gaps.start_offset(HERE, applied=10, first=10, end=10) == 10
    assert health.checks[CHECK].good


def test_deleted_records_are_named() -> None:
    gaps, health = fresh()
    assert gaps.start_offset(HERE, applied=10, first=15, end=20) == 15
    assert "records 10..14 of t.results partition 4 were deleted" in health.checks[CHECK].detail
    assert not health.checks[CHECK].good


def test_a_topic_that_was_made_again_is_read_from_its_beginning() -> None:
    gaps, health = fresh()
    assert gaps.start_offset(HERE, applied=10, first=0, end=9) == 0
    assert "made again" in health.checks[CHECK].detail


def test_a_jump_over_what_kafka_still_holds_is_no_loss() -> None:
    gaps, health = fresh()
    gaps.note_jump(HERE, expected=10, found=12)
    assert gaps.jumped() == [HERE]
    gaps.check_jumps({HERE: 11})
    assert health.checks[CHECK].good
    assert gaps.jumped() == []


def test_a_jump_over_what_kafka_deleted_is_a_loss() -> None:
    gaps, health = fresh()
    gaps.note_jump(HERE, expected=10, found=12)
    gaps.note_jump(HERE, expected=13, found=14)
    gaps.check_jumps({HERE: 12})
    assert "records 10..11" in health.checks[CHECK].detail


def test_another_cluster_is_reported() -> None:
    gaps, health = fresh()
    gaps.report_other_clusters("new", ["old"])
    assert "cluster old, this is new" in health.checks[CHECK].detail
