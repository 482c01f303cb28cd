"""PURE. Keeps secrets out of everything that is recorded, also where a server repeats them in another notation."""

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Any, Final, cast
from urllib.parse import quote, quote_plus

from tasker_executor.failure import Failed

REDACTED: Final = "[redacted]"


class Redaction:
    """Takes secrets, and takes them out of texts."""

    TELLING: Final = 6
    """From this many characters on, a value that is no declared secret is one when it is met again."""
    _CUT: Final = 4

    def __init__(self) -> None:
        self._notations: set[str] = set()

    def add(self, secret: str) -> None:
        """Hide a value from now on."""
        self._notations.update(filter(None, _notations(secret)))

    def text(self, text: str, *, cut: bool = False) -> str:
        """The text without secrets; of a text that was `cut`, also without the beginning of one at its end."""
        if not self._notations:
            return text
        longest_first = sorted(self._notations, key=len, reverse=True)
        clean = re.sub("|".join(map(re.escape, longest_first)), REDACTED, text)
        if cut:
            rest = max((_begun(clean, secret, self._CUT) for secret in longest_first), default=0)
            clean = clean[: len(clean) - rest] + REDACTED if rest else clean
        return clean

    def value(self, value: Any, *, cut: bool = False) -> Any:
        """A JSON value without secrets, also in its keys; the texts of an object that is `truncated` were cut."""
        if not self._notations:
            return value
        if isinstance(value, str):
            return self.text(value, cut=cut)
        if isinstance(value, dict):
            members = cast("dict[str, Any]", value)
            cut = cut or members.get("truncated") is True
            return {self.text(name): self.value(one, cut=cut) for name, one in members.items()}
        if isinstance(value, list):
            return [self.value(one, cut=cut) for one in cast("list[Any]", value)]
        return value

    def failure(self, failed: Failed) -> Failed:
        """A failure without secrets."""
        told, result = self.text(str(failed)), self.value(failed.result)
        return Failed(failed.kind, told, result, final=failed.final, wait_seconds=failed.wait_seconds)


def _notations(secret: str) -> Iterable[str]:
    """The ways in which a server may repeat a value."""
    quoted = (quote(secret, safe=""), quote_plus(secret))
    yield secret
    yield from quoted
    yield from (re.sub(r"%..", lambda escape: escape[0].lower(), text) for text in quoted)
    yield from (json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    yield html.escape(secret)
    yield b64encode(secret.encode()).decode()


def _begun(text: str, secret: str, least: int) -> int:
    """How many characters at the end of a text are the beginning of a secret, if at least so many."""
    return next((n for n in range(min(len(secret) - 1, len(text)), least - 1, -1) if text.endswith(secret[:n])), 0)
