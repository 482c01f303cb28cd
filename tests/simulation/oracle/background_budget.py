"""The background lane has a budget, so that it leaves the live lane be."""

from collections import Counter

from tests.simulation.oracle.emitted_runs import Emitted
from tests.simulation.oracle.expected_verdicts import Answers
from tests.simulation.oracle.invariants import hold
from tests.simulation.oracle.reference_calendar import second


def judge_budget(answers: Answers, emitted: Emitted, budget: int) -> None:
    """Raises Broken when an owner emitted more in the background than a second allows, by its own clock.

    What an edit makes run at once is no part of that. Only for worlds in which no clock is stepped.
    """
    spent: Counter[tuple[int, int]] = Counter()
    for body, turn in emitted.background:
        nominal = second(body["nominal_at"])
        life = answers.all.get((body["task_id"], body["generation"]))
        ordinary = body.get("kind", "scheduled") == "scheduled" and body.get("attempt", 1) == 1
        expected = life.expected.get(nominal) if life and ordinary else None
        if expected is None or not expected.at_once:
            spent[turn.epoch, second(body["emitted_at"])] += 1
    for (epoch, at), runs in spent.items():
        told = f"{runs} runs in the background at {at}, of epoch {epoch}"
        hold(runs <= budget, "catching up never delays what is due now", told)
