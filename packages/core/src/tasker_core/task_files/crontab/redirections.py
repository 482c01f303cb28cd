"""PURE. The redirections at the end of a command: where its output goes."""

import re
from typing import Final, NamedTuple

_BACKWARDS: Final = re.compile(r"\s*+(?:[12]&>|([^\s&|;<>()`$\"']++)\s*+>>?+)(?:[12&](?=\s|\Z))?")
"""One of them, read from its last character on; the target is a word that the shell takes as it is.

A digit right behind a word belongs to the word, `&` there ends the command in POSIX's shell.
"""


class PlainCommand(NamedTuple):
    """A command without its redirections. `keeps_output`: they put it into a file."""

    text: str
    keeps_output: bool = False


def without_redirections(command: str) -> PlainCommand:
    """The command before its last redirections, each of which is looked at once."""
    backwards, end, targets = command[::-1], 0, list[str]()
    while found := _BACKWARDS.match(backwards, end):
        end = found.end()
        targets += [found[1][::-1]] if found[1] else []
    return PlainCommand(command[: len(command) - end].rstrip(), any(target != "/dev/null" for target in targets))
