"""One thing done to several tasks or runs, one after the other: a refusal of one does not keep the others from it."""

from collections.abc import Callable, Iterable
from typing import Any

from tasker.rest.problems import NotDecided, NotReachable, TaskerProblem
from tasker_cli.connection.session import Session
from tasker_cli.errors import DONE, NOT_REACHABLE, CommandFailed
from tasker_cli.output.problems import exit_code_of, problem_json, problem_lines

Action = Callable[[str], tuple[Any, str]]
"""Does it to one, and returns what came of it, as JSON and as a text."""


def for_each(session: Session, ids: Iterable[str], action: Action) -> None:
    """Do it to each, and say what came of it. Raises CommandFailed in the end when some were refused, or not decided.

    What is not decided in time keeps the others from nothing; when Tasker is not there they are not tried.
    """
    code, refused, undecided, done = DONE, 0, 0, 0
    for one in ids:
        try:
            value, text = action(one)
        except TaskerProblem as problem:
            code, refused = code or exit_code_of(problem), refused + 1
            if session.screen.as_json:
                session.screen.json_line({"id": one} | problem_json(problem))
            else:
                session.screen.complain(f"{one}: {' '.join(problem_lines(problem))}")
        except NotDecided as pending:
            undecided += 1
            if session.screen.as_json:
                session.screen.json_line({"id": one} | problem_json(pending))
            else:
                session.screen.complain(f"{one}: {pending}")
        except NotReachable as trouble:
            raise NotReachable(f"{one}: {trouble}") from None
        else:
            done += 1
            if session.screen.as_json:
                session.screen.json_line({"id": one} | ({} if value is None else value))
            else:
                session.screen.line(f"{one}: {text}")
    if code := code or (NOT_REACHABLE if undecided else DONE):
        counts = f"{refused} refused, {done} done" + (f", {undecided} not decided yet" if undecided else "")
        raise CommandFailed(counts if refused + undecided + done > 1 else "", code)
