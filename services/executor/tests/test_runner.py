"""The runner without Kafka: which runs a cancel means."""

from tasker_executor.rehearsing import Rehearsal


async def test_what_is_emitted_after_a_cancel_is_not_hit_by_the_copy_in_the_other_lane() -> None:
    stage = Rehearsal()
    first = stage.run()
    await stage.turns()
    stage.cancel("live", at=5)
    later = stage.run(at=5)
    await stage.turns()
    stage.cancel("background", at=6)
    stage.cancel("background", run_id="another", at=6)
    assert {run_id: end.outcome for run_id, end in (await stage.told()).items()} == {first.run_id: "cancelled"}
    stage.let_go(later)
    assert (await stage.told())[later.run_id].outcome == "succeeded"


async def test_a_cancel_reaches_what_goes_on_in_a_lane_that_is_too_full_to_be_read_on() -> None:
    stage = Rehearsal()
    run = stage.run(lane="background")
    await stage.turns()
    stage.cancel("live", at=60_000)
    assert (await stage.told())[run.run_id].outcome == "cancelled"
    assert stage.unfinished("live") == stage.unfinished("background") == []
