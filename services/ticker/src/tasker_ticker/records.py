"""PURE. What the ticker remembers of each task, and its form in `ticker-state`."""

from dataclasses import dataclass
from weakref import WeakValueDictionary

import msgspec

from tasker_core.messages import Policy, TaskState, decode_state, encode
from tasker_core.schedule import NEVER, next_after
from tasker_core.task import Task

RECENT_EVENTS = 8


class Group:
    """One distinct schedule, shared by all tasks that have it: its next time is computed once for all of them."""

    __slots__ = ("__weakref__", "_after", "_next", "schedule")

    def __init__(self, task: Task) -> None:
        self.schedule = task.schedule
        self._after = self._next = NEVER

    def next_after(self, second: int) -> int:
        """The first nominal second after `second`, NEVER when there is none."""
        if not self._after <= second < self._next:
            self._after, self._next = second, next_after(self.schedule, second)
        return self._next


class Groups:
    """The distinct schedules that are held at the moment."""

    def __init__(self) -> None:
        self._by_text: WeakValueDictionary[str, Group] = WeakValueDictionary()

    def of(self, task: Task) -> Group:
        """The group of a task's schedule."""
        text = task.schedule.model_dump_json()
        group = self._by_text.get(text)
        if group is None:
            group = self._by_text[text] = Group(task)
        return group


@dataclass(slots=True)
class Held:
    """One task as the ticker holds it.

    Instants are epoch seconds. `since`: occurrences effective after it are under this definition and not yet dealt
    with by pause, resume or a change of schedule. `next_due`: the next occurrence to emit, NEVER when there is none.
    """

    id: str
    name: str
    generation: int
    version: int
    group: Group
    handler: str
    payload: bytes
    policy: Policy
    body: bytes
    paused: bool
    since: int
    recent: tuple[str, ...] = ()
    finished_at: int | None = None
    next_due: int = NEVER

    def remember(self, event_id: str) -> None:
        """Keep the id of an event, so that a repeat is known."""
        self.recent = (*self.recent[-(RECENT_EVENTS - 1) :], event_id)

    def state(self) -> bytes:
        """The record for `ticker-state`."""
        return encode(
            TaskState(
                generation=self.generation,
                version=self.version,
                task=msgspec.Raw(self.body),
                since=self.since,
                recent=list(self.recent),
                finished_at=self.finished_at,
            )
        )


def held(task: Task, groups: Groups, *, generation: int, version: int, since: int) -> Held:
    """A task as accepted (its `paused` filled in) in the ticker's form."""
    policy = task.model_dump(mode="json", include={"timeout"})
    return Held(
        id=task.id,
        name=task.name,
        generation=generation,
        version=version,
        group=groups.of(task),
        handler=task.handler,
        payload=msgspec.json.encode(task.payload),
        policy=Policy(timeout=policy["timeout"]),
        body=accepted_body(task),
        paused=bool(task.paused),
        since=since,
    )


def accepted_body(task: Task) -> bytes:
    """The JSON of a task as verdicts and state carry it."""
    return msgspec.json.encode(task.model_dump(mode="json", exclude_none=True) | {"payload": task.payload})


def restored(value: bytes, groups: Groups) -> Held:
    """The held form of a `ticker-state` record. Raises msgspec.DecodeError or pydantic.ValidationError."""
    state = decode_state(value)
    task = Task.model_validate(msgspec.json.decode(bytes(state.task)))
    found = held(task, groups, generation=state.generation, version=state.version, since=state.since)
    found.recent, found.finished_at = tuple(state.recent), state.finished_at
    return found
