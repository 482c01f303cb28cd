"""PURE. What stands behind a committed offset when Kafka has lost records of its partition before the group read them.

So whoever looks at the group hears of it, also after a restart of the process that found it, for KEPT_MS.
"""

import re
from typing import Final, NamedTuple

KEPT_MS: Final = 24 * 3_600_000
NOTE_BYTES: Final = 34
"""No note is longer."""
_MOST: Final = 10**12 - 1
_FORM: Final = re.compile(r" lost=([0-9]{1,12})@([0-9]{1,15})\Z")


class LossNote(NamedTuple):
    """So many offsets were lost; the first of them was missed at `since_ms` (Unix time in milliseconds)."""

    records: int
    since_ms: int

    def is_over(self, now_ms: int) -> bool:
        """Whether it need not be told any more."""
        return now_ms - self.since_ms > KEPT_MS


def with_note(metadata: str, note: LossNote | None) -> str:
    """The metadata of a commit, with a note behind it."""
    return metadata if note is None else f"{metadata} lost={min(note.records, _MOST)}@{note.since_ms}"


def note_in(metadata: str) -> LossNote | None:
    """The note behind the metadata of a commit."""
    found = _FORM.search(metadata)
    return None if found is None else LossNote(int(found[1]), int(found[2]))


def without_note(metadata: str) -> str:
    """The metadata of a commit as it was before a note was added."""
    return _FORM.sub("", metadata)
