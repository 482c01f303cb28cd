"""Attempts that wait for their callback: each ends once, by its report, its deadline, or a cancel."""

from typing import Any

import pytest

from tasker_ticker.testing.partition_harness import NOON, PartitionHarness

HOURLY = {"every": "PT1H", "anchor": "2026-01-01T11:00:10Z"}
RECEIVED, STARTED = "2026-01-01T12:00:10.004Z", "2026-01-01T12:00:10.005Z"


class Waits(PartitionHarness):
    """A task with one run, whose executor lets it wait."""

    def __init__(self) -> None:
        super().__init__()
        self.put(0, "a", HOURLY, retry={"max_attempts": 3})
        self.settle(1)
        self.tick(10)
        (self.run,) = self.topics["due-tasks"]

    def wait(self, at: float, until: int = 40, key: bytes | None = None, **changes: Any) -> None:
        """As the executor: the attempt waits."""
        event = {
            "type": "wait",
            "run": self.run,
            "until": f"2026-01-01T12:00:{until}Z",
            "received_at": RECEIVED,
            "started_at": STARTED,
        }
        self.append(at, event | changes, key)

    def report(self, at: float, attempt: int = 1, **fields: Any) -> None:
        """As the callback's API."""
        named = {"type": "report", "task_id": "a", "run_id": self.run["run_id"], "attempt": attempt}
        self.send(at, **(named | fields))

    def ends(self, lane: str = "due-tasks") -> list[dict[str, Any]]:
        return [record for record in self.topics[lane] if record["type"] == "reported"]

    def words(self) -> list[str]:
        return [verdict["verdict"] for verdict in self.verdicts()][1:]

    def ended(self) -> list[tuple[str, int, str, str]]:
        return [(e["outcome"], e.get("attempt", 1), e["reason"], e["started_at"]) for e in self.verdicts("ended")]


def test_the_first_report_ends_the_attempt_whatever_restarts_in_between() -> None:
    harness = Waits()
    harness.wait(11)
    harness.settle(11)
    harness.restart()
    assert harness.ends() == []
    harness.report(20.25, result={"rows": 7})
    harness.settle(21)
    harness.restart()
    harness.report(22, outcome="failed")
    harness.settle(23)
    assert harness.ends() == [
        {
            "type": "reported",
            "task_id": "a",
            "run": harness.run,
            "outcome": "succeeded",
            "received_at": RECEIVED,
            "started_at": STARTED,
            "reported_at": "2026-01-01T12:00:20.250Z",
            "result": {"rows": 7},
        }
    ]
    assert harness.words() == ["accepted", "accepted", "superseded"]
    harness.tick(60)
    assert len(harness.ends()) == 1
    assert harness.ends("due-background") == []


def test_a_report_that_comes_before_its_wait_is_not_lost() -> None:
    harness = Waits()
    harness.report(11, outcome="failed", error={"message": "disk full"})
    harness.settle(11)
    assert harness.ends() == []
    harness.restart()
    harness.report(12)
    harness.wait(13)
    harness.settle(13)
    (end,) = harness.ends()
    assert (end["outcome"], end["error"]) == ("failed", {"kind": "reported", "message": "disk full"})
    assert end["reported_at"] == "2026-01-01T12:00:11.000Z"
    assert harness.words() == ["accepted", "superseded", "accepted"]


def test_without_a_report_the_attempt_fails_when_its_time_is_over() -> None:
    harness = Waits()
    harness.wait(11, until=40)
    harness.settle(11)
    harness.tick(39)
    assert harness.ends() == []
    harness.restart()
    harness.tick(40)
    (end,) = harness.ends()
    assert (end["outcome"], end["error"]["kind"]) == ("failed", "timeout")
    assert end["reported_at"] == "2026-01-01T12:00:40.000Z"
    harness.report(41)
    harness.settle(42)
    assert harness.words()[-1] == "superseded"
    assert len(harness.ends()) == 1


def test_the_end_comes_in_the_lane_of_its_attempt() -> None:
    harness = Waits()
    harness.wait(11, lane="background")
    harness.report(12)
    harness.settle(13)
    assert [len(harness.ends(lane)) for lane in ("due-tasks", "due-background")] == [0, 1]


def test_a_failed_one_is_tried_again_and_the_next_attempt_waits_anew() -> None:
    harness = Waits()
    harness.wait(11)
    harness.report(12, outcome="failed")
    harness.settle(12)
    again = {"type": "retry", "run": harness.run, "attempt": 2, "retry_at": "2026-01-01T12:00:20Z"}
    harness.append(13, again)
    harness.settle(13)
    harness.report(14)  # of the attempt that has failed
    harness.tick(20)
    (harness.run,) = harness.topics["due-background"]
    assert harness.run["attempt"] == 2
    harness.report(21)
    harness.wait(21)
    harness.report(22, attempt=2)
    harness.settle(23)
    assert harness.words() == ["accepted", "accepted", "accepted", "superseded", "superseded", "accepted", "accepted"]
    assert [end["run"].get("attempt", 1) for end in harness.ends()] == [1, 2]


@pytest.mark.parametrize("run_id", [True, False])
def test_a_cancel_ends_it(run_id: bool) -> None:
    harness = Waits()
    harness.wait(11)
    harness.settle(11)
    harness.restart()
    harness.send(12, type="cancel", task_id="a", **({"run_id": harness.run["run_id"]} if run_id else {}))
    harness.report(13)
    harness.settle(14)
    harness.wait(15)  # the executor's repetition, after a crash
    harness.settle(50)
    assert harness.ended() == [("cancelled", 1, "cancelled", STARTED)]
    assert harness.ends() == []
    assert harness.words() == ["accepted", "accepted", "superseded", "superseded"]


