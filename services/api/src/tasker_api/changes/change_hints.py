"""PURE. What has changed since a moment: of which tasks, and which documents. Bounded, whatever happens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, get_args

import msgspec

DocumentKind = Literal["tasks", "runs", "missed", "journal"]
ChangeKind = Literal["tasks", "runs", "missed", "journal", "calendars", "system"]
KINDS: Final[frozenset[ChangeKind]] = frozenset(get_args(ChangeKind))
DOCUMENT_KINDS: Final[tuple[DocumentKind, ...]] = get_args(DocumentKind)
NAMED: Final[frozenset[DocumentKind]] = frozenset({"runs", "journal"})
"""Kinds whose documents are named, beside their tasks."""
MAX_ENTRIES: Final = 5_000
"""So many documents of a kind are known by name; of more it is known that there are some."""
MAX_LISTED: Final = 50
"""So many ids of a kind are told at once."""


class ChangeFilter(NamedTuple):
    """What somebody wants to hear of. `tasks` None: of all tasks."""

    kinds: frozenset[ChangeKind] = KINDS
    tasks: frozenset[str] | None = None


@dataclass(slots=True)
class ChangeHints:
    """Changed documents by kind and task (None: not known whose), with their ids.

    `unlisted` are the kinds of which there were too many; `calendars` the names of those that have changed, and whether
    there were more; `system`: what `/system` says has changed.
    """

    documents: dict[DocumentKind, dict[str | None, set[str]]] = field(
        default_factory=dict[DocumentKind, dict[str | None, set[str]]]
    )
    unlisted: set[DocumentKind] = field(default_factory=set[DocumentKind])
    calendars: set[str] = field(default_factory=set[str])
    more_calendars: bool = False
    system: bool = False
    size: int = 0
    _texts: dict[ChangeFilter, str | None] = field(default_factory=dict[ChangeFilter, str | None])

    def __bool__(self) -> bool:
        return bool(self.documents or self.unlisted or self.calendars or self.system)

    def add(self, kind: DocumentKind, task_id: str | None, name: str) -> None:
        """One changed document."""
        of_kind = self.documents.setdefault(kind, {})
        names = of_kind.get(task_id)
        if names is not None and name in names:
            return
        if self.size >= MAX_ENTRIES:
            self.unlisted.add(kind)
            return
        if names is None:
            of_kind[task_id] = {name}
        else:
            names.add(name)
        self.size += 1

    def add_calendar(self, name: str) -> None:
        """A changed calendar, deleted ones as well."""
        if name in self.calendars:
            return
        if len(self.calendars) < MAX_LISTED:
            self.calendars.add(name)
            self.size += 1
        else:
            self.more_calendars = True

    def merge(self, other: "ChangeHints") -> None:
        """All that another one says, too."""
        for kind, of_kind in other.documents.items():
            for task_id, names in of_kind.items():
                for name in names:
                    self.add(kind, task_id, name)
        self.unlisted |= other.unlisted
        for name in sorted(other.calendars):
            self.add_calendar(name)
        self.more_calendars = self.more_calendars or other.more_calendars
        self.system = self.system or other.system

    def text(self, wanted: ChangeFilter) -> str | None:
        """What of this somebody wants to hear, as JSON; None when it is nothing. Of all tasks it is made once."""
        if wanted in self._texts:
            return self._texts[wanted]
        told = self._told(wanted)
        text = msgspec.json.encode(told).decode() if told else None
        if wanted.tasks is None:
            self._texts[wanted] = text
        return text

    def _told(self, wanted: ChangeFilter) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for kind in DOCUMENT_KINDS:
            if kind in wanted.kinds and (entry := self._entry(kind, wanted.tasks)):
                told[kind] = entry
        if self.calendars and "calendars" in wanted.kinds:
            told["calendars"] = {"names": sorted(self.calendars), "more": self.more_calendars}
        if self.system and "system" in wanted.kinds:
            told["system"] = {}
        return told

    def _entry(self, kind: DocumentKind, tasks: frozenset[str] | None) -> dict[str, Any] | None:
        of_kind = self.documents.get(kind, {})
        unsure = kind in self.unlisted or None in of_kind  # it may be about any task
        known: list[str] = []
        for task_id in sorted(tasks & of_kind.keys()) if tasks is not None else of_kind:
            if len(known) > MAX_LISTED:
                break
            if task_id is not None:
                known.append(task_id)
        if not known and not unsure:
            return None
        entry: dict[str, Any] = {"task_ids": known[:MAX_LISTED], "more": unsure or len(known) > MAX_LISTED}
        if kind in NAMED:
            whose = known if tasks is not None else [*known, None]  # the rest may be others'
            names = list(_first(of_kind, whose, MAX_LISTED + 1))
            entry["ids"] = names[:MAX_LISTED]
            entry["more"] = entry["more"] or len(names) > MAX_LISTED
        return entry


def _first(of_kind: Mapping[str | None, set[str]], tasks: Iterable[str | None], count: int) -> Iterable[str]:
    for task_id in tasks:
        for name in sorted(of_kind.get(task_id, ())):
            if count == 0:
                return
            count -= 1
            yield name
