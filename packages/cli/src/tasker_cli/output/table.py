"""PURE. Tables without lines that fit the width there is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rich.text import Text

GAP: Final = "  "
NARROWEST: Final = 8
"""A column that can be cut is cut to this, not further: it is left out before."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `keep`: it is never cut, since it is useless then, as an id or a time is."""

    title: str
    keep: bool = False
    align: Literal["left", "right"] = "left"


def table_lines(columns: Sequence[Column], rows: Sequence[Sequence[Text]], available: int) -> Iterator[Text]:
    """The title and a line for each row, at most `available` cells wide. Columns without content are left out.

    What does not fit is cut with an ellipsis; where that is not enough, the last columns that could be cut are left
    out, and at the very end the last ones of all.
    """
    widths = {
        n: max([len(column.title), *(row[n].cell_len for row in rows)])
        for n, column in enumerate(columns)
        if any(row[n].plain for row in rows) or not rows
    }
    fit(widths, columns, available)
    yield _line(
        [(column, Text(column.title, style="bold"), widths[n]) for n, column in enumerate(columns) if n in widths]
    )
    for row in rows:
        yield _line([(column, row[n], widths[n]) for n, column in enumerate(columns) if n in widths])


def fit(widths: dict[int, int], columns: Sequence[Column], available: int) -> None:
    """Make the columns (place → cells) narrower, and take some out, until all fit."""
    while (excess := sum(widths.values()) + len(GAP) * (len(widths) - 1) - available) > 0 and widths:
        widest = max((n for n in widths if not columns[n].keep), key=lambda n: widths[n], default=None)
        if widest is not None and widths[widest] > NARROWEST:
            others = sorted((widths[n] for n in widths if not columns[n].keep and n != widest), reverse=True)
            floor = max(NARROWEST, others[0] - 1 if others else NARROWEST)
            widths[widest] = max(floor, widths[widest] - excess) if widths[widest] > floor else widths[widest] - 1
        elif widest is not None:
            del widths[max(n for n in widths if not columns[n].keep)]
        elif len(widths) > 1:
            del widths[max(widths)]
        else:
            widths[min(widths)] = available


def _line(cells: Sequence[tuple[Column, Text, int]]) -> Text:
    line = Text()
    for place, (column, content, width) in enumerate(cells):
        text = content.copy()
        text.truncate(width, overflow="ellipsis")
        blank = " " * (width - text.cell_len)
        is_last = place == len(cells) - 1
        line.append(GAP if place else "")
        line.append(blank if column.align == "right" else "")
        line.append_text(text)
        line.append("" if is_last or column.align == "right" else blank)
    return line
