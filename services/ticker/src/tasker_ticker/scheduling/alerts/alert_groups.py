"""PURE. What each target is to be told next: changes that come together go into one message."""

from collections.abc import Iterator
from hashlib import blake2b

from msgspec import Raw
from msgspec.structs import replace

from tasker_core.messages.alerts import MAX_CHANGES, AlertedChange, AlertWord
from tasker_core.ticker_state import AlertGroup
from tasker_ticker.scheduling.memory.agenda import Agenda
from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits


def target_digest(target: bytes) -> str:
    """A short name of a target."""
    return blake2b(target, digest_size=8).hexdigest()


class AlertGroups:
    """The groups of one partition, by name: the digest of the target.

    After a migration there are groups of several old partitions, each with a name of its own: those of one target are
    joined.
    """

    def __init__(self, restored: dict[str, AlertGroup], limits: SchedulingLimits) -> None:
        self._limits = limits
        self._groups, self._due = dict[str, AlertGroup](), Agenda()
        self._changed = set[str]()
        for stored_name, stored in restored.items():
            group = replace(stored, target=Raw(bytes(stored.target)))
            name = target_digest(bytes(group.target))
            self._put(name, _joined(group, self._groups.get(name)))
            if name != stored_name:
                self._changed.update((name, stored_name))

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, target: bytes, change: AlertedChange, now: int) -> None:
        """Tell a target of a change, at second `now`, with the next message."""
        name = target_digest(target)
        group = self._groups.get(name) or AlertGroup(target=Raw(target), due_at=0)
        if not group.changes:
            group = replace(group, due_at=max(group.due_at, now + self._limits.alert_group_seconds))
        self._change(name, _with_change(group, change))

    def first_due(self) -> int:
        """When the next message is due, or a group is to be forgotten; NEVER when there is none."""
        return self._due.first()

    def take(self, now: int) -> AlertGroup | None:
        """A group whose message is due at second `now`, which is emptied by it; None when there is none left."""
        while (second := self._due.first()) <= now:
            name = self._due.at(second)[0]
            group = self._groups[name]
            if group.changes:
                self._change(name, AlertGroup(target=group.target, due_at=now + self._limits.alert_pause_seconds))
                return group
            self._due.remove(name, second)
            del self._groups[name]
            self._changed.add(name)
        return None

    def changed(self) -> Iterator[tuple[str, AlertGroup | None]]:
        """What has to be written of the groups: each name with its group, None when it is forgotten."""
        for name in sorted(self._changed):
            yield name, self._groups.get(name)
        self._changed.clear()

    def _change(self, name: str, group: AlertGroup) -> None:
        self._put(name, group)
        self._changed.add(name)

    def _put(self, name: str, group: AlertGroup) -> None:
        if (before := self._groups.get(name)) is not None:
            self._due.remove(name, before.due_at)
        self._groups[name] = group
        self._due.add(name, group.due_at)


def _with_change(group: AlertGroup, change: AlertedChange) -> AlertGroup:
    if len(group.changes) < MAX_CHANGES:
        return replace(group, changes=(*group.changes, change))
    return replace(group, more={**group.more, change.change: group.more.get(change.change, 0) + 1})


def _joined(group: AlertGroup, other: AlertGroup | None) -> AlertGroup:
    """All that two groups have to tell their target, in the order in which it was found; when both are due."""
    if other is None:
        return group
    words = (*group.more, *other.more)
    more: dict[AlertWord, int] = {word: group.more.get(word, 0) + other.more.get(word, 0) for word in words}
    joined = AlertGroup(target=group.target, more=more, due_at=max(group.due_at, other.due_at))
    for change in sorted((*group.changes, *other.changes), key=lambda one: one.at):
        joined = _with_change(joined, change)
    return joined
