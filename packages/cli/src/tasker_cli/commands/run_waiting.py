"""What has become of a run that was asked for, and the wait for its end."""

from time import monotonic
from typing import TYPE_CHECKING, Final

from tasker.rest.problems import TaskerProblem
from tasker.rest.sync.pause import pause
from tasker_cli.connection.session import Session
from tasker_cli.errors import REFUSED, CommandFailed
from tasker_cli.output.wording import compact, took

if TYPE_CHECKING:
    from tasker.rest.shapes import Run

LOGGED_SECONDS: Final = 30
"""A run that is not in the log for so long is remarked upon."""
LOOK_SECONDS: Final = 0.5


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
    """The run, once it has ended for good, however long that takes; on the way it says why nothing is seen of it."""
    from tasker_core.run_states import FINAL_STATES  # it takes a while, and only who waits needs it

    remark_at: float | None = monotonic() + LOGGED_SECONDS
    while True:
        run = _logged(session, run_id)
        if run is not None and run["state"] in FINAL_STATES:
            return run
        if run is None and remark_at is not None and monotonic() > remark_at:
            remark_at = None
            session.screen.remark(
                f"{task_id}: the run {run_id} has not begun after {LOGGED_SECONDS} s. It waits for another run of its"
                " task to end, or for an executor; see `tasker system`. Ctrl-C ends this wait, and not the run."
            )
        pause(LOOK_SECONDS)


def _logged(session: Session, run_id: str) -> "Run | None":
    try:
        return session.client.runs.get(run_id)
    except TaskerProblem as problem:
        if problem.status != 404:
            raise
        return None


def ending(run: "Run") -> str:
    """How a run has ended, in a line."""
    time = took(run["started_at"], run["finished_at"])
    text = f"{run['task_id']}: {run['state']}" + (f" after {time}" if time else "")
    if run["error"]:
        return f"{text}: {run['error']['message']}"
    return f"{text}: {compact(run['result'])}" if run["result"] is not None else text
