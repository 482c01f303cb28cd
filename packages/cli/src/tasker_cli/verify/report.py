"""PURE. The findings of an audit as text for people, and as JSON."""

from typing import Any, Final

from tasker_cli.verify.audit_scope import AuditResult
from tasker_cli.verify.instants import instant_text
from tasker_cli.verify.judgement.findings import VIOLATIONS, Example, Lateness

OUTAGES_SHOWN: Final = 5
_LABELS: Final = {
    "appended": "due → in the due topic",
    "received": "due → at its executor",
    "logged": "due → in the log",
}
_FACTS: Final = ("due", "emitted", "missed", "while paused", "run late after an outage", "repeated executions")
"""Always in the JSON; whatever else is counted is told where there is any."""


def report_lines(result: AuditResult) -> list[str]:
    """The report for people, the verdict last."""
    found, counted = result.findings, result.findings.counted
    span = result.last - result.first + 1
    ids = result.first_task + (f" … {result.last_task}" if result.tasks > 1 else "")
    lines = [
        f"{_number(result.tasks, 'task')}: {ids}",
        f"{instant_text(result.first)} to {instant_text(result.last)}, {span:,} s: {counted['due']:,} occurrences due",
    ]
    for reason, count in sorted(found.unaudited.items()):
        lines.append(f"not audited: {count:,} {reason}; the first one: {found.unaudited_first[reason]}")
    if result.unreadable:
        lines.append(f"records left out, since they are no messages: {result.unreadable:,}; {result.first_unreadable}")
    lines += [f"not read: {one}" for one in result.not_read]
    lines += [f"outage: {_outage(one)}" for one in found.outages[:OUTAGES_SHOWN]]
    if len(found.outages) > OUTAGES_SHOWN:
        lines.append(f"outage: {len(found.outages) - OUTAGES_SHOWN:,} more")
    states = ", ".join(f"{count:,} {state}" for state, count in sorted(found.outcomes.items())) or "none"
    lines += ["", f"  emitted {counted['emitted']:,}, recorded as missed {counted['missed']:,}; logged: {states}"]
    lines += [f"  {what}: {n:,}" for what, n in sorted(counted.items()) if n and what not in _FACTS[:3]]
    lines += ["", f"  {'':<28}{'p50':>10}{'p99':>10}{'worst':>10}"]
    lines += [_lateness_line(name, getattr(found, field)) for field, name in _LABELS.items()]
    lines.append("")
    for kind, meaning in VIOLATIONS.items():
        lines.append(f"  {kind.replace('_', ' '):<16}{found.counts[kind]:>10,}   {meaning}")
        lines += [f"      {_example(one)}" for one in found.first_examples(kind)]
    wrong = found.counts.total()
    return [*lines, "", f"not right: {_number(wrong, 'violation')}" if wrong else _right(result)]


def report_json(result: AuditResult) -> dict[str, Any]:
    """The report for programs. Times are RFC 3339, delays milliseconds."""
    found = result.findings
    return {
        "right": found.is_right,
        "tasks": result.tasks,
        "from": instant_text(result.first),
        "to": instant_text(result.last),
        **{what.replace(" ", "_"): found.counted[what] for what in (*_FACTS, *sorted(set(found.counted) - {*_FACTS}))},
        "logged": dict(sorted(found.outcomes.items())),
        "not_audited": [
            {"reason": reason, "count": count, "first_task": found.unaudited_first[reason]}
            for reason, count in sorted(found.unaudited.items())
        ],
        "unreadable": result.unreadable,
        "not_read": list(result.not_read),
        "outages": [
            {"partition": partition, "from": instant_text(after + 1), "to": instant_text(to)}
            for partition, after, to in found.outages
        ],
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


def _right(result: AuditResult) -> str:
    found = result.findings
    said = "right: each occurrence once, in time, and logged"
    if found.outages or found.counted["run late after an outage"] or found.counted["missed"]:
        said = "right: each occurrence once and logged, in time or after an outage as its misfire policy says"
    return said + ("; some could not be judged (see above)" if found.unaudited else "")


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _outage(one: tuple[int, int, int]) -> str:
    partition, after, to = one
    return f"partition {partition}, {instant_text(after + 1)} to {instant_text(to)}: reached only when it was late"


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
