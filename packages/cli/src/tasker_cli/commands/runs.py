"""`tasker runs list`, `show`, `cancel` and `rerun`."""

from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tasker_cli.commands.arguments import (
    AsJson,
    Limit,
    Note,
    Payload,
    RunId,
    Wait,
    complete_task_ids,
    instant_argument,
    json_argument,
    limit_of,
)
from tasker_cli.commands.run_waiting import report_run
from tasker_cli.commands.several import for_each
from tasker_cli.connection.session import Session, session_of
from tasker_cli.output.table import Column
from tasker_cli.output.wording import clock_time, compact, count, instant, instant_ms, state, titled, took
from tasker_runtime.clock import utc_now

if TYPE_CHECKING:
    from tasker.rest.shapes import Run, RunItem


class RunState(StrEnum):
    """The states of runs."""

    RUNNING = "running"
    WAITING = "waiting"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class RunKind(StrEnum):
    """What runs come from."""

    SCHEDULED = "scheduled"
    MANUAL = "manual"
    BACKFILL = "backfill"
    CHAINED = "chained"
    ALERT = "alert"


Task = Annotated[
    str | None, typer.Option("--task", "-t", help="Of one task.", autocompletion=complete_task_ids, metavar="TASK")
]
Since = Annotated[str | None, typer.Option("--since", help="Due from then on: 2h (ago), or 2026-12-24T18:00.")]
Until = Annotated[str | None, typer.Option("--until", help="Due before then.")]


def list_runs(
    context: typer.Context,
    task: Task = None,
    run_state: Annotated[RunState | None, typer.Option("--state", help="Its state.")] = None,
    kind: Annotated[RunKind | None, typer.Option("--kind", help="What it comes from.")] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    as_json: AsJson = False,
) -> None:
    """List runs, the newest first."""
    session, now = session_of(context), utc_now()
    most = limit_of(limit, as_json=as_json)
    found = session.client.runs.list(
        task_id=task,
        state=None if run_state is None else run_state.value,
        kind=None if kind is None else kind.value,
        start=instant_argument(since, now, "--since"),
        end=instant_argument(until, now, "--until"),
        limit=most if most is None or as_json else most + 1,
    )
    if as_json:
        for run in found:
            session.screen.json_line(run)
        return
    runs = list(islice(found, most))
    if runs:
        print_runs(session, runs)
    more = next(found, None) is not None
    session.screen.remark(count(len(runs), "run") + (", and there are more: --limit says how many" if more else ""))


def print_runs(session: Session, runs: "list[RunItem]") -> None:
    """Runs as a table."""
    session.screen.table(
        (
            Column("RUN", keep=True),
            Column("TASK"),
            Column(titled("NOMINAL", (run["nominal_at"] for run in runs)), keep=True),
            Column("KIND"),
            Column("STATE", keep=True),
            Column("ATTEMPT", align="right"),
            Column("TOOK", keep=True, align="right"),
            Column("ERROR"),
        ),
        (
            (
                run["id"],
                run["task_id"],
                clock_time(run["nominal_at"]),
                run["kind"] if run["kind"] != "scheduled" else "",
                state(run["state"]),
                str(run["attempt"]) if run["attempt"] > 1 else "",
                took(run["started_at"], run["finished_at"]),
                run["error"]["message"] if run["error"] else "",
            )
            for run in runs
        ),
    )


def show_run(context: typer.Context, run_id: RunId, as_json: AsJson = False) -> None:
    """Show one run: its stages, its payload, its result, and every attempt."""
    session = session_of(context)
    run = session.client.runs.get(run_id)
    if as_json:
        session.screen.json(run)
    else:
        _print_run(session, run)


def cancel_runs(
    context: typer.Context,
    run_ids: Annotated[list[str] | None, typer.Argument(metavar="RUN", help="Ids of runs.")] = None,
    task: Annotated[
        str | None,
        typer.Option(
            "--task", "-t", metavar="TASK", help="All unfinished runs of a task.", autocompletion=complete_task_ids
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Cancel runs that are not finished: executors stop them, a next attempt will not come."""
    session = session_of(context)
    if bool(run_ids) == (task is not None):
        raise typer.BadParameter("give either ids of runs or --task")

    def cancel(run_id: str) -> tuple[Any, str]:
        return session.client.runs.cancel(run_id), "cancelled"

    def cancel_all(task_id: str) -> tuple[Any, str]:
        return session.client.tasks.cancel_runs(task_id), "all its unfinished runs are cancelled"

    if task is not None:
        for_each(session, [task], cancel_all)
    else:
        for_each(session, run_ids or [], cancel)


def rerun(
    context: typer.Context,
    run_id: RunId,
    payload: Payload = None,
    note: Note = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Run a finished run again, with the payload that it had, or another one."""
    session = session_of(context)
    given = {} if payload is None else {"payload": json_argument(payload, "--payload")}
    triggered = session.client.runs.rerun(run_id, note=note, **given)
    report_run(session, triggered["run_id"], triggered["task_id"], wait=wait)


def _print_run(session: Session, run: "Run") -> None:
    after, error = run["after"], run["error"]
    session.screen.fields(
        (
            ("run", run["id"]),
            ("task", f"{run['task_id']}, version {run['version']}"),
            ("state", state(run["state"])),
            ("error", f"{error['kind']}: {error['message']}" if error else None),
            ("kind", run["kind"]),
            ("after", f"{after['task_id']} {after['outcome']}, run {after['run_id']}" if after else None),
            ("handler", run["handler"]),
            ("payload", None if run["payload"] is None else compact(run["payload"], 2000)),
            ("result", None if run["result"] is None else compact(run["result"], 2000)),
            ("attempt", str(run["attempt"])),
            ("retry at", instant(run["retry_at"])),
            ("waits until", instant(run["waiting_until"])),
            ("nominal", instant_ms(run["nominal_at"])),
            ("effective", instant_ms(run["effective_at"]) if run["effective_at"] != run["nominal_at"] else None),
            ("emitted", instant_ms(run["emitted_at"])),
            ("started", instant_ms(run["started_at"])),
            ("finished", instant_ms(run["finished_at"])),
            ("logged", instant_ms(run["logged_at"])),
            ("took", took(run["started_at"], run["finished_at"])),
            ("worker", run["worker"]),
        )
    )
    if run["attempts"]:
        session.screen.line()
        session.screen.table(
            (
                Column("ATTEMPT", align="right"),
                Column("OUTCOME", keep=True),
                Column("STARTED"),
                Column("TOOK"),
                Column("ERROR"),
            ),
            (
                (
                    str(one["attempt"]),
                    state(one["outcome"]),
                    instant(one["started_at"]),
                    took(one["started_at"], one["finished_at"]),
                    one["error"]["message"] if one["error"] else "",
                )
                for one in run["attempts"]
            ),
        )
