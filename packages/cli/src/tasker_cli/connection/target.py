"""Which Tasker is meant, and by which key: options, then the environment, then the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tasker_cli.connection.profiles import config_path, read_key, read_profile

DEFAULT_URL: Final = "http://localhost:3000"


@dataclass(frozen=True, slots=True)
class Options:
    """What is said before the words of the command."""

    url: str | None = None
    profile: str | None = None
    key_file: Path | None = None
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where it is, and the key for it, empty where there is none."""

    url: str
    key: str


def target(options: Options, environment: Mapping[str, str]) -> Target:
    """The Tasker that is meant. Raises CommandFailed for a profile or a key that can't be read.

    The key of a profile goes to the URL of that profile, and TASKER_API_KEY (or what TASKER_API_KEY_FILE holds) to none
    that a profile names: a key for one Tasker is not shown to another, unless the command line says so.
    """
    path = config_path(environment)
    environment_url = environment.get("TASKER_URL")

    def environment_key() -> str | None:
        file = environment.get("TASKER_API_KEY_FILE")
        return environment.get("TASKER_API_KEY") or (read_key(Path(file)) if file else None)

    profile = read_profile(path, options.profile)
    if options.profile is not None:
        url, key = options.url or profile.url, profile.key
    elif options.url or environment_url or profile.url is None:
        url, key = options.url or environment_url, environment_key
    else:
        url, key = profile.url, lambda: environment_key() or profile.key()
    found = read_key(options.key_file) if options.key_file is not None else key()
    return Target(url or DEFAULT_URL, found or "")
