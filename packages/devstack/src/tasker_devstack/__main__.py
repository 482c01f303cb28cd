"""`python -m tasker_devstack run | start | status | stop`."""

import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while nothing is started yet, Ctrl-C simply ends us

import asyncio
import contextlib
import logging

from tasker_devstack import detached
from tasker_devstack.supervisor import supervise
from tasker_devstack.trouble import Trouble

WORDS = {"start": detached.start, "status": detached.status, "stop": detached.stop}


def main(words: list[str]) -> int:
    """0 when it went well; otherwise 1, with one clear line."""
    logging.getLogger().addHandler(logging.NullHandler())  # what a library says on the way is no help to a person
    try:
        if words == ["run"]:
            asyncio.run(supervise())
        elif len(words) == 1 and words[0] in WORDS:
            print(WORDS[words[0]]())
        else:
            print(__doc__)
            return 2
    except Trouble as trouble:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"tasker: {trouble}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
