"""PURE. Whether entries are those of a user or of the system, where a user stands before each command."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final, Literal

from tasker_core.task_files.crontab.options import CrontabForm
from tasker_core.task_files.entries import UnreadableTaskFile

_USER_NAME: Final = re.compile(r"[A-Za-z_][\w.-]*\$?(?::[\w.-]+)?(?:/[\w.-]+)?")
_USERS: Final = "root bin sys nobody www-data www ubuntu admin centos ec2-user debian pi"
"""Users of many systems whose names are no commands."""
_USERS_OR_PROGRAMS: Final = "apache nginx postgres mongodb jenkins"
"""Users whose programs are called the same, but are given no command."""
_COMMANDS: Final = (
    "tasker curl wget cd test echo php python python3 perl ruby node npm npx java sh bash zsh env nice ionice flock "
    "timeout chronic sleep source exec find rsync tar gzip cp mv rm mkdir touch cat date docker docker-compose kubectl "
    "podman aws gcloud az psql pg_dump mysqldump mongodump redis-cli systemctl service certbot logger printf true make "
    "run-parts ssh scp rclone restic borg sudo su nohup setsid awk sed grep command export set umask if for while"
)
_BEGINS_COMMAND: Final = re.compile(r"[/~.\[$({\"'!]|[A-Za-z_]\w*=")
Vote = Literal["user", "system", "perhaps system", "unknown"]


def detected_form(entries: Iterable[tuple[int, str]]) -> CrontabForm:
    """The form of entries, each with its line and what stands behind its times. Raises UnreadableTaskFile in doubt."""
    votes, lines = Counter[Vote](), dict[Vote, int]()
    for line, rest in entries:
        vote = _vote(rest)
        votes[vote] += 1
        lines.setdefault(vote, line)
    if votes["system"] and not votes["user"]:
        return "system"
    if (votes["system"] > 0) == (votes["user"] > 0) and (doubtful := lines.get("system", lines.get("perhaps system"))):
        raise UnreadableTaskFile(
            doubtful,
            "may have a user before its command, or not: say form=system for a file such as /etc/crontab, form=user "
            "for what crontab -l shows",
        )
    return "user"


def _vote(rest: str) -> Vote:
    first, *others = rest.split(maxsplit=2)
    if not others or _BEGINS_COMMAND.match(first) or "/" in first or not _USER_NAME.fullmatch(first):
        return "user"
    if first in _COMMANDS.split():
        return "user"
    if first in _USERS.split():
        return "system"
    is_command = _BEGINS_COMMAND.match(others[0]) is not None or others[0] in _COMMANDS.split()
    if first in _USERS_OR_PROGRAMS.split():
        return "system" if is_command else "unknown" if others[0].startswith("-") else "perhaps system"
    return "perhaps system" if is_command else "unknown"
