"""What the commands that set a backend up have in common: they wait for it, say so, and end in one line."""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Final

from pydantic import ValidationError

RETRY_SECONDS: Final = 1.0
SAY_SECONDS: Final = 10.0
"""So often it is said again that the same is waited for."""


class NotThereYet(Exception):
    """A backend can't be set up now, but perhaps soon. The text gives the reason."""


def parser(program: str, about: str) -> argparse.ArgumentParser:
    """A command line with `--wait SECONDS`."""
    made = argparse.ArgumentParser(prog=f"python -m {program}", description=about)
    made.add_argument(
        "--wait", metavar="SECONDS", type=_seconds, default=0.0, help="so long to wait for a backend that is away"
    )
    return made


def run(name: str, step: Callable[[], Awaitable[None]], wait: float) -> int:
    """The exit status of a step: 0 when it is done, 1 with one line of reason otherwise.

    While `step` raises NotThereYet, it is tried again for `wait` seconds; ValueError ends it at once.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it would say at each try is said here once
    try:
        asyncio.run(_until_done(name, step, wait))
    except ValidationError as error:  # one of the values may be a password
        return _failed(name, "; ".join(": ".join([*map(str, one["loc"]), one["msg"]]) for one in error.errors()))
    except (NotThereYet, ValueError) as error:
        return _failed(name, str(error))
    return 0


async def _until_done(name: str, step: Callable[[], Awaitable[None]], wait: float) -> None:
    deadline, said, said_at = time.monotonic() + wait, "", 0.0
    while True:
        try:
            return await step()
        except NotThereYet as error:
            now = time.monotonic()
            if now >= deadline:
                raise
            if str(error) != said or now - said_at >= SAY_SECONDS:
                said, said_at = str(error), now
                sys.stderr.write(f"{name}: waiting, for {deadline - now:.0f} s at most: {error}\n")
        await asyncio.sleep(RETRY_SECONDS)


def _seconds(text: str) -> float:
    if not 0 <= (seconds := float(text)) <= 86_400:
        raise argparse.ArgumentTypeError("give seconds, up to a day")
    return seconds


def _failed(name: str, reason: str) -> int:
    sys.stderr.write(f"{name}: {reason}\n")
    return 1
