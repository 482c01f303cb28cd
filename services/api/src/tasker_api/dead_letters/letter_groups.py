"""PURE. Dead letters by what they have in common: one wrong setting makes one group of them, not a thousand entries."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tasker_api.dead_letters.causes import cause_of
from tasker_api.dead_letters.letter_subject import subject_of
from tasker_api.dead_letters.redrive_plan import redrive_plan
from tasker_core.messages.dead_letter import DeadLetter
from tasker_core.topics import Topics

MAX_NAMED_TASKS: Final = 5


class GroupKey(NamedTuple):
    """What the dead letters of a group have in common."""

    service: str
    topic: str
    cause: str


@dataclass(slots=True)
class LetterGroup:
    """Dead letters of one key. `newest` is one of them, `first_ms` when the earliest one was written.

    `redrivable`: of how many a redrive does something.
    """

    newest: DeadLetter
    first_ms: int
    count: int = 0
    redrivable: int = 0
    tasks: Counter[str] = field(default_factory=Counter[str])


def add_to_groups(groups: dict[GroupKey, LetterGroup], dead_letter: DeadLetter, topics: Topics) -> None:
    """Count a dead letter in its group."""
    key = GroupKey(dead_letter.service, dead_letter.topic, cause_of(dead_letter.reason))
    group = groups.get(key)
    if group is None:
        group = groups[key] = LetterGroup(dead_letter, dead_letter.written_ms)
    if dead_letter.written_ms > group.newest.written_ms:
        group.newest = dead_letter
    group.first_ms = min(group.first_ms, dead_letter.written_ms)
    group.count += 1
    group.redrivable += redrive_plan(dead_letter, topics).action is not None
    if (task_id := subject_of(dead_letter).task_id) is not None:
        group.tasks[task_id] += 1
