"""`tasker logs`: the execution log, and what comes to it."""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from tasker.rest.problems import TaskerProblem
from tasker_cli.commands.arguments import AsJson, complete_task_ids
from tasker_cli.connection.session import Session, session_of
from tasker_cli.output.screen import printable
from tasker_cli.output.wording import compact, instant, state, took

if TYPE_CHECKING:
    from tasker.rest.shapes import RunItem

NEWEST: Final = 200
"""So many runs of a task are looked at when it is not told which have changed."""
REMEMBERED: Final = 20_000
State = tuple[str, int]
"""The state of a run, and the number of its attempt: when neither has changed, there is nothing new to say."""


def show_log(
    context: typer.Context,
    task_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="TASK", help="Of these tasks (up to 20).", autocompletion=complete_task_ids),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on as runs start and end; Ctrl-C ends it.")
    ] = False,
    number: Annotated[int, typer.Option("--lines", "-n", min=0, max=10_000, help="The newest so many first.")] = 20,
    failed: Annotated[bool, typer.Option("--failed", help="Only runs that failed or were cancelled.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the execution log, the newest line last."""
    session = session_of(context)
    log = LogLines(session, task_ids or [], failed_only=failed)
    if not follow:
        log.begin(number)
        return
    is_first = True
    for event in session.client.changes.follow(kind="runs", task_id=task_ids):
        data: dict[str, Any] = json.loads(event.data)
        if event.event == "changes":
            log.show(log.changed(data.get("runs") or {}))
        elif is_first:
            log.begin(number)
        elif event.event == "reset" or not data.get("resumed"):
            log.show(log.newest(NEWEST))
        is_first = False


class LogLines:
    """Says each state of each run once."""

    def __init__(self, session: Session, task_ids: list[str], *, failed_only: bool) -> None:
        self._session, self._task_ids, self._failed_only = session, task_ids, failed_only
        self._said: dict[str, State] = {}
        self._from = ""

    def begin(self, number: int) -> None:
        """Show the newest lines. What is older than these is not shown later either."""
        found = self.newest(max(number, 1))
        self._from = found[0]["effective_at"] if found else ""
        self.show(found[len(found) - number :] if number else [])
        self._said |= {run["id"]: (run["state"], run["attempt"]) for run in found}

    def newest(self, number: int) -> "list[RunItem]":
        """The newest runs of the tasks, the oldest first."""
        found = [
            run
            for task_id in self._task_ids or [None]
            for run in self._session.client.runs.list(task_id=task_id, limit=number)
            if run["effective_at"] >= self._from
        ]
        return sorted(found, key=lambda run: run["effective_at"])[-number:]

    def changed(self, hint: dict[str, Any]) -> "Iterator[RunItem]":
        """The runs that a hint tells of; all newest ones when it does not know them all."""
        if hint.get("more") or not hint.get("ids"):
            yield from self.newest(NEWEST)
            return
        for run_id in hint["ids"]:
            try:
                yield self._session.client.runs.get(run_id)  # pyright: ignore[reportReturnType] -- it has all fields
            except TaskerProblem as problem:
                if problem.status != 404:  # it has expired meanwhile
                    raise

    def show(self, runs: "Iterable[RunItem]") -> None:
        """A line for each run of which something new is known."""
        for run in runs:
            now = (run["state"], run["attempt"])
            if self._said.get(run["id"]) == now or (self._failed_only and run["state"] not in ("failed", "cancelled")):
                continue
            self._said[run["id"]] = now
            if len(self._said) > REMEMBERED:
                del self._said[next(iter(self._said))]
            if self._session.screen.as_json:
                self._session.screen.json_line(run)
            else:
                self._session.screen.line(_line(run))


def _line(run: "RunItem") -> Text:
    time = took(run["started_at"], run["finished_at"])
    words = [instant(run["finished_at"] or run["started_at"] or run["effective_at"]), "  "]
    line = Text("".join(words), style="dim")
    line.append_text(Text(f"{run['state']:<10}", style=state(run["state"]).style))
    line.append(printable(run["task_id"]), style="bold")
    details = [
        *([run["kind"]] if run["kind"] != "scheduled" else []),
        *([f"attempt {run['attempt']}"] if run["attempt"] > 1 else []),
        *([time] if time else []),
        *([f"next attempt {instant(run['retry_at'])}"] if run["retry_at"] else []),
    ]
    line.append(f"  {run['id'][:8]}  {', '.join(details)}", style="dim")
    if run["error"]:
        line.append(
            f"  {printable(compact(run['error']['message'], 500))}", style="red" if run["state"] == "failed" else ""
        )
    return line
