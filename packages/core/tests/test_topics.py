"""Where a task lives: the same partition that every Java-like client computes."""

from aiokafka.partitioner import murmur2 as aiokafka_murmur2  # pyright: ignore[reportUnknownVariableType]
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.topics import TOPICS, Topics, murmur2, partition_of


@given(st.binary(max_size=200))
def test_murmur2_is_the_one_of_kafka_clients(data: bytes) -> None:
    assert murmur2(data) == aiokafka_murmur2(data) & 0xFFFFFFFF


def test_a_partition_that_was_computed_by_the_java_client() -> None:
    assert murmur2(b"foobar") == 0x100000000 - 790332482  # from the tests of Kafka's own Utils.murmur2
    assert partition_of("foobar", 12) == (-790332482 & 0x7FFFFFFF) % 12


def test_every_topic_has_broker_time_and_a_keeping_rule() -> None:
    for topic in TOPICS:
        config = topic.config()
        assert config["message.timestamp.type"] == "LogAppendTime"
        assert ("retention.ms" in config) == (config["cleanup.policy"] == "delete")
        assert int(config["segment.bytes"]) <= 2**27, "a broker that was killed reads all last segments again"
    assert Topics("x")["verdicts"] == "x.verdicts"


def test_three_copies_mean_that_two_have_a_record_before_it_counts_as_written() -> None:
    """Kafka's own default is one: what only a leader has is gone with its disk, though it was acknowledged."""
    for topic in TOPICS:
        assert "min.insync.replicas" not in topic.config()
        assert "min.insync.replicas" not in topic.config(2), "with two, one that is away would stop everything"
        for copies in (3, 5):
            assert topic.config(copies) == topic.config() | {"min.insync.replicas": "2"}
