"""Progress: one line on a terminal, elsewhere a line now and then."""

import sys
from time import monotonic
from typing import Final, TextIO

EVERY_SECONDS: Final = 0.2
LINE_SECONDS: Final = 15.0
_CLEAR: Final = "\r\x1b[2K"


class TerminalProgress:
    """One line that is written again and again; in a file or a job's log a new one every 15 s."""

    def __init__(self, out: TextIO = sys.stderr) -> None:
        self._out, self._shown, self._at = out, out.isatty(), monotonic()
        self._done = self._total = 0

    def expect(self, total: int) -> None:
        """About so many records are to be read."""
        self._done, self._total = 0, total

    def advance(self, what: str, count: int) -> None:
        """So many more are read."""
        self._done += count
        if monotonic() - self._at > (EVERY_SECONDS if self._shown else LINE_SECONDS):
            self._at = monotonic()
            # The documents of the log come on top of them: about as many as there are results.
            share = f", {min(99, 100 * self._done * 2 // (3 * self._total))} %" if self._total else ""
            line = f"reading {what}: {self._done:,}{share}"
            self._out.write(f"{_CLEAR}{line}" if self._shown else f"tasker: {line}\n")
            self._out.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._out.write(_CLEAR)
            self._out.flush()
