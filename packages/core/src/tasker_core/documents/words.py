"""PURE. The words by which a task is found."""

import re
from collections.abc import Iterable
from typing import Final
from unicodedata import combining, normalize

_WORD: Final = re.compile(r"[^\W_]+")
"""Letters and digits; all else parts words."""


def words_of(*texts: str) -> list[str]:
    """The words of some texts, each once, in order; without regard to case and accents."""
    return sorted({word for text in texts for word in _WORD.findall(_plain(text))})


def task_words(task_id: str, name: str, tags: Iterable[str]) -> list[str]:
    """The words of a task: of its id, its name and its tags."""
    return words_of(task_id, name, *tags)


def _plain(text: str) -> str:
    folded = normalize("NFKD", normalize("NFKD", text).casefold())
    return "".join(letter for letter in folded if not combining(letter))