def test_a_cancel_that_the_wait_crosses_ends_it() -> None:
    harness = Waits()
    harness.send(11, type="cancel", task_id="a")
    harness.wait(11.1)
    harness.wait(11.2)
    harness.settle(12)
    assert harness.ended() == [("cancelled", 1, "cancelled", STARTED)]
    assert harness.words() == ["accepted", "rejected", "superseded"]


def test_a_delete_of_its_task_ends_it() -> None:
    harness = Waits()
    harness.wait(11)
    harness.send(12, type="delete", task_id="a")
    harness.report(13)
    harness.settle(14)
    harness.tick(50)
    assert harness.ended() == [("cancelled", 1, "deleted", STARTED)]
    assert harness.ends() == []
    assert harness.words()[-1] == "superseded"


def test_a_malformed_wait_ends_its_run_once() -> None:
    harness = Waits()
    for _ in range(2):
        harness.wait(11, colour="red")
        harness.settle(12)
        harness.restart()
    assert [(outcome, reason) for outcome, _, reason, _ in harness.ended()] == [("failed", "refused")]
    assert harness.words() == ["rejected", "rejected"]


def test_a_repeated_wait_changes_nothing() -> None:
    harness = Waits()
    harness.wait(11, until=40)
    harness.wait(12, until=50)
    harness.tick(45)
    harness.wait(46, until=59)
    harness.settle(47)
    harness.tick(70)
    assert harness.words() == ["accepted", "superseded", "superseded"]
    assert len(harness.ends()) == 1


def test_a_report_of_nothing_that_is_known_is_rejected_or_counts_for_nothing() -> None:
    harness = Waits()
    harness.wait(11)
    harness.put(11, "b", HOURLY)
    harness.report(12, task_id="b")
    harness.report(12, task_id="nobody", run_id="0" * 32)
    harness.report(12, attempt=7)  # made up: the attempt that waits is ended by its own report
    harness.report(13, result="own")
    harness.settle(14)
    errors = [[error["pointer"] for error in verdict.get("errors", [])] for verdict in harness.verdicts()]
    assert errors[3:5] == [["/run_id"], ["/task_id"]]
    assert [end["result"] for end in harness.ends()] == ["own"]


@pytest.mark.parametrize("report_first", [True, False])
def test_a_cancel_in_the_name_of_another_task_ends_no_wait(report_first: bool) -> None:
    harness = Waits()
    harness.put(10.5, "b", HOURLY)
    harness.send(11, type="cancel", task_id="b", run_id=harness.run["run_id"])
    if report_first:
        harness.report(12, result="own")
    harness.wait(13)
    harness.send(14, type="cancel", task_id="b", run_id=harness.run["run_id"])
    if not report_first:
        harness.report(15, result="own")
    harness.settle(16)
    assert [end["result"] for end in harness.ends()] == ["own"]
    assert harness.ended() == []


def test_a_report_of_an_attempt_that_is_still_to_come_waits_for_it() -> None:
    harness = Waits()
    harness.append(11, {"type": "retry", "run": harness.run, "attempt": 2, "retry_at": "2026-01-01T12:00:20Z"})
    harness.report(12, attempt=2)
    harness.tick(20)
    (harness.run,) = harness.topics["due-background"]
    harness.wait(21)
    harness.settle(21)
    assert [end["run"]["attempt"] for end in harness.ends()] == [2]


def test_a_report_of_an_attempt_that_failed_otherwise_is_forgotten() -> None:
    harness = Waits()
    harness.report(11, result="x" * 60_000)
    harness.send(12, type="retry", run=harness.run, attempt=2, retry_at="2026-01-01T12:00:30Z")
    harness.settle(12)
    memory = harness.stored[f"run/{harness.run['run_id']}"]
    assert len(memory) < 2_000
    harness.report(13)
    harness.settle(40)
    assert harness.words() == ["accepted", "accepted", "superseded"]
    assert harness.ends() == []
    assert [run["attempt"] for run in harness.topics["due-background"]] == [2]


def test_a_report_of_an_attempt_that_is_asked_for_after_it_is_kept() -> None:
    harness = Waits()
    harness.report(11, attempt=2)
    harness.send(12, type="retry", run=harness.run, attempt=2, retry_at="2026-01-01T12:00:30Z")
    harness.report(13, attempt=2)
    harness.settle(40)
    assert harness.words() == ["accepted", "accepted", "superseded"]


def test_what_is_wrong_with_a_report_is_named() -> None:
    harness = Waits()
    harness.report(11, run_id="short", attempt=0, outcome="maybe")
    harness.report(11, error={"message": "m"})
    harness.report(11, result="x" * 70_000)
    harness.settle(12)
    pointers = [{error["pointer"] for error in verdict["errors"]} for verdict in harness.verdicts()[1:]]
    assert pointers == [{"/run_id", "/attempt", "/outcome"}, {""}, {"/result"}]


def test_a_waiting_run_keeps_its_finished_task_and_is_remembered_for_as_long_as_it_waits() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", {"at": "2026-01-01T12:00:02Z"})
    harness.settle(1)
    harness.tick(2)
    (run,) = harness.topics["due-tasks"]
    wait = {"type": "wait", "run": run, "until": "2026-01-09T12:00:00Z", "received_at": RECEIVED, "started_at": STARTED}
    harness.append(3, wait)
    harness.settle(3)
    seven_days = 7 * 86_400
    harness.settle(seven_days + 10)
    harness.send(seven_days + 20, type="report", task_id="a", run_id=run["run_id"], attempt=1)
    harness.settle(seven_days + 21)
    assert [end["outcome"] for end in harness.topics["due-tasks"] if end["type"] == "reported"] == ["succeeded"]
    assert harness.verdicts("removed") == []
    assert harness.scheduler.state.position.second == NOON + seven_days + 21
