"""Profiles: the Taskers that a person talks to, in `~/.config/tasker/config.toml`.

[profiles.prod]
url = "https://tasker.example"
key_file = "~/.config/tasker/prod.key"        # or key_command = "pass show tasker/prod"
"""

import os
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from tasker_cli.errors import USAGE, CommandFailed

_FIELDS: Final = frozenset({"url", "key_file", "key_command"})
_KEY_COMMAND_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Profile:
    """Where a Tasker is, and what gives the key for it."""

    url: str | None = None
    key_file: Path | None = None
    key_command: str | None = None

    def key(self) -> str | None:
        """The key, if there is to be one. Raises CommandFailed when it can't be had."""
        if self.key_file is not None:
            return read_key(self.key_file)
        if self.key_command is None:
            return None
        try:
            ran = subprocess.run(  # noqa: S602 -- the user's own command, in his own configuration
                self.key_command,
                shell=True,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
                timeout=_KEY_COMMAND_SECONDS,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise CommandFailed(f"the key_command of the profile fails: {_reason(error)}", USAGE) from None
        return ran.stdout.strip() or None


def read_key(path: Path) -> str:
    """The key in a file. Raises CommandFailed."""
    try:
        return path.expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"the key can't be read: {error}", USAGE) from None


def config_path(environment: Mapping[str, str]) -> Path:
    """Where the configuration is: TASKER_CONFIG, else below XDG_CONFIG_HOME or ~/.config."""
    if given := environment.get("TASKER_CONFIG"):
        return Path(given).expanduser()
    home = environment.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(home).expanduser() / "tasker" / "config.toml"


def read_profile(path: Path, name: str | None) -> Profile:
    """A profile by its name; without one that which `profile` at the top of the file names, if any.

    Raises CommandFailed for a file or a profile that says nothing useful.
    """
    try:
        config = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if name is None:
            return Profile()
        raise CommandFailed(f"there is no profile {name!r}: {path} is not there", USAGE) from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{path} can't be read: {error}", USAGE) from None
    found: object = config.get("profiles", {})
    if not isinstance(found, dict) or any(not isinstance(one, dict) for one in cast("dict[str, Any]", found).values()):
        raise CommandFailed(f"{path}: profiles must be tables, such as [profiles.prod]", USAGE)
    profiles = cast("dict[str, dict[str, Any]]", found)
    if (chosen := name or config.get("profile")) is None:
        return Profile()
    if chosen not in profiles:
        known = ", ".join(sorted(profiles)) or "none"
        raise CommandFailed(f"there is no profile {chosen!r} in {path}; it has {known}", USAGE)
    return _profile(f"{path}: [profiles.{chosen}]", profiles[chosen])


def _profile(place: str, fields: Mapping[str, Any]) -> Profile:
    if unknown := sorted(fields.keys() - _FIELDS):
        raise CommandFailed(f"{place} has {', '.join(unknown)}; known are {', '.join(sorted(_FIELDS))}", USAGE)
    if wrong := [name for name, value in fields.items() if not isinstance(value, str)]:
        raise CommandFailed(f"{place}: {wrong[0]} must be a text", USAGE)
    if {"key_file", "key_command"} <= fields.keys():
        raise CommandFailed(f"{place} has both key_file and key_command: leave one out", USAGE)
    file = fields.get("key_file")
    return Profile(fields.get("url"), Path(file) if file else None, fields.get("key_command"))


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return f"it ends with {error.returncode}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"it takes longer than {_KEY_COMMAND_SECONDS} s"
    return os.fsdecode(str(error))
