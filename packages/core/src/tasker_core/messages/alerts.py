"""What is sent to those who are to be told of a task: to a webhook as its body, to a topic of the user's as its value.

Fields are added, never renamed. The message has no field `type`: receivers of chat systems give that one a meaning of
their own.
"""

from typing import Final, Literal

import msgspec

from tasker_core.messages.runs import RunError
from tasker_core.messages.verdicts import MissedReason

AlertWord = Literal["failed", "missed", "late", "paused", "recovered"]
MESSAGE_VERSION: Final = 1
MAX_CHANGES: Final = 50
"""So many changes are listed in one message; of the others it gives the number."""


class AlertedChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change of a task's state, or a reminder of a state that lasts.

    `at`: when the ticker found it. `run_id` and `due_at` are of the run that made the change, and when it was due.

    `failed`: a run has failed for good, after none or a success; `failures` in a row so far, `since` when the first of
    them was due, `reminder`: it was told before, at least a day ago or before the task was changed or resumed.
    `late`: a run had not ended `late` (ISO 8601) after its time. `recovered`: `after` failures (how many, since when),
    or after lateness (`since`: when the first late run was due). `missed`: occurrences from `first` to `last` (nominal)
    did not run, and the `reason`. `paused`: Tasker has paused the task, after so many `failures` in a row.

    `text` says all this in a sentence; `link` leads to the run, or the task, in the web UI.
    """

    change: AlertWord
    task_id: str
    task_name: str
    generation: int
    version: int
    at: str
    text: str = ""
    run_id: str | None = None
    due_at: str | None = None
    since: str | None = None
    failures: int | None = None
    reminder: bool = False
    error: RunError | None = None
    late: str | None = None
    after: Literal["failed", "late"] | None = None
    reason: MissedReason | None = None
    first: str | None = None
    last: str | None = None
    link: str | None = None


class AlertMessage(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event", tag="tasker.alert"
):
    """What is sent: all `changes` of some seconds that one target is to be told, in the order in which they happened.

    `event` and `version` say what the message is and how it is to be read; `id` is that of the run that delivers it,
    the same in each attempt. `text` is for people, and what chat systems show. `more`: how many changes of each word
    are not listed.
    """

    version: int
    id: str
    text: str
    at: str
    changes: tuple[AlertedChange, ...]
    more: dict[AlertWord, int] = {}


decode_alert = msgspec.json.Decoder(AlertMessage).decode
