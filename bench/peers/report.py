"""PURE. Tables of a comparison: one for each case, a line for each peer, with the ratio to Tasker of the same run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bench.peers.work.work import NOTE, Case, Column, Work

MISSING = "–"


def report_lines(
    peers: Mapping[str, Mapping[str, Any]], works: Mapping[str, Work], reference: str, *, markdown: bool = False
) -> Iterator[str]:
    """The tables as text or in Markdown, then how each peer was set up."""
    for name, work in works.items():
        if any(name in peer["works"] for peer in peers.values()):
            yield from ("", f"### {_capital(work.title)}" if markdown else f"## {name}: {work.title}")
            yield from _work_lines(peers, work, reference, markdown_table if markdown else aligned)
    yield from ("", "### Versions and settings" if markdown else "## versions and settings", "")
    for peer in peers.values():
        versions, settings = peer["versions"] or "not installed", peer["settings"]
        if markdown:
            yield f"- **{peer['name']}**: {versions}{f'. {settings}' if settings else ''}"
        else:
            yield f"{peer['name']}: {versions}"
            if settings:
                yield f"    {settings}"


def _work_lines(
    peers: Mapping[str, Mapping[str, Any]],
    work: Work,
    reference: str,
    table: Callable[[list[list[str]]], Iterator[str]],
) -> Iterator[str]:
    found = {key: peer["works"][work.name] for key, peer in peers.items() if work.name in peer["works"]}
    for case in dict.fromkeys(case for one in found.values() for case in one["cases"]):
        base: Case = found.get(reference, {"cases": {}})["cases"].get(case, {})
        lines, notes = [[case, *(column.title for column in work.columns)]], list[str]()
        for key, one in found.items():
            figures: Case = one["cases"].get(case, {})
            other = {} if key == reference else base
            lines.append([peers[key]["name"], *(cell(column, figures, other) for column in work.columns)])
            if NOTE in figures:
                notes.append(f"{peers[key]['name']}: {figures[NOTE]}")
        yield ""
        yield from table(lines)
        yield from _remarks(notes, table)
    failed = [f"{peers[key]['name']}: failed: {one['failed']}" for key, one in found.items() if "failed" in one]
    yield from _remarks(failed, table)


def _remarks(remarks: Sequence[str], table: Callable[[list[list[str]]], Iterator[str]]) -> Iterator[str]:
    if remarks and table is markdown_table:
        yield from ("", *(f"- {one}" for one in remarks))
    else:
        yield from remarks


def cell(column: Column, figures: Case, base: Case) -> str:
    """One figure, where it is wanted and can be told with its ratio to the base's."""
    value, other = figures.get(column.key), base.get(column.key)
    if value is None or isinstance(value, str):
        return value or MISSING
    shown = f"{value:,.{column.decimals}f}"
    if column.ratio and isinstance(other, int | float) and other > 0 and value >= 0:
        return f"{shown} ({value / other:,.2g}×)" if value < 100 * other else f"{shown} ({value / other:,.0f}×)"
    return shown


def aligned(lines: list[list[str]]) -> Iterator[str]:
    """Columns side by side: names to the left, the rest to the right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for name, *rest in lines:
        cells = (text.rjust(width) for text, width in zip(rest, widths[1:], strict=True))
        yield "  ".join((name.ljust(widths[0]), *cells))


def markdown_table(lines: list[list[str]]) -> Iterator[str]:
    """The same in Markdown."""
    yield f"| {' | '.join(lines[0])} |"
    yield f"|---|{'---:|' * (len(lines[0]) - 1)}"
    for line in lines[1:]:
        yield f"| {' | '.join(line)} |"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
