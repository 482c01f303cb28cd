"""How metrics are declared and exposed."""

from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from tasker_runtime.metrics import definitions
from tasker_runtime.metrics.batch_histogram import BatchHistogram
from tasker_runtime.metrics.service_metrics import (
    announce_dead_letters,
    count_dead_letter,
    exposed,
    show_process,
)

BUCKETS = (0.1, 1, 10)


def lines(name: str) -> list[str]:
    text = exposed({}).decode()
    return [line for line in text.splitlines() if line.startswith(name)]


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> CollectorRegistry:
    """A registry of one test, and a list of definitions of its own."""
    registry = CollectorRegistry()
    monkeypatch.setattr("tasker_runtime.metrics.batch_histogram.REGISTRY", registry)
    monkeypatch.setattr(definitions, "DEFINITIONS", [])
    return registry


@given(st.lists(st.lists(st.floats(0, 100), max_size=20), max_size=5))
def test_a_batch_histogram_shows_what_a_histogram_does(batches: list[list[float]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        ours, reference = CollectorRegistry(), CollectorRegistry()
        patch.setattr("tasker_runtime.metrics.batch_histogram.REGISTRY", ours)
        patch.setattr(definitions, "DEFINITIONS", [])
        batch_histogram = BatchHistogram("t_seconds", "What.", "stage", ["a"], buckets=BUCKETS)
        histogram = Histogram("t_seconds", "What.", ["stage"], buckets=BUCKETS, registry=reference)
        histogram.labels("a")
        for batch in batches:
            batch_histogram.observe(batch, "a")
            for value in batch:
                histogram.labels("a").observe(value)
        for name in ("t_seconds_count", "t_seconds_bucket"):
            for bound in ("0.1", "1.0", "10.0", "+Inf"):
                labels = {"stage": "a"} | ({"le": bound} if name.endswith("bucket") else {})
                assert ours.get_sample_value(name, labels) == reference.get_sample_value(name, labels)
        seen, total = ours.get_sample_value("t_seconds_sum", {"stage": "a"}), sum(map(sum, batches))
        assert seen == pytest.approx(total)


def test_a_batch_histogram_shows_all_its_labels_from_the_beginning(registry: CollectorRegistry) -> None:
    histogram = BatchHistogram("t_seconds", "What.", "stage", ["a", "b"], buckets=BUCKETS)
    text = generate_latest(registry).decode()
    assert 't_seconds_bucket{le="+Inf",stage="b"} 0.0' in text
    assert 't_seconds_count{stage="a"} 0.0' in text
    with pytest.raises(KeyError, match="c"):
        histogram.observe([1.0], "c")


def test_a_batch_histogram_may_have_no_label(registry: CollectorRegistry) -> None:
    histogram = BatchHistogram("t_seconds", "What.", buckets=BUCKETS)
    histogram.observe([0.5, 20.0])
    assert registry.get_sample_value("t_seconds_count") == 2
    assert registry.get_sample_value("t_seconds_bucket", {"le": "1.0"}) == 1


def test_every_declaration_is_noted(registry: CollectorRegistry) -> None:
    BatchHistogram("t_seconds", "What.", "stage", ["a"], buckets=BUCKETS)
    assert definitions.DEFINITIONS == [("t_seconds", "histogram", ("stage",), "What.")]


def test_a_service_says_what_it_is_and_which_checks_hold() -> None:
    show_process("ticker", 12)
    assert lines("tasker_build_info") == [
        f'tasker_build_info{{component="ticker",version="{version("tasker-runtime")}"}} 1.0'
    ]
    assert lines("tasker_partitions") == ["tasker_partitions 12.0"]
    text = exposed({"kafka": True, "mongodb": False}).decode()
    assert 'tasker_health_check{check="kafka"} 1.0' in text
    assert 'tasker_health_check{check="mongodb"} 0.0' in text
    assert 'check="mongodb"' not in exposed({"kafka": True}).decode(), "a check that went is shown no more"


def test_dead_letters_are_shown_from_zero_on() -> None:
    announce_dead_letters("executor", {"due-tasks": ("unusable", "failed")})
    name = 'tasker_dead_letters_total{component="executor",reason="failed",topic="due-tasks"}'
    (before,) = lines(name)
    count_dead_letter("executor", "my-prefix_2.due-tasks", "failed")
    assert lines(name) == [f"{name} {float(before.split()[1]) + 1}"]


def test_counters_have_no_second_series_with_their_age() -> None:
    assert "_created" not in exposed({}).decode()
