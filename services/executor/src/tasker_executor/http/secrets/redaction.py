"""PURE. Keeps secrets out of everything that is recorded, also where a server repeats them in another notation."""

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Any, Final, cast
from urllib.parse import quote, quote_plus

from tasker_executor.attempt_failure import AttemptFailed

REDACTED: Final = "[redacted]"
_MARK: Final = "\ud800"
"""In place of REDACTED until all are replaced: no secret is found in it, and no text has it."""
_MAX_PLACES: Final = 50


class Redaction:
    """Knows secrets, and replaces them in texts."""

    MIN_UNDECLARED_LENGTH: Final = 6
    """From this many characters on, a value that is no declared secret is replaced wherever it occurs."""
    _MIN_CUT_LENGTH: Final = 4

    def __init__(self) -> None:
        self._notations: set[str] = set()

    def add(self, secret: str) -> None:
        """Replace a value from now on."""
        self._notations.update(filter(None, _notations(secret)))

    def text(self, text: str, *, cut: bool = False) -> str:
        """The text without secrets; of a text that was `cut`, also without the beginning of one at its end."""
        if not self._notations:
            return text
        for secret in sorted(self._notations, key=len, reverse=True):  # one after the other: it is linear
            text = text.replace(secret, _MARK)
        if cut:
            rest = max(_beginning_at_end(text, secret, self._MIN_CUT_LENGTH) for secret in self._notations)
            text = text[: len(text) - rest] + _MARK if rest else text
        return text.replace(_MARK, REDACTED)

    def value(self, value: Any, *, cut: bool = False) -> Any:
        """A JSON value without secrets, also in its keys; the texts in an object that is `truncated` were cut."""
        if not self._notations:
            return value
        if isinstance(value, str):
            return self.text(value, cut=cut)
        if isinstance(value, dict):
            members = cast("dict[str, Any]", value)
            cut = members.get("truncated") is True
            return {self.text(name): self.value(member, cut=cut) for name, member in members.items()}
        if isinstance(value, list):
            return [self.value(element) for element in cast("list[Any]", value)]
        return value

    def failure(self, failure: AttemptFailed) -> AttemptFailed:
        """A failure without secrets."""
        message, result = self.text(str(failure)), self.value(failure.result)
        return AttemptFailed(failure.kind, message, result, final=failure.final, wait_seconds=failure.wait_seconds)


def _notations(secret: str) -> Iterable[str]:
    """The ways in which a server may repeat a value."""
    quoted = (quote(secret, safe=""), quote_plus(secret))
    yield secret
    yield from quoted
    yield from (re.sub(r"%..", lambda escape: escape[0].lower(), text) for text in quoted)
    yield from (json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    yield html.escape(secret)
    yield b64encode(secret.encode()).decode()


def _beginning_at_end(text: str, secret: str, minimum: int) -> int:
    """How many characters at the end of a text are the beginning of a secret; 0 when they are fewer than `minimum`.

    Where a secret could begin at very many places, since it repeats itself, the rest counts as it unseen.
    """
    start = max(0, len(text) - len(secret) + 1)
    for _ in range(_MAX_PLACES):
        if (start := text.find(secret[:minimum], start)) < 0:
            return 0
        if secret.startswith(text[start:]):
            break
        start += 1
    return len(text) - start
