"""The background lane has a budget, so that it leaves the live lane free."""

from collections import Counter

from tests.simulation.oracle.emitted_runs import EmittedRuns
from tests.simulation.oracle.invariants import Invariant, require
from tests.simulation.oracle.partition_model import PartitionModel
from tests.simulation.oracle.reference_calendar import second


def check_background_budget(model: PartitionModel, emitted: EmittedRuns, budget: int) -> None:
    """Raises InvariantViolation when an owner emitted more in the background than a second allows, by its own clock.

    What an edit makes run at once is no part of that, nor what follows another run. Only for
    simulations in which no clock is stepped.
    """
    spent: Counter[tuple[int, int]] = Counter()
    for body, batch in emitted.background:
        nominal = second(body["nominal_at"])
        task = model.all.get((body["task_id"], body["generation"]))
        ordinary = body.get("kind", "scheduled") == "scheduled" and body.get("attempt", 1) == 1
        expected = task.expected.get(nominal) if task and ordinary else None
        follows = body.get("kind") == "chained" and body.get("attempt", 1) == 1
        if not follows and (expected is None or not expected.at_once):
            spent[batch.epoch, second(body["emitted_at"])] += 1
    for (epoch, at), runs in spent.items():
        detail = f"{runs} runs in the background at {at}, of epoch {epoch}"
        require(runs <= budget, Invariant.LIVE_FIRST, detail)
