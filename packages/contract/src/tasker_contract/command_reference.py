"""The reference in docs/command-line.md: all words of `tasker`, as they are declared."""

import re
from collections.abc import Iterator
from typing import Any, Final

import typer.main

from tasker_cli.words import app

PAGE: Final = "docs/command-line.md"
BEGIN: Final = "<!-- The reference is generated: `make contract`. -->"
END: Final = "<!-- End of the reference. -->"
_EVERYWHERE: Final = frozenset({"help", "install_completion", "show_completion"})
"""Options that need no line of their own in each table."""


def page(text: str) -> str:
    """The page with its reference made anew. Raises ValueError where it lacks the marks between which it is."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE} lacks the lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def reference() -> str:
    """A section for each command, in the order of `tasker --help`."""
    command: Any = typer.main.get_command(app)
    context: Any = command.make_context("tasker", [], resilient_parsing=True)
    options = ["### Options before the command", *_table(command)]
    return "\n".join([*options, *_sections(command, context, "tasker")])


def _sections(group: Any, context: Any, path: str) -> Iterator[str]:
    for name in group.list_commands(context):
        command, words = group.get_command(context, name), f"{path} {name}"
        if hasattr(command, "commands"):
            yield from _sections(command, context, words)
            continue
        arguments = [_argument(one) for one in command.params if one.param_type_name == "argument"]
        yield from ("", f"### {words}", "", "```text", " ".join([words, *arguments, "[options]"]), "```", "")
        yield _text(command.help)
        yield from _table(command)


def _table(command: Any) -> list[str]:
    shown = [one for one in command.params if one.name not in _EVERYWHERE]
    rows = [f"| {_names(one)} | {_meaning(one)} |" for one in shown]
    return ["", "| | |", "|---|---|", *rows] if rows else []


def _names(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{_argument(parameter)}`"
    value = "" if parameter.is_flag else f" {_value(parameter)}"
    names = sorted(parameter.opts, key=len, reverse=True)
    return ", ".join(f"`{name}{'' if number else value}`" for number, name in enumerate(names))


def _value(parameter: Any) -> str:
    choices = parameter.type_descriptor.choices or ()
    return parameter.metavar or "\\|".join(one.value for one in choices) or parameter.opts[0].lstrip("-").upper()


def _argument(parameter: Any) -> str:
    name = (parameter.metavar or parameter.name.upper()) + ("..." if parameter.nargs == -1 else "")
    return name if parameter.required else f"[{name}]"


def _meaning(parameter: Any) -> str:
    text = _text(parameter.help or "")
    default = parameter.show_default if isinstance(parameter.show_default, str) else None
    if default is None and parameter.default not in (None, False, "", ()) and not callable(parameter.default):
        default = str(parameter.default)
    extra = [f"default: {default}"] if default else []
    if variable := getattr(parameter, "envvar", None):
        extra.append(f"environment: `{variable}`")
    return (f"{text} ({'; '.join(extra)})" if extra else text).replace("|", "\\|")


def _text(text: str | None) -> str:
    return re.sub(r"[ \t]*\n[ \t]*", "\n", (text or "").strip())
