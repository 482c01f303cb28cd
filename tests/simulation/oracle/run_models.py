"""The oracle's models of single runs and of backfills."""

import hashlib
from dataclasses import dataclass, field
from typing import Any


def run_id(task_id: str, generation: int, kind: str, nominal: int, event_id: str = "") -> str:
    """The id of a run, by the contract: BLAKE2b-128 over five lines."""
    text = f"{task_id}\n{generation}\n{kind}\n{nominal}\n{event_id}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(slots=True)
class RunModel:
    """Of a run: the highest attempt that was emitted or refused, the pending one (attempt, when), whether cancelled.

    `waits`: the pending one has begun and waits for its report; `waited`: the highest one that does so no more;
    `report`: one that came too early.
    """

    task_id: str
    attempt: int = 1
    pending: tuple[int, int] | None = None
    cancelled: bool = False
    waits: bool = False
    waited: int = 0
    report: dict[str, Any] | None = None

    def knows(self, attempt: int) -> bool:
        """Whether that attempt was emitted or refused, or is pending."""
        return attempt <= self.attempt or (self.pending is not None and attempt <= self.pending[0])


@dataclass(slots=True)
class BackfillModel:
    """A backfill: its event, the number of changes of its task so far, and the times that were emitted."""

    task_id: str
    generation: int
    event: dict[str, Any]
    changes: int
    emitted: list[int] = field(default_factory=list[int])
    ended: bool = False
