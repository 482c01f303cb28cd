"""PURE. Tables of a comparison: one for each case, a line for each peer, with the ratio to Tasker of the same run."""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.peers.work.work import NOTE, Case, Column, Work

MISSING = "–"


def report_lines(peers: Mapping[str, Mapping[str, Any]], works: Mapping[str, Work], reference: str) -> Iterator[str]:
    """The tables as text, then how each peer was set up."""
    for name, work in works.items():
        if any(name in peer["works"] for peer in peers.values()):
            yield f"\n## {name}: {work.title}"
            yield from _work_lines(peers, work, reference)
    yield "\n## versions and settings"
    for peer in peers.values():
        yield f"{peer['name']}: {peer['versions'] or 'not installed'}"
        if peer["settings"]:
            yield f"    {peer['settings']}"


def _work_lines(peers: Mapping[str, Mapping[str, Any]], work: Work, reference: str) -> Iterator[str]:
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
        yield from aligned(lines)
        yield from notes
    yield from (f"{peers[key]['name']}: failed: {one['failed']}" for key, one in found.items() if "failed" in one)


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
