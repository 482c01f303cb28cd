"""Numbers for people: percentiles in a plain table."""

from collections.abc import Mapping, Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


def table_rows(stages: Mapping[str, Sequence[float]]) -> list[list[str]]:
    """Name, count, p50, p99 and greatest value of each stage, in milliseconds."""
    return [
        [name, str(len(ms)), *(f"{value:,.0f}" for value in (percentile(ms, 0.5), percentile(ms, 0.99), max(ms)))]
        for name, ms in stages.items()
        if ms
    ]


def print_table(title: str, stages: Mapping[str, Sequence[float]]) -> None:
    """Print one table of stages."""
    print_columns([[title, "count", "p50 ms", "p99 ms", "max ms"], *table_rows(stages)])


def print_columns(lines: Sequence[Sequence[str]]) -> None:
    """Print one table: names to the left, numbers to the right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    print()
    for line in lines:
        print(
            "  ".join(
                cell.ljust(w) if n == 0 else cell.rjust(w) for n, (cell, w) in enumerate(zip(line, widths, strict=True))
            )
        )
