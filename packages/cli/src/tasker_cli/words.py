"""The words of `tasker`: which command carries out which."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from tasker_cli.commands import (
    dead_letters,
    explanations,
    keys,
    logs,
    runs,
    schedules,
    smoke_test,
    system,
    verification,
)
from tasker_cli.commands.many_tasks import bulk, change_sets, exports, imports
from tasker_cli.commands.tasks import changing, definition, editing, listing
from tasker_cli.connection.session import session_of
from tasker_cli.connection.target import Options

HELP = "Talk to a running Tasker: tasks, their runs, and why one did not run."


TASKS, MANY, SCHEDULES, SYSTEM = "Tasks and runs", "Many tasks at once", "Schedules", "The system"
ORDER = (
    *("tasks", "runs", "logs", "why", "history"),
    *("bulk", "change-sets", "undo", "import", "export"),
    *("preview", "forecast"),
    *("system", "handlers", "dead-letters", "keys", "whoami"),
)


class OrderedWords(TyperGroup):
    """The words in the order in which somebody meets them; Typer has those with words of their own last."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names."""
        return sorted(self.commands, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def _group(help_text: str) -> typer.Typer:
    return typer.Typer(help=help_text, no_args_is_help=True)


app = typer.Typer(
    name="tasker",
    cls=OrderedWords,
    help=HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(given: bool) -> None:
    if given:
        from importlib.metadata import version

        typer.echo(f"tasker {version('tasker-cli')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    url: Annotated[
        str | None,
        typer.Option("--url", help="Where Tasker is.", show_default="TASKER_URL, else http://localhost:3000"),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", "-p", envvar="TASKER_PROFILE", help="One of ~/.config/tasker/config.toml."),
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", help="A file with the API key.", show_default="TASKER_API_KEY, TASKER_API_KEY_FILE"),
    ] = None,
    actor: Annotated[
        str | None, typer.Option("--actor", envvar="TASKER_ACTOR", help="Who does it, for the history.")
    ] = None,
    is_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    session_of(context).options = Options(url, profile, key_file, actor)


tasks = _group("Tasks: list, show, make, change, run and delete them.")
tasks.command("list")(listing.list_tasks)
tasks.command("show")(listing.show_task)
tasks.command("create")(definition.create_task)
tasks.command("edit")(editing.edit_task)
tasks.command("pause")(changing.pause_tasks)
tasks.command("resume")(changing.resume_tasks)
tasks.command("trigger")(changing.trigger_task)
tasks.command("delete")(changing.delete_tasks)
tasks.command("revert")(changing.revert_task)
app.add_typer(tasks, name="tasks", rich_help_panel=TASKS)

run_words = _group("Runs: list, show, cancel and repeat them.")
run_words.command("list")(runs.list_runs)
run_words.command("show")(runs.show_run)
run_words.command("cancel")(runs.cancel_runs)
run_words.command("rerun")(runs.rerun)
app.add_typer(run_words, name="runs", rich_help_panel=TASKS)

app.command("logs", rich_help_panel=TASKS)(logs.show_log)
app.command("why", rich_help_panel=TASKS)(explanations.why)
app.command("history", rich_help_panel=TASKS)(explanations.history)
app.command("bulk", rich_help_panel=MANY)(bulk.bulk)
change_words = _group("Bulk actions, imports and undos: what they do, and how far they have come.")
change_words.command("list")(change_sets.list_change_sets)
change_words.command("show")(change_sets.show_change_set)
change_words.command("items")(change_sets.list_items)
change_words.command("cancel")(change_sets.cancel_change_set)
change_words.command("resume")(change_sets.resume_change_set)
app.add_typer(change_words, name="change-sets", rich_help_panel=MANY)
app.command("undo", rich_help_panel=MANY)(change_sets.undo)
app.command("import", rich_help_panel=MANY)(imports.import_tasks)
app.command("export", rich_help_panel=MANY)(exports.export_tasks)

app.command("preview", rich_help_panel=SCHEDULES)(schedules.preview)
app.command("forecast", rich_help_panel=SCHEDULES)(schedules.forecast)
app.command("system", rich_help_panel=SYSTEM)(system.show_system)
app.command("handlers", rich_help_panel=SYSTEM)(system.list_handlers)

letters = _group("What no service could use, and runs that failed for good.")
letters.command("list")(dead_letters.list_dead_letters)
letters.command("redrive")(dead_letters.redrive)
app.add_typer(letters, name="dead-letters", rich_help_panel=SYSTEM)

key_words = _group("The API keys in their file: make, list and revoke them.")
key_words.command("create")(keys.create_key)
key_words.command("list")(keys.list_keys)
key_words.command("revoke")(keys.revoke_key)
app.add_typer(key_words, name="keys", rich_help_panel=SYSTEM)
app.command("whoami", rich_help_panel=SYSTEM)(keys.whoami)

app.command("smoke-test", rich_help_panel=SYSTEM)(smoke_test.smoke_test_command)
app.command("verify", rich_help_panel=SYSTEM)(verification.verify)
