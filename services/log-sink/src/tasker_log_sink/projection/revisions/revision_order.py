"""PURE. How the revisions of a task follow one another, in whatever order and however often they are reported.

As a rule a new one comes after the one that stands, and only that is read. For one that comes late (a rebuild, an
upgrade) all positions of its task are.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

from tasker_core.documents.revisions import (
    RevisionContent,
    RevisionDocument,
    RevisionPosition,
    RevisionSource,
    order_key,
    removal_id,
)
from tasker_log_sink.projection.revisions.revision_content import RevisionFinish, RevisionReport

Positions = Mapping[str, Sequence[RevisionPosition]]
"""By task id: the revisions that stand, or all."""
Inserts = list[RevisionDocument]
Updates = list[tuple[str, Mapping[str, object]]]
_RANKS: Final[Mapping[RevisionSource, int]] = {"snapshot": 0, "journal": 1, "verdict": 2}


def is_better_known(one: RevisionSource, other: RevisionSource) -> bool:
    """Whether what is known from one source stands in place of what is known from another."""
    return _RANKS[one] > _RANKS[other]


def tasks_to_read_whole(reports: Iterable[RevisionReport], standing: Positions) -> list[str]:
    """The tasks for which it does not do to know the revisions that stand."""
    found = {task_id for task_id, some in standing.items() if len(some) > 1}
    new: set[int] = set()
    for task_id, revisions, finish in reports:
        known = standing.get(task_id, ())
        for revision in revisions:
            new.add(revision["version"])
            if known and not _stands(revision, known[0]) and order_key(revision) <= order_key(known[0]):
                found.add(task_id)
        if finish is not None and known and finish.version not in new and not _is_of(finish, known[0]):
            found.add(task_id)
    return list(found)


def place_revisions(reports: Iterable[RevisionReport], known: Positions, now: datetime) -> tuple[Inserts, Updates]:
    """What is to be written, for reports whose tasks' revisions are known as far as it takes."""
    contents: dict[str, RevisionContent] = {}
    positions: dict[str, dict[str, RevisionPosition]] = {
        task_id: {one["_id"]: one.copy() for one in some} for task_id, some in known.items()
    }
    for task_id, revisions, finish in reports:
        some = positions.setdefault(task_id, {})
        for revision in revisions:
            before = some.get(revision["_id"])
            if before is None or is_better_known(revision["source"], before["source"]):
                contents[revision["_id"]] = revision
                some[revision["_id"]] = _position(revision, before)
        if finish is not None:
            _note_finish(some, finish)
    inserts, updates = Inserts(), Updates()
    for task_id, some in positions.items():
        stored = {one["_id"]: one for one in known.get(task_id, ())}
        _chain(some.values())
        for one, position in some.items():
            content = contents.get(one)
            if one not in stored:
                new = contents[one]
                ends = position["superseded_at"]
                inserts.append({**new, "finished": position["finished"], "superseded_at": ends, "logged_at": now})
            elif changed := _changes(position, stored[one], content):
                updates.append((one, changed))
    return inserts, updates


def _stands(revision: RevisionContent, standing: RevisionPosition) -> bool:
    """Whether this is the one that stands, and at the place that is known."""
    return revision["_id"] == standing["_id"] and order_key(revision) >= order_key(standing)


def _position(revision: RevisionContent, before: RevisionPosition | None) -> RevisionPosition:
    return {
        "_id": revision["_id"],
        "task_id": revision["task_id"],
        "effective_from": revision["effective_from"],
        "version": revision["version"],
        "position": revision["position"],
        "source": revision["source"],
        "superseded_at": None if before is None else before["superseded_at"],
        "finished": None if before is None else before["finished"],
    }


def _note_finish(positions: Mapping[str, RevisionPosition], report: RevisionFinish) -> None:
    """The later last nominal time stands. Of a revision that isn't known, nothing is to be said."""
    finish = report.finish
    if before_it := [one for one in positions.values() if _is_of(report, one)]:
        position = max(before_it, key=order_key)
        before = position["finished"]
        if before is None or before["last_nominal"] < finish["last_nominal"]:
            position["finished"] = finish


def _is_of(report: RevisionFinish, revision: RevisionPosition) -> bool:
    """Whether a revision is of the version of which nothing is left, and was there before that was said."""
    is_before = revision["version"] == report.version and revision["position"] < report.position
    return is_before and revision["_id"] != removal_id(revision)


def _chain(positions: Iterable[RevisionPosition]) -> None:
    """Let each be superseded by the next one."""
    ordered = sorted(positions, key=order_key)
    for one, following in pairwise(ordered):
        one["superseded_at"] = following["effective_from"]
    if ordered:
        ordered[-1]["superseded_at"] = None


def _changes(
    position: RevisionPosition, stored: RevisionPosition, content: RevisionContent | None
) -> Mapping[str, object]:
    """The fields to set in a stored revision; a better known content replaces the stored one."""
    changed = {name: value for name, value in position.items() if stored[name] != value}
    return changed if content is None else {**content, **changed}
