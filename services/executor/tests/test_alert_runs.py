"""A message about tasks that does not arrive: tried again, and in the end a metric and a dead letter."""

import msgspec
import pytest

from tasker_core.messages.runs import RetryPolicy
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.testing.runner_harness import NewRunnerHarness
from tasker_runtime.metrics.definitions import REGISTRY

AWAY = AttemptFailed("connect", "can't connect to hooks.example.com: Connection refused")
GONE = AttemptFailed("http_status", "the server answered 404", {"status": 404}, final=True)
RETRY = RetryPolicy(max_attempts=10, initial="PT10S", factor=3.0, max="PT6H", jitter=0.1, max_age="P1D")


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("tasker_executor_alerts_total", {"outcome": outcome}) or 0


@pytest.mark.parametrize(("attempt", "failure", "final"), [(1, AWAY, False), (10, AWAY, True), (1, GONE, True)])
async def test_only_the_end_is_counted_and_leaves_a_dead_letter(
    new_runner_harness: NewRunnerHarness,
    capsys: pytest.CaptureFixture[str],
    attempt: int,
    failure: AttemptFailed,
    final: bool,
) -> None:
    harness, before = new_runner_harness(), counted("failed")
    run = harness.run("tasker-alerts.1.2", lane="background", retry=RETRY, kind="alert", attempt=attempt)
    await harness.iterate()
    harness.release(run.run_id, failure)
    await harness.finished()
    assert counted("failed") - before == (1 if final else 0)
    assert len(harness.dead_letters.sent) == (1 if final else 0)
    assert len(harness.events.sent) == (0 if final else 1)
    logged = capsys.readouterr().out
    assert "run failed" in logged
    assert str(failure) in logged
    if final:
        assert msgspec.json.decode(harness.dead_letters.sent[0])["kind"] == "alert"
        assert any(str(failure).encode() in value for _, value in harness.dead_letters.headers[0])


async def test_one_that_arrives_is_counted_once(new_runner_harness: NewRunnerHarness) -> None:
    harness, before = new_runner_harness(), counted("succeeded")
    run = harness.run("tasker-alerts.1.2", lane="background", retry=RETRY, kind="alert")
    await harness.iterate()
    harness.release(run.run_id)
    await harness.finished()
    assert counted("succeeded") - before == 1
    assert harness.dead_letters.sent == []
