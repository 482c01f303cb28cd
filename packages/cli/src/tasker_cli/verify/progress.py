"""Progress on a terminal; nothing where nobody watches."""

import sys
from time import monotonic
from typing import Final, TextIO

EVERY_SECONDS: Final = 0.2
_CLEAR: Final = "\r\x1b[2K"


class TerminalProgress:
    """One line that is written again and again."""

    def __init__(self, out: TextIO = sys.stderr) -> None:
        self._out, self._shown, self._at = out, out.isatty(), 0.0

    def report(self, what: str, done: int, total: int) -> None:
        """Show how much of something is read."""
        if self._shown and monotonic() - self._at > EVERY_SECONDS:
            self._at = monotonic()
            share = f", {100 * done // total} %" if total else ""
            self._out.write(f"{_CLEAR}reading {what}: {done:,}{share}")
            self._out.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._out.write(_CLEAR)
            self._out.flush()
