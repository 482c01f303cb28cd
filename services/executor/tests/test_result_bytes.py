"""Results that wait for Kafka are bounded by bytes: reading and starting end before memory does."""

import json

from msgspec import Raw

from tasker_executor.testing.runner_harness import NewRunnerHarness

PAYLOAD = Raw(json.dumps("x" * 10_000).encode())


async def test_nothing_starts_while_results_of_many_bytes_wait(new_runner_harness: NewRunnerHarness) -> None:
    harness = new_runner_harness(concurrency=2, max_result_bytes=50_000)
    for number in range(20):
        harness.run(f"t{number}", payload=PAYLOAD)
    await harness.iterate()
    while harness.runner.take_more():
        running = harness.running()
        assert running, "it goes on until the results are too large"
        for run_id in running:
            harness.release(run_id)
        await harness.iterate()
    assert harness.running() == []
    assert 50_000 <= harness.unsent.size <= 50_000 + 2 * 11_000
    assert not harness.runner.take_more(), "nothing is read either"
    harness.results.acknowledge()
    assert harness.unsent.size == 0
    assert harness.runner.take_more()
    await harness.iterate()
    assert len(harness.running()) == 2, "what waits starts again"


async def test_what_waited_while_results_were_too_large_between_two_polls_starts_at_the_next(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness(concurrency=1, max_result_bytes=5_000)
    first, second = (harness.run(payload=PAYLOAD) for _ in range(2))
    await harness.iterate()
    assert harness.runner.take_more()
    harness.release(first.run_id)
    await harness.iterate()
    assert harness.running() == []
    harness.results.acknowledge()
    assert harness.runner.take_more()
    await harness.iterate()
    assert harness.running() == [second.run_id]


async def test_results_that_wait_for_a_dead_letter_count_too(new_runner_harness: NewRunnerHarness) -> None:
    harness = new_runner_harness(max_result_bytes=50_000)
    run = harness.run(payload=PAYLOAD)
    await harness.iterate()
    harness.dead_letters.hold()
    harness.release(run.run_id, ValueError("broken"))
    await harness.iterate()
    assert harness.results.added == []
    assert harness.unsent.size > 10_000
    harness.lose("live")
    await harness.iterate()
    assert harness.unsent.size == 0, "what is the next owner's does not count for ever"
