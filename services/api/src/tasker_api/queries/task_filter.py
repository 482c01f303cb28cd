"""PURE. Which tasks a list is of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from tasker_core.documents.tasks import TaskField
from tasker_core.documents.words import SearchTerms, search_terms

LastOutcome = Literal["succeeded", "failed", "cancelled", "skipped", "none"]
TaskQuery = dict[TaskField | Literal["$or", "$and"], Any]


@dataclass(frozen=True)
class TaskFilter:
    """Which tasks. All words of all `q` begin words of them (words.py); they have all of the `tags`.

    `then`: a task that they start; `last_outcome`: of the newest run that has ended, `none` where none has;
    `min_failures`: at least so many failures in a row; `paused_by`: paused, and by whom. `ids`: they are of these;
    `without` names some that are left out.
    """

    q: Sequence[str] = ()
    tags: Sequence[str] = ()
    handler: str | None = None
    state: str | None = None
    then: str | None = None
    last_outcome: LastOutcome | None = None
    min_failures: int | None = None
    paused_by: str | None = None
    ids: Sequence[str] | None = None
    without: Sequence[str] = ()

    @cached_property
    def terms(self) -> SearchTerms:
        """What `q` asks for."""
        return search_terms(self.q)

    def query(self) -> TaskQuery:
        """As a MongoDB query."""
        equal: dict[TaskField, str | None] = {
            "handler": self.handler,
            "state": self.state,
            "starts": self.then,
            "last_outcome": self.last_outcome,
            "paused_by": self.paused_by,
        }
        found: TaskQuery = {"deleted": False}
        found |= {field: value for field, value in equal.items() if value is not None}
        if self.last_outcome == "none":
            found["last_outcome"] = None
        if self.min_failures is not None:
            found["failures"] = {"$gte": self.min_failures}
        if self.tags:
            found["tags"] = {"$all": list(self.tags)}
        if self.ids is not None:
            found["_id"] = {"$in": list(self.ids)}
        also = [begins_word(word) for word in self.terms.words] + [_says(phrase) for phrase in self.terms.phrases]
        if self.without:
            also.append({"_id": {"$nin": list(self.without)}})
        return {**found, "$and": also} if also else found


def begins_word(text: str) -> TaskQuery:
    """Tasks of which a word begins so."""
    return {"words": {"$regex": f"^{re.escape(text)}"}}


def _says(phrase: str) -> TaskQuery:
    part = {"$regex": re.escape(phrase), "$options": "i"}
    places: tuple[TaskField, ...] = ("_id", "name", "tags")
    return {"$or": [{place: part} for place in places]}
