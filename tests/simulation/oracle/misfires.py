"""What the misfire policy must make of each late occurrence, told from what is newer at its recovery."""

from typing import Any

from tests.simulation.oracle.committed_log import Turn
from tests.simulation.oracle.emitted_runs import LIVE_SECONDS, Emitted, Fate, Miss
from tests.simulation.oracle.invariants import hold
from tests.simulation.oracle.reference_calendar import calendar
from tests.simulation.oracle.task_model import Expected, Life

Body = dict[str, Any]
RULE = "the misfire policy decides what late occurrences become"
_REASONS = {"policy": "none", "coalesced": "latest", "over_max": "all"}
_CHANGES = ("paused", "deleted", "changed")


def judge_misfires(life: Life, emitted: Emitted, ahead_ms: int) -> None:
    """Raises Broken when an occurrence ran or was missed against its policy.

    Where its task changed between the occurrence and the decision, what stood is not looked into again.
    """
    for nominal, expected in life.expected.items():
        fate = emitted.runs.get((*life.key, nominal))
        if fate is not None and not expected.at_once:
            _ran(life, nominal, expected, fate, emitted)
    for miss in emitted.missed.get(life.key, ()):
        for nominal, expected in life.expected.items():
            if miss.first <= nominal <= miss.last:
                _missed(life, nominal, expected, miss, emitted, ahead_ms)


def _ran(life: Life, nominal: int, expected: Expected, fate: Fate, emitted: Emitted) -> None:
    recovered = _recovered(expected, fate.turn, emitted) if not fate.live else fate.emitted
    policy, grace, most = expected.misfire
    if _changed(life, expected, fate.turn) or recovered - expected.effective <= grace:
        return
    newer = _newer(life, expected, recovered)
    told = f"{fate.body} ran {recovered - expected.effective} s late under {expected.misfire}"
    hold(policy != "none", RULE, told)
    if not calendar(life.bodies[expected.version]["schedule"], life.task).once:
        hold(policy != "latest" or not newer, RULE, f"{told}, though {newer} are newer than {nominal}")
        late = [at for at in newer if recovered - at > grace]
        hold(policy != "all" or len(late) < most, RULE, f"{told}, though {late} are newer than {nominal}")


def _missed(life: Life, nominal: int, expected: Expected, miss: Miss, emitted: Emitted, ahead_ms: int) -> None:
    if miss.reason not in _REASONS:
        why = f"nominal {nominal} of {life.task}, {expected}, was missed: {miss.reason}, but {life} did not change"
        hold(miss.reason in _CHANGES and _changed(life, expected, miss.turn), RULE, why)
        hold(miss.reason != "deleted" or life.ended, RULE, why)
        return
    recovered = _recovered(expected, miss.turn, emitted)
    if not any(after < expected.effective <= to for after, to in emitted.gaps.items()):
        recovered = (miss.turn.ms + ahead_ms) // 1000 + 1  # at the latest
    policy, grace, most = expected.misfire
    if _changed(life, expected, miss.turn):
        return
    newer = _newer(life, expected, recovered)
    told = f"nominal {nominal} of {life.task}, {expected}, was missed: {miss.reason}, recovered at {recovered}"
    hold(recovered - expected.effective > grace, RULE, f"{told}, within its grace")
    hold(_REASONS[miss.reason] == policy, RULE, told)
    hold(policy != "latest" or bool(newer), RULE, f"{told}, though it was the newest")
    late = [at for at in newer if recovered - at > grace]
    hold(policy != "all" or len(late) >= most, RULE, f"{told}, though only {late} are newer")


def _recovered(expected: Expected, turn: Turn, emitted: Emitted) -> int:
    """When an occurrence in the background was found to be late: a gap ends ten seconds before that."""
    for after, to in emitted.gaps.items():
        if after < expected.effective <= to:
            return to + LIVE_SECONDS
    return turn.time  # the gap was opened and closed in one turn


def _newer(life: Life, expected: Expected, to: int) -> list[int]:
    """The effective times of the same definition after an occurrence, up to a second."""
    occurrences = calendar(life.bodies[expected.version]["schedule"], life.task).occurrences
    return [effective for _, effective in occurrences if expected.effective < effective <= to]


def _changed(life: Life, expected: Expected, turn: Turn) -> bool:
    return any(expected.effective <= at <= turn.deciding for at in life.changes)
