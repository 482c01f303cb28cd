"""PURE. What was asked for by events: every trigger, chained run and backfill has its runs, and none has others."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from tasker_cli.verify.enumeration.nominal_times import for_task, nominal_times
from tasker_cli.verify.judgement.run_ledger import id_digits
from tasker_cli.verify.judgement.window import AuditedTasks
from tasker_cli.verify.lives.task_life import Backfill, TaskLife

MAX_BACKFILLED = 1_000_000
"""Nominal times of one backfill that are enumerated."""


def judge_requests(tasks: AuditedTasks) -> None:
    """Hold the other runs that were emitted against what was asked for."""
    asked = set[int]()
    unclear = set[str]()
    for life in tasks.lives.values():
        asked.update(_judge_started(tasks, life))
        for backfill in life.backfills.values():
            times = _times(tasks, life, backfill)
            if times is None:
                reason = "backfills whose event is not kept, or whose schedule was changed meanwhile"
                tasks.findings.leave_out(reason, life.task_id)
                unclear.add(life.task_id)
            else:
                asked.update(_judge_backfill(tasks, life, backfill, times))
    for run in tasks.ledger.other_runs:
        if id_digits(run.run_id) in asked or (run.kind == "backfill" and run.task_id in unclear):
            continue
        if tasks.is_known(run.task_id, tasks.first):
            what = f"the {run.kind} run {run.run_id} was emitted, but no accepted event asked for it"
            tasks.findings.add("outside", run.effective, run.task_id, what)


def _judge_started(tasks: AuditedTasks, life: TaskLife) -> Iterator[int]:
    for request in life.requested:
        digits = id_digits(request.run_id)
        yield digits
        if tasks.first <= request.second <= tasks.last and digits not in tasks.ledger.others:
            what = f"run {request.run_id}, which an accepted event started, was never emitted"
            tasks.findings.add("lost", request.second, life.task_id, what)


def _judge_backfill(tasks: AuditedTasks, life: TaskLife, backfill: Backfill, times: Iterable[int]) -> Iterator[int]:
    is_done = backfill.ended == "done" and tasks.first <= backfill.at and backfill.ended_at <= tasks.last
    for nominal in times:
        text = f"{life.task_id}\n{backfill.generation}\nbackfill\n{nominal}\n{backfill.event_id}"
        digits = id_digits(blake2b(text.encode(), digest_size=16).hexdigest())
        yield digits
        if is_done and digits not in tasks.ledger.others:
            what = f"backfill {backfill.event_id} is done, but this occurrence was not run"
            tasks.findings.add("lost", nominal, life.task_id, what)


def _times(tasks: AuditedTasks, life: TaskLife, backfill: Backfill) -> Iterable[int] | None:
    """The nominal times of a backfill; None where they are not known."""
    if backfill.times is not None:
        return backfill.times
    schedules = {one.definition.schedule for one in life.changes if one.definition and one.at > backfill.at}
    if backfill.bounds is None or backfill.definition is None or schedules - {backfill.definition.schedule}:
        return None
    written = for_task(backfill.definition.written, life.task_id)
    if not tasks.calendars.knows(written):
        return None
    found = nominal_times(written, *backfill.bounds, tasks.calendars)
    return found if len(found) <= MAX_BACKFILLED else None
