"""What a target is told adds up exactly to what happened, in few messages, whatever restarts between: a property."""

from collections import Counter
from typing import Any, Literal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.messages.alerts import MAX_CHANGES, AlertedChange, AlertWord
from tasker_core.messages.base import encode
from tasker_core.ticker_state import AlertGroup
from tasker_ticker.scheduling.alerts.alert_groups import AlertGroups
from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits

LIMITS = SchedulingLimits()
WORDS: list[AlertWord] = ["failed", "missed", "late", "paused", "recovered"]
Target = Literal["a", "b", "c"]
Step = tuple[Literal["tell"], Target, AlertWord, int] | tuple[Literal["wait"], int] | tuple[Literal["restart"]]

tells = st.tuples(st.just("tell"), st.sampled_from("abc"), st.sampled_from(WORDS), st.sampled_from([1, 1, 2, 40, 90]))
waits = st.tuples(st.just("wait"), st.sampled_from([1, 1, 4, 5, 6, 29, 30, 31, 70]))
steps = st.lists(st.one_of(tells, waits, st.just(("restart",))), max_size=40)


class Stored:
    """Groups, with what a restart finds of them; `sent` are (second, target, listed numbers, all by word)."""

    def __init__(self) -> None:
        self.groups, self.written = AlertGroups({}, LIMITS), dict[str, bytes]()
        self.sent = list[tuple[int, str, list[int], Counter[str]]]()

    def batch(self, now: int) -> None:
        """Send what is due at a second, and commit."""
        while (group := self.groups.take(now)) is not None:
            words = Counter[str](one.change for one in group.changes) + Counter(dict(group.more))
            numbers = [one.version for one in group.changes]
            self.sent.append((now, bytes(group.target).decode()[1], numbers, words))
        for name, changed in self.groups.changed():
            self.written.pop(name, None)
            if changed is not None:
                self.written[name] = encode(changed)

    def restart(self) -> None:
        """Discard what is in memory."""
        decode = msgspec.json.Decoder(AlertGroup).decode
        self.groups = AlertGroups({name: decode(group) for name, group in self.written.items()}, LIMITS)


@given(steps)
def test_what_is_told_adds_up_and_comes_in_few_messages(plan: list[Any]) -> None:
    stored, happened = Stored(), list[tuple[int, str, AlertWord]]()
    now = 1_000
    for step in [*plan, ("wait", 31), ("wait", 31)]:
        match step:
            case ("tell", str(target), word, int(count)):
                for _ in range(count):
                    change = AlertedChange(
                        change=word, task_id="t", task_name="", generation=1, version=len(happened), at="now"
                    )
                    stored.groups.add(f'"{target}"'.encode(), change, now)
                    happened.append((now, target, word))
                stored.batch(now)
            case ("wait", int(seconds)):
                for _ in range(seconds):
                    now += 1
                    stored.batch(now)
            case _:
                stored.restart()
    assert not stored.written
    assert not len(stored.groups)
    for target in "abc":
        _check_target([one for one in stored.sent if one[1] == target], happened, target)


def _check_target(
    sent: list[tuple[int, str, list[int], Counter[str]]], happened: list[tuple[int, str, AlertWord]], target: str
) -> None:
    """Each change of a target is in the message that follows it, which comes when it may."""
    waiting = [(number, at, word) for number, (at, one, word) in enumerate(happened) if one == target]
    last = 0
    for second, _, listed, words in sent:
        first = waiting[0][1]
        assert second == max(first + LIMITS.alert_group_seconds, last + LIMITS.alert_pause_seconds)
        taken = [one for one in waiting if one[1] < second]
        waiting = waiting[len(taken) :]
        assert words == Counter(word for _, _, word in taken)
        assert listed == [number for number, _, _ in taken[:MAX_CHANGES]]
        last = second
    assert not waiting
