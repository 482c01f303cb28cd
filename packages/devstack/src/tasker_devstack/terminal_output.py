"""What a person sees: steps with their time, and each service's lines behind its coloured name."""

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

COLOURS = {"ticker": 36, "executor": 32, "log-sink": 35, "api": 34, "kafka": 33, "mongod": 33, "tasker": 1}
WIDTH = max(len(name) for name in COLOURS)
_PLAIN = not sys.stdout.isatty() or bool(os.environ.get("NO_COLOR"))


def line(name: str, text: str) -> None:
    """One line of a named process."""
    label = f"{name:<{WIDTH}}"
    label = label if _PLAIN else f"\033[{COLOURS.get(name, 37)}m{label}\033[0m"
    say(f"{label} │ {text}")


def say(text: str) -> None:
    """Print a text. When nobody can read it any more (`| tee` has ended, the terminal is closed) it is discarded."""
    try:
        print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def step(what: str) -> Generator[None]:
    """Show what is being done and, when it is, how long it took."""
    began = time.monotonic()
    line("tasker", f"{what} …")
    yield
    line("tasker", f"{what}: done in {time.monotonic() - began:.1f} s")
