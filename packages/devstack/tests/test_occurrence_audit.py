"""The audit of the ticker's log sees what was tampered with, and nothing where nothing was."""

from datetime import UTC, datetime
from typing import Any

from tasker_devstack.occurrence_audit import AuditRecord, audit, lifetimes

FROM, SECONDS = 1_767_268_800, 20


def instant(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def record(topic: str, at: int, **value: Any) -> AuditRecord:
    return AuditRecord(topic, 0, at, at * 1000 + 40, value)


def verdict(task: str, event: str, at: int) -> AuditRecord:
    value = {"type": "verdict", "verdict": "accepted", "event_type": event, "effective_from": instant(at)}
    return record("verdicts", at, task_id=task, **value)


def run(task: str, at: int, topic: str = "due-tasks") -> AuditRecord:
    return record(topic, at, type="run", run_id=f"{task}-{at}", task_id=task, nominal_at=instant(at))


def log() -> list[AuditRecord]:
    """Two tasks due every second; the last seconds of one are in the background, some of the other are missed."""
    found = [verdict(task, event, at) for task in "ab" for event, at in (("put", FROM), ("delete", FROM + SECONDS))]
    found += [run("a", FROM + n, "due-tasks" if n < 15 else "due-background") for n in range(1, SECONDS + 1)]
    found += [run("b", FROM + n) for n in range(1, SECONDS + 1) if not 5 <= n <= 8]
    found.append(
        record("verdicts", FROM + 9, type="missed", task_id="b", **{"from": instant(FROM + 5), "to": instant(FROM + 8)})
    )
    found.append(
        record("due-tasks", FROM, type="run", kind="manual", run_id="m", task_id="a", nominal_at=instant(FROM))
    )
    return found


def violations(found: list[AuditRecord]) -> list[str]:
    return audit(found, lifetimes(found)).violations


def test_an_untampered_log_is_right() -> None:
    report = audit(log(), lifetimes(log()))
    assert (report.violations, report.runs, report.missed, report.worst_ms) == ([], 2 * SECONDS - 4, 4, 40)


def test_each_record_that_is_removed_or_doubled_is_found() -> None:
    for n, one in enumerate(log()):
        if one.value["type"] == "verdict" or one.value.get("kind") == "manual":
            continue
        assert violations(log()[:n] + log()[n + 1 :]), one
        assert violations([*log(), one]), one
        if one.value["type"] == "run":
            assert violations([*log(), one._replace(topic="due-background")]), one


def test_another_run_of_the_same_second_is_found() -> None:
    assert violations([*log(), run("a", FROM + 3)._replace(value=run("a", FROM + 3).value | {"run_id": "other"})])
    assert violations([*log(), run("b", FROM + 6)])


def test_what_lies_outside_of_a_life_is_found() -> None:
    assert violations([*log(), run("a", FROM)])
    assert violations([*log(), run("a", FROM + SECONDS + 1)])
    assert not audit([*log(), run("a", FROM)], lifetimes(log()), whole=False).violations


def test_a_late_record_is_found() -> None:
    found = log()
    late = next(r for r in found if r.value.get("run_id") == f"b-{FROM + 12}")
    found[found.index(late)] = late._replace(appended=late.appended + 11_000)
    report = audit(found, lifetimes(found))
    assert (len(report.violations), report.worst_ms) == (1, 11_040)
    assert not audit(found, lifetimes(found), within_ms=None).violations
