"""PURE. The findings of an audit as text for people, and as JSON."""

from typing import Any

from tasker_cli.verify.audit_result import AuditResult
from tasker_cli.verify.findings import VIOLATIONS, Example, Lateness
from tasker_cli.verify.instants import instant_text

UNFIT_SHOWN = 3
_LABELS = {
    "appended": "nominal → in the due topic",
    "received": "nominal → at its executor",
    "logged": "nominal → in the log",
}


def report_lines(result: AuditResult) -> list[str]:
    """The report for people, the verdict last."""
    found, tasks = result.findings, result.tasks
    span = result.last - result.first + 1
    lines = [
        f"{len(tasks):,} tasks due every second: {tasks[0]}" + (f" … {tasks[-1]}" if len(tasks) > 1 else ""),
        f"{instant_text(result.first)} to {instant_text(result.last)}, {span:,} s: {found.due:,} occurrences due",
    ]
    for task_id, reason in list(result.unfit.items())[:UNFIT_SHOWN]:
        lines.append(f"not audited: {task_id}, {reason}")
    if len(result.unfit) > UNFIT_SHOWN:
        lines.append(f"not audited: {len(result.unfit) - UNFIT_SHOWN:,} more")
    if result.unreadable:
        lines.append(f"records left out, since they are no messages: {result.unreadable:,}; {result.first_unreadable}")
    states = ", ".join(f"{count:,} {state}" for state, count in sorted(found.outcomes.items())) or "none"
    lines += ["", f"  emitted {found.runs:,}, recorded as missed {found.missed:,}; logged: {states}"]
    asides = {
        "seconds while paused": found.paused,
        "later attempts": found.retries,
        "repeated executions (after a crash; at least once is the promise)": found.repeated_executions,
        "runs not finished yet": found.unfinished,
        "reports of manual and backfilled runs, not audited": found.other_runs,
    }
    lines += [f"  {what}: {count:,}" for what, count in asides.items() if count]
    lines += ["", f"  {'':<28}{'p50':>10}{'p99':>10}{'worst':>10}"]
    lines += [_lateness_line(name, getattr(found, field)) for field, name in _LABELS.items()]
    lines.append("")
    for kind, meaning in VIOLATIONS.items():
        lines.append(f"  {kind.replace('_', ' '):<16}{found.counts[kind]:>10,}   {meaning}")
        lines += [f"      {_example(one)}" for one in found.first_examples(kind)]
    wrong = found.counts.total()
    return [*lines, "", f"not right: {wrong:,} violations" if wrong else "right: each second once, in time, and logged"]


def report_json(result: AuditResult) -> dict[str, Any]:
    """The report for programs. Times are RFC 3339, delays milliseconds."""
    found = result.findings
    return {
        "right": found.is_right,
        "tasks": len(result.tasks),
        "unfit": result.unfit,
        "unreadable": result.unreadable,
        "from": instant_text(result.first),
        "to": instant_text(result.last),
        "due": found.due,
        "emitted": found.runs,
        "missed": found.missed,
        "paused": found.paused,
        "logged": dict(sorted(found.outcomes.items())),
        "later_attempts": found.retries,
        "repeated_executions": found.repeated_executions,
        "unfinished": found.unfinished,
        "lateness_ms": {field: _lateness_json(getattr(found, field)) for field in _LABELS},
        "violations": {kind: found.counts[kind] for kind in VIOLATIONS},
        "examples": {
            kind: [
                {"task_id": one.task_id, "nominal_at": instant_text(one.second), "what": one.what}
                for one in found.first_examples(kind)
            ]
            for kind in VIOLATIONS
            if found.counts[kind]
        },
    }


def _lateness_line(name: str, late: Lateness) -> str:
    if late.worst is None:
        return f"  {name:<28}{'-':>10}{'-':>10}{'-':>10}"
    worst, second, task_id = late.worst
    cells = "".join(f"{f'{ms:,} ms':>10}" for ms in (late.quantile(0.5), late.quantile(0.99), worst))
    return f"  {name:<28}{cells}   at {instant_text(second)}, {task_id}"


def _lateness_json(late: Lateness) -> dict[str, Any] | None:
    if late.worst is None:
        return None
    worst, second, task_id = late.worst
    return {
        "p50": late.quantile(0.5),
        "p99": late.quantile(0.99),
        "worst": worst,
        "worst_at": instant_text(second),
        "worst_task": task_id,
    }


def _example(one: Example) -> str:
    return f"{instant_text(one.second)} {one.task_id}: {one.what}"
