"""What the executor shows of its backlog and its failures."""

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

import tasker
import tasker_executor
from tasker_core.events.event_data import ReportError
from tasker_core.handlers.result import UnusableResult, encode_result
from tasker_executor.consumer.lag_probe import DueLagProbe
from tasker_executor.metrics import FAILURE_REASONS, count_failure
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.group.group_consumer import PartitionProgress
from tasker_runtime.metrics.definitions import REGISTRY

LIVE, BACKGROUND = TopicPartition("p.due-tasks", 3), TopicPartition("p.due-background", 3)


def lag(topic: str) -> float | None:
    return REGISTRY.get_sample_value("tasker_executor_lag_records", {"topic": topic, "partition": "3"})


def test_the_lag_of_what_is_ours_is_shown() -> None:
    probe = DueLagProbe({"p.due-tasks": "live", "p.due-background": "background"})
    probe.take_in({LIVE: PartitionProgress(5, 5), BACKGROUND: PartitionProgress(5, 9)}, 100.0)
    probe.take_in({LIVE: PartitionProgress(5, 8), BACKGROUND: PartitionProgress(7, 9)}, 105.0)
    assert (lag("due-tasks"), lag("due-background")) == (3, 2)
    assert probe.unread_seconds == {"live": 0.0, "background": 5.0}
    probe.take_in({LIVE: PartitionProgress(8, 8)}, 110.0)
    assert (lag("due-tasks"), lag("due-background")) == (0, None)
    assert probe.unread_seconds == {"live": 0.0, "background": 0.0}


def raised_kinds(package: Path) -> Iterator[str]:
    """The kinds that the code of a package gives failures by name."""
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("AttemptFailed", "Failed")
            ):
                match node.args:
                    case [ast.Constant(value=str(kind)), *_]:
                        yield kind
                    case _:
                        pass


def folder_of(package: Collection[str]) -> Path:
    return Path(next(iter(package)))


def test_every_kind_of_failure_of_tasker_s_own_is_counted_by_its_name() -> None:
    kinds = {*raised_kinds(folder_of(tasker_executor.__path__)), *raised_kinds(folder_of(tasker.__path__))}
    for unusable in (object(), "x" * 1_000_000):
        with pytest.raises(UnusableResult) as error:
            encode_result(unusable)
        kinds.add(error.value.kind)
    kinds.add(ReportError(message="").kind)  # of an end that is reported without one
    assert len(kinds) > 20
    assert kinds == FAILURE_REASONS


@pytest.mark.parametrize(("kind", "reason"), [("timeout", "timeout"), ("customer-4711 has no stock", "other")])
def test_kinds_of_plug_ins_do_not_make_labels(kind: str, reason: str) -> None:
    labels = {"handler": "greet", "reason": reason}
    before = REGISTRY.get_sample_value("tasker_executor_failures_total", labels) or 0
    count_failure("greet", kind)
    assert REGISTRY.get_sample_value("tasker_executor_failures_total", labels) == before + 1
