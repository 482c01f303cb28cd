"""`tasker dead-letters list` and `redrive`."""

import re
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tasker.rest.problems import NotDecided, TaskerProblem
from tasker_cli.commands.arguments import AsJson
from tasker_cli.connection.session import session_of
from tasker_cli.errors import DONE, CommandFailed
from tasker_cli.output.problems import exit_code_of, problem_json
from tasker_cli.output.screen import printable

if TYPE_CHECKING:
    from tasker.rest.shapes import DeadLetter, Redriven

PREVIEW_CHARACTERS: Final = 200
_ID: Final = re.compile(r"(\d{1,4})-(\d{1,19})")


def list_dead_letters(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the newest ones, with where from, why, and what they look like."""
    session = session_of(context)
    for item in session.client.dead_letters.list(limit=limit):
        if as_json:
            session.screen.json_line(item)
        else:
            for line in _item_lines(item):
                session.screen.line(line)


def redrive(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="As the list shows it, such as 3-17.")],
    as_json: AsJson = False,
) -> None:
    """Send events and results back, run runs again: one after the other, up to the first that can't be.

    What is not decided in time keeps no other back; the exit code is 4 then.
    """
    session, code = session_of(context), DONE
    for one in ids:
        match = _ID.fullmatch(one)
        if match is None:
            raise CommandFailed(f"{one!r} is no dead letter: give the id that the list shows, such as 3-17")
        try:
            answer = session.client.dead_letters.redrive(int(match[1]), int(match[2]))
        except TaskerProblem as problem:
            raise CommandFailed(f"{one}: {problem}", exit_code_of(problem)) from None
        except NotDecided as pending:
            code = exit_code_of(pending)
            if as_json:
                session.screen.json_line({"id": one} | problem_json(pending))
            else:
                session.screen.line(f"{one}  {pending}")
            continue
        if as_json:
            session.screen.json_line({"id": one, **answer})
        else:
            session.screen.line(f"{one}  {_redrive_text(answer)}")
    raise typer.Exit(code)


def _redrive_text(answer: "Redriven") -> str:
    if answer["how"] == "sent_back":
        position = f"partition {answer.get('partition')}, offset {answer.get('offset')}"
        return f"sent back to {answer.get('topic')}, {position}: {answer['note']}"
    return f"runs again as {answer.get('run_id')}: {answer['note']}"


def _item_lines(item: "DeadLetter") -> list[str]:
    source = f"{item['topic']} partition {item['source_partition']} offset {item['source_offset']}"
    preview = item["preview"].replace("\n", " ")[:PREVIEW_CHARACTERS]
    more = " …" if item["is_cut"] or len(item["preview"]) > PREVIEW_CHARACTERS else ""
    actions: dict[Any, str] = {"send_back": "can be sent back", "run_again": "can be run again"}
    action = actions.get(item["redrive"]) or f"can't be redriven: {item['obstacle']}"
    return [
        f"{item['id']}  {item['buried_at']}  {item['service']}, from {source}, {item['size']} bytes",
        f"    {printable(item['reason'])}",
        f"    {printable(preview)}{more}",
        f"    {action}",
    ]
