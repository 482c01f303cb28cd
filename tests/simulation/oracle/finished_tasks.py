"""What is told of tasks that are over: that they are finished, and after their retention that they are removed."""

from typing import Any

from tests.simulation.environment.world import RETENTION_SECONDS
from tests.simulation.oracle.committed_log import Turn
from tests.simulation.oracle.emitted_runs import Emitted
from tests.simulation.oracle.expected_verdicts import Answers
from tests.simulation.oracle.invariants import hold
from tests.simulation.oracle.reference_calendar import second
from tests.simulation.oracle.task_model import Life

Body = dict[str, Any]
SLACK_SECONDS = 5
RULE = "what is over is said to be over, and removed after its retention"


class Endings:
    """The finished tasks of one partition."""

    def __init__(self, answers: Answers, emitted: Emitted) -> None:
        self._answers, self._emitted = answers, emitted
        self._counted: list[tuple[Life, int]] = []

    def take(self, body: Body, turn: Turn, before: Turn | None) -> None:
        """Take in a word of a turn, at its place among the turn's verdicts."""
        if body["type"] not in ("finished", "removed"):
            return
        life, told = self._answers.lives.get(body["task_id"]), f"{body} at {turn.time}"
        same = life is not None and (life.generation, life.version) == (body["generation"], body["version"])
        hold(same, RULE, f"{told}, but what stands is {life}")
        assert life is not None
        if body["type"] == "finished":
            self._finish(life, body["reason"], turn, told)
            life.finished = (before.time if before else turn.time, turn.time)
        else:
            self._remove(life, turn, told)

    def look(self, turn: Turn) -> None:
        """Where something was still to come, the retention may begin anew; told before and after events are taken."""
        for life in self._answers.lives.values():
            if life.finished and self._busy(life):
                life.finished = (life.finished[0], turn.time)

    def counted(self) -> None:
        """When the runs of the turn have been taken in: those that were said to be all must be that."""
        for life, most in self._counted:
            runs = len(_runs(life, self._emitted))
            hold(runs >= most, RULE, f"{life.task} of {life.generation} is finished after {runs} runs of {most}")
        self._counted.clear()

    def judge(self, last: Turn) -> None:
        """In the end nothing is left that is over."""
        for life in self._answers.lives.values():
            told = f"at {last.time}: {life}"
            if life.finished is None:
                hold(not self._over(life, last.time - SLACK_SECONDS), RULE, f"{told} is not said to be finished")
            else:
                kept = last.time - SLACK_SECONDS < life.finished[1] + RETENTION_SECONDS
                hold(kept or self._busy(life), RULE, f"{told} is not removed")

    def _finish(self, life: Life, reason: str, turn: Turn, told: str) -> None:
        hold(life.finished is None and not life.paused, RULE, f"{told}, but it stands so: {life}")
        schedule = life.body["schedule"]
        if reason == "max_runs":
            hold("max_runs" in schedule, RULE, told)
            self._counted.append((life, schedule["max_runs"]))
            return
        hold(reason == ("once" if life.calendar.once else "end"), RULE, told)
        hold(reason == "once" or "end" in schedule, RULE, f"{told}, though it has no end")
        coming = life.coming(turn.decided(life.task))
        hold(not coming, RULE, f"{told}, though {coming} are to come")

    def _remove(self, life: Life, turn: Turn, told: str) -> None:
        hold(life.finished is not None, RULE, f"{told}, but it was not finished: {life}")
        assert life.finished is not None
        hold(turn.time >= life.finished[0] + RETENTION_SECONDS, RULE, f"{told}, too early: {life}")
        hold(not self._busy(life), RULE, f"{told}, though something of it is still to be done")
        self._answers.remove(life, turn.decided(life.task))

    def _busy(self, life: Life) -> bool:
        """Whether an attempt or a backfill of it is still to come."""
        pending = any(run.task == life.task and run.pending for run in self._answers.runs.values())
        fillings = self._answers.fillings.values()
        return pending or any(of.task == life.task and not of.ended for of in fillings)

    def _over(self, life: Life, at: int) -> bool:
        """Whether a task was over at a second, and had been since its last change and run."""
        schedule, runs = life.body["schedule"], _runs(life, self._emitted)
        if life.paused or max([*life.changes, *runs]) >= at:
            return False
        if "max_runs" in schedule and len(runs) >= schedule["max_runs"]:
            return True
        ends = life.calendar.once or ("end" in schedule and second(schedule["end"]) < at)
        return ends and not life.coming(at)


def _runs(life: Life, emitted: Emitted) -> list[int]:
    """When runs of a task were emitted under a definition that counts them."""
    of_task = (fate for (task, generation, _), fate in emitted.runs.items() if (task, generation) == life.key)
    return [fate.turn.time for fate in of_task if "max_runs" in life.bodies[fate.body["version"]]["schedule"]]
