"""PURE. Which tasks a list is of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

from tasker_core.documents.tasks import TaskField
from tasker_core.documents.words import SearchTerms, search_terms
from tasker_core.statistics.first_attempt import PROMISE_MS
from tasker_core.time.instant import from_ms

LastOutcome = Literal["succeeded", "failed", "cancelled", "skipped", "none"]
TaskQuery = dict[TaskField | Literal["$or", "$and", "$nor"], Any]

WORDS: Final = "of_word"
"""Here alone beginnings of words have a place: it compares code points, all others as people do (PEOPLES_ORDER)."""
WORDS_BY_NAME: Final = "of_word_by_name"


@dataclass(frozen=True)
class TaskFilter:
    """Which tasks. All words of all `q` begin words of them (words.py); they have all of the `tags`.

    `then`: a task that they start; `last_outcome`: of the newest run that has ended, `none` where none has;
    `min_failures`: at least so many failures in a row; `paused_by`: paused, and by whom. `without`: names some that are
    left out; `created_until`: no later ones; `due_before`: by their next time, with its spread; `within`: tags of which
    each has one, for callers who may see no others.
    """

    q: Sequence[str] = ()
    tags: Sequence[str] = ()
    handler: str | None = None
    state: str | None = None
    then: str | None = None
    last_outcome: LastOutcome | None = None
    min_failures: int | None = None
    paused_by: str | None = None
    without: Sequence[str] = ()
    created_until: datetime | None = None
    due_before: datetime | None = None
    within: Sequence[str] = ()

    @cached_property
    def terms(self) -> SearchTerms:
        """What `q` asks for."""
        return search_terms(self.q)

    def criteria(self) -> list["Criterion"]:
        """What of it an index of the tasks finds; `due_before` is found in `next_times` (tasks_by_next_time.py)."""
        found = [Criterion("of_tag", {"tags": tag}) for tag in self.tags]
        if self.within:
            found.append(Criterion("of_tag", {"tags": {"$in": list(self.within)}}))
        if self.handler is not None:
            found.append(Criterion("of_handler", {"handler": self.handler}))
        if self.state is not None:
            found.append(Criterion("of_state", {"state": self.state}))
        if self.then is not None:
            found.append(Criterion("of_successor", {"starts": self.then}))
        if self.last_outcome is not None:
            outcome = None if self.last_outcome == "none" else self.last_outcome
            found.append(Criterion("of_outcome", {"last_outcome": outcome}))
        if self.min_failures is not None:
            found.append(Criterion("listed_by_failures", {"failures": {"$gte": self.min_failures}}))
        if self.paused_by is not None:
            found.append(Criterion("of_pauser", {"paused_by": self.paused_by}))
        return found + self.words()

    @property
    def is_of_idle(self) -> bool:
        """Whether only tasks pass that do not run, so that none of them has a next time."""
        return self.paused_by is not None or self.state in ("paused", "finished")

    def may_lack(self, field: TaskField) -> bool:
        """Whether tasks without a value of a field may pass (`failures`: only before a document is of this release)."""
        match field:
            case "next_at":
                return self.due_before is None
            case "last_outcome":
                return self.last_outcome in (None, "none")
            case "failures":
                return self.min_failures is None
            case _:
                return False

    def words(self) -> list["Criterion"]:
        """The words of the search, the longest first."""
        words = sorted(self.terms.words, key=len, reverse=True)
        return [Criterion(WORDS, {"words": _beginning(word)}, word) for word in words]

    def query(self, first: "Criterion | None" = None) -> TaskQuery:
        """As a MongoDB query, the criterion that is to be looked for in its index before the others."""
        conditions = [one.condition for one in self.criteria()]
        if first is not None:
            conditions = [_unindexed(one) for one in self.criteria() if not first.covers(one)]
        if self.without:
            conditions.append({"_id": {"$nin": list(self.without)}})
        if self.created_until is not None:
            conditions.append({"created_at": {"$lte": self.created_until}})
        if self.paused_by is not None:
            conditions.append({"state": "paused"})  # as they are; the indexes `of_idle_by_…` serve no others
        if self.due_before is not None:
            conditions.append({"next_at": {"$lt": self.due_before}, "due_at": not_from(self.due_before)})
        conditions += [_says(phrase) for phrase in self.terms.phrases]
        if first is not None:
            conditions.insert(0, first.condition)
        return {"deleted": False, "$and": conditions} if conditions else {"deleted": False}


def late(task_filter: TaskFilter, now_ms: int) -> TaskFilter:
    """Of these tasks those that are late: active, and their next run was due longer ago than the promise allows."""
    state = task_filter.state if task_filter.state is not None else "active"
    return replace(task_filter, due_before=from_ms(now_ms - PROMISE_MS), state=state)


def not_from(instant: datetime) -> dict[str, Any]:
    """Of `due_at` what is before an instant; also where it is null or absent, as it is without a spread."""
    return {"$not": {"$gte": instant}}


class Criterion(NamedTuple):
    """A part of a filter, and the index in which it is found. `word`: what words begin with, if it is that."""

    hint: str
    condition: TaskQuery
    word: str | None = None

    def covers(self, other: "Criterion") -> bool:
        """Whether it says what the other one says."""
        return self == other or (self.word is not None and self.word == other.word)


def _beginning(word: str) -> dict[str, str]:
    return {"$regex": f"^{re.escape(word)}"}


def _unindexed(criterion: Criterion) -> TaskQuery:
    """Its condition; that of a word so that no index is searched through for it, which MongoDB else may try."""
    if criterion.word is None:
        return criterion.condition
    return {"$nor": [{"words": {"$not": _beginning(criterion.word)}}]}


def _says(phrase: str) -> TaskQuery:
    part = {"$regex": re.escape(phrase), "$options": "i"}
    places: tuple[TaskField, ...] = ("_id", "name", "tags")
    return {"$or": [{place: part} for place in places]}
