"""PURE. The ids of tasks from a crontab, whose entries have none.

They follow from the user and the command, not from times or lines: so the same entry is the same task when its times
change, or when others come before it. Entries with one command are numbered in their order.
"""

import re
from collections import Counter
from hashlib import blake2b
from typing import Final

from tasker_core.task_files.crontab.commands import CronCommand

_MAX_WORDS: Final = 40
_NO_WORD: Final = re.compile(r"[^a-z0-9]+")
_BESIDE_IT: Final = re.compile(r"\s-\S+|(?<![0-9&])[0-9&]*+>.*|https?://|(?<![\w:/])[~.]?(?:/[\w.-]+)*/(?=[\w.-])")
"""Options, redirections and folders say less than the rest."""


class TaskIds:
    """Gives each entry of one crontab its id, in their order."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._given = Counter[str]()

    def next_id(self, command: CronCommand) -> str:
        """`<prefix><words of the command>-<hash>`, from the second entry of the command on with its number."""
        text = "\n".join((command.user or "", command.text, command.stdin or ""))
        words = _NO_WORD.sub("-", _BESIDE_IT.sub(" ", command.text).lower())[:_MAX_WORDS].strip("-") or "entry"
        task_id = f"{self._prefix}{words}-{blake2b(text.encode(), digest_size=4).hexdigest()}"
        self._given[task_id] += 1
        return task_id if (number := self._given[task_id]) == 1 else f"{task_id}-{number}"
