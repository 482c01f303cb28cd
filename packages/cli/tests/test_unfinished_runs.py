"""Runs that are unfinished: under way for as long as they may be, or for too long."""

from tasker_cli.testing import FROM, RecordedWorld, run_id, violations


def test_the_timeout_of_a_task_without_occurrences_counts() -> None:
    """It runs when somebody triggers it, or less often than the window is long."""
    world = RecordedWorld()
    world.verdict("a", "put", 0, schedule={"manual": True}, timeout="PT1H")
    world.verdict("a", "trigger", 3)
    world.verdicts[-1][0]["run_id"] = run_id("a", 3)
    world.carry_out("a", 3, kind="manual")
    world.results.clear()
    world.runs[run_id("a", 3)]["state"] = "running"
    found = world.judge(last=FROM + 200)
    assert (violations(found), found.counted["runs not finished yet"]) == ({}, 1)
    assert violations(world.judge(last=FROM + 3600 + 200)) == {"endless": 1}
