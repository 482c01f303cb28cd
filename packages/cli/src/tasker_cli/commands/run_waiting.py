"""What has become of a run that was asked for, and the wait for its end."""

from time import monotonic
from typing import TYPE_CHECKING, Final

from tasker.rest.problems import TaskerProblem
from tasker_cli.connection.session import Session
from tasker_cli.errors import REFUSED, CommandFailed
from tasker_cli.output.wording import compact, took

if TYPE_CHECKING:
    from tasker.rest.shapes import Run

LOGGED_SECONDS: Final = 30
"""So long may a run be emitted and not be in the log."""


def report_run(session: Session, run_id: str, task_id: str, *, wait: bool) -> None:
    """Say which run it is, and with `wait` how it has ended. Raises CommandFailed when it has not succeeded."""
    if not wait:
        if session.screen.as_json:
            session.screen.json({"run_id": run_id, "task_id": task_id})
        else:
            session.screen.line(f"{task_id}: runs as {run_id}")
        return
    run = ended_run(session, run_id, task_id)
    if session.screen.as_json:
        session.screen.json(run)
    else:
        session.screen.line(ending(run))
    if run["state"] != "succeeded":
        raise CommandFailed("", REFUSED)


def ended_run(session: Session, run_id: str, task_id: str) -> "Run":
    """The run, once it has ended for good. Raises CommandFailed when the log does not get it."""
    from tasker_core.run_states import FINAL_STATES  # it takes a while, and only who waits needs it

    client, logged_by = session.client, monotonic() + LOGGED_SECONDS
    while True:
        changes = client.changes.follow(kind="runs", task_id=task_id)
        for _ in changes:  # it is open now, so nothing is missed from here on; each hint may be about this run
            try:
                run = client.runs.get(run_id)
            except TaskerProblem as problem:
                if problem.status != 404:
                    raise
                if monotonic() > logged_by:
                    raise CommandFailed(f"the run {run_id} is not in the log after {LOGGED_SECONDS} s") from None
                continue
            if run["state"] in FINAL_STATES:
                return run


def ending(run: "Run") -> str:
    """How a run has ended, in a line."""
    time = took(run["started_at"], run["finished_at"])
    text = f"{run['task_id']}: {run['state']}" + (f" after {time}" if time else "")
    if run["error"]:
        return f"{text}: {run['error']['message']}"
    return f"{text}: {compact(run['result'])}" if run["result"] is not None else text
