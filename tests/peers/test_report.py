"""Tables of a comparison."""

from typing import Any

from bench.peers.report import cell, report_lines
from bench.peers.work.registry import WORKS
from bench.peers.work.work import Column

LATE = Column("p99", "p99 ms", 1, ratio=True)


def peer(name: str, **works: Any) -> dict[str, Any]:
    return {"name": name, "versions": f"{name} 1", "settings": "", "works": works}


def test_a_figure_with_its_ratio() -> None:
    assert cell(LATE, {"p99": 30.0}, {"p99": 10.0}) == "30.0 (3×)"
    assert cell(LATE, {"p99": 12345.0}, {"p99": 10.0}) == "12,345.0 (1,234×)"
    assert cell(LATE, {"p99": 2.5}, {"p99": 10.0}) == "2.5 (0.25×)"


def test_without_one() -> None:
    assert cell(LATE, {"p99": 30.0}, {}) == "30.0"
    assert cell(LATE, {"p99": 30.0}, {"p99": 0}) == "30.0"
    assert cell(LATE, {"p99": 30.0}, {"p99": "none"}) == "30.0"
    assert cell(LATE, {"p99": "1 of 2 after 300 s"}, {"p99": 10.0}) == "1 of 2 after 300 s"
    assert cell(LATE, {}, {}) == "–"
    assert cell(Column("kills", "kills"), {"kills": 5}, {"kills": 5}) == "5"


def test_what_failed_and_what_is_noted_stands_under_its_table() -> None:
    peers = {
        "tasker": peer("Tasker", idle={"cases": {"1 due": {"p50": 4.0, "missing": 0}}}),
        "other": peer("Other", idle={"cases": {"1 due": {"p50": 8.0, "note": "as it is"}}, "failed": "no answer"}),
        "third": peer("Third", idle={"cases": {}, "failed": "not there"}),
    }
    text = list(report_lines(peers, WORKS, "tasker"))
    assert [line.split()[0] for line in text if line and line.split()[0] in ("Tasker", "Other", "Third")] == [
        "Tasker",
        "Other",
        "Third",
    ]
    assert next(line for line in text if line.startswith("Other ")).split()[1:3] == ["8.0", "(2×)"]
    assert "Other: as it is" in text
    assert "Other: failed: no answer" in text
    assert "Third: failed: not there" in text
    assert not any("burst" in line for line in text)


def test_the_tables_of_a_page() -> None:
    peers = {
        "tasker": peer("Tasker", idle={"cases": {"1 due": {"p50": 4.0}}}),
        "other": peer("Other", idle={"cases": {"1 due": {"p50": 8.0, "note": "as it is"}}}) | {"settings": "durable"},
    }
    text = list(report_lines(peers, WORKS, "tasker", markdown=True))
    assert "### Lateness while there is little to do: from the nominal time to the call of the function" in text
    head = text.index("| 1 due | p50 ms | p99 ms | max ms | due | missing | doubled |")
    assert text[head + 1 : head + 6] == [
        "|---|---:|---:|---:|---:|---:|---:|",
        "| Tasker | 4.0 | – | – | – | – | – |",
        "| Other | 8.0 (2×) | – | – | – | – | – |",
        "",
        "- Other: as it is",
    ]
    assert text[-2:] == ["- **Tasker**: Tasker 1", "- **Other**: Other 1. durable"]
