"""PURE. The words by which tasks are found, and what a search for them asks for."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final, NamedTuple
from unicodedata import combining, normalize

MAX_LENGTH: Final = 64
"""So many characters of a word count, in a task and in a search: what is longer is found by its beginning."""
MAX_WORDS: Final = 200
"""So many words of a task are kept: those of its id first, then of its name, then of its tags."""
_RUN: Final = re.compile(r"[^\W_]+")
"""Letters and digits; all else parts words."""
_EDGES: Final = re.compile(r"^[\W_]+|[\W_]+$")
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"
)
"""Letters of scripts that put no space between words (Thai, Lao, Burmese, Khmer, Japanese, Chinese)."""


class SearchTerms(NamedTuple):
    """What a search asks for: all `words` begin words of the task, and all `phrases` are in its texts as they are.

    A phrase is what was typed without a space but is not one word: `order-42`.
    """

    words: list[str]
    phrases: list[str]


def task_words(task_id: str, name: str, tags: Iterable[str]) -> list[str]:
    """The words of a task's id, name and tags, without regard to case and accents.

    Within what is written together a word begins at a capital as well (`dailyReport`: dailyreport, report), and at each
    letter of a script that puts no space between words.
    """
    found = (word for text in (task_id, name, *tags) for run in _RUN.findall(_bare(text)) for word in _beginnings(run))
    return list(islice(dict.fromkeys(found), MAX_WORDS))


def search_terms(texts: Iterable[str]) -> SearchTerms:
    """What these texts ask for together. A word that another one begins with asks for nothing more."""
    words, phrases = dict[str, None](), dict[str, None]()
    for text in texts:
        for part in text.split():
            runs = [_folded(run) for run in _RUN.findall(_bare(part))]
            words |= dict.fromkeys(runs)
            if len(runs) > 1:
                phrases[_EDGES.sub("", part)] = None
    return SearchTerms(
        [one for one in words if not any(other != one and other.startswith(one) for other in words)], list(phrases)
    )


def _beginnings(run: str) -> list[str]:
    starts = [at for at in range(1, len(run)) if _begins_word(run, at)]
    return [_folded(run[at:]) for at in (0, *starts)]


def _begins_word(run: str, at: int) -> bool:
    letter, before, behind = run[at], run[at - 1], run[at + 1 : at + 2]
    if letter.isupper():
        return before.islower() or (before.isupper() and behind.islower())
    return _UNSPACED.match(letter) is not None


def _folded(run: str) -> str:
    return _bare(run.casefold())[:MAX_LENGTH]


def _bare(text: str) -> str:
    """Without accents, and without the various forms of one letter."""
    if text.isascii():
        return text
    return "".join(letter for letter in normalize("NFKD", text) if not combining(letter))
