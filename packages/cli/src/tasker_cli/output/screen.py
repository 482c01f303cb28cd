"""The terminal, or the file or pipe in its place.

People get tables, fitted to the terminal and coloured where it can be (not with NO_COLOR, nor in a file); scripts get
JSON. Text that comes from others is shown without its control characters: it can do nothing to a terminal.
"""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from tasker_cli.errors import PIPE_CLOSED
from tasker_cli.output.table import Column, table_lines

UNBOUNDED: Final = 100_000
"""Columns of a file: nothing is cut there."""
Cell = str | Text


class TerminalConsole(Console):
    """A console whose reader may go away."""

    def on_broken_pipe(self) -> None:
        """End at once, and quietly."""
        end_quietly()


class Screen:
    """Writes to standard output, and remarks to standard error."""

    def __init__(self) -> None:
        self.as_json = False

    @cached_property
    def console(self) -> Console:
        """Standard output."""
        return TerminalConsole(
            file=sys.stdout,
            width=None if sys.stdout.isatty() else UNBOUNDED,
            highlight=False,
            markup=False,
            emoji=False,
        )

    @cached_property
    def errors(self) -> Console:
        """Standard error."""
        return TerminalConsole(file=sys.stderr, soft_wrap=True, highlight=False, markup=False, emoji=False)

    @property
    def is_terminal(self) -> bool:
        """Whether somebody looks at the output."""
        return sys.stdout.isatty()

    def line(self, text: Cell = "", *, end: str = "\n") -> None:
        """A line, as long as it is."""
        self.console.print(text, soft_wrap=True, end=end)

    def json(self, value: Any) -> None:
        """One JSON value, indented."""
        self.raw(json.dumps(value, ensure_ascii=False, indent=2))

    def json_line(self, value: Any) -> None:
        """One JSON value on one line."""
        self.raw(json.dumps(value, ensure_ascii=False))

    def raw(self, text: str) -> None:
        """A text as it is, for scripts."""
        try:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            end_quietly()

    def remark(self, text: str) -> None:
        """A line beside the output, which scripts do not read."""
        self.errors.print(Text(printable(text), style="dim" if self.errors.is_terminal else ""))

    def complain(self, text: str) -> None:
        """What is wrong, on standard error."""
        self.errors.print(Text.assemble(("tasker: ", "bold red"), printable(text)))

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
        """A table fitted to the terminal."""
        content = [[Text(printable(cell)) if isinstance(cell, str) else cell for cell in row] for row in rows]
        for line in table_lines(columns, content, self.console.width):
            self.line(line)

    def fields(self, pairs: Iterable[tuple[str, Cell | None]]) -> None:
        """Names and values, one a line; what has no value is left out."""
        given = [(name, value) for name, value in pairs if value is not None and str(value)]
        width = max((len(name) for name, _ in given), default=0)
        for name, value in given:
            text = Text(printable(value)) if isinstance(value, str) else value
            self.line(Text.assemble((f"{name:<{width}}  ", "bold"), text))


def printable(text: str) -> str:
    """Text from anywhere, on one line and harmless to a terminal."""
    return "".join(one if one.isprintable() else " " if one in "\n\t" else "\ufffd" for one in text)


def end_quietly() -> None:
    """End the command, since nobody reads what it writes. What is still to be flushed goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(PIPE_CLOSED)
