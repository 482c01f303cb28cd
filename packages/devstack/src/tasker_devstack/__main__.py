"""`python -m tasker_devstack run | start | status | stop`."""

import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while nothing is started yet, Ctrl-C simply ends us

import asyncio
import contextlib
import logging

from tasker_devstack.errors import DevstackError
from tasker_devstack.supervision import detached_run
from tasker_devstack.supervision.supervisor import supervise

COMMANDS = {"start": detached_run.start, "status": detached_run.status, "stop": detached_run.stop}


def main(arguments: list[str]) -> int:
    """0 when it went well; otherwise 1, with one clear line."""
    logging.getLogger().addHandler(logging.NullHandler())  # the logs of libraries are no help to a person
    try:
        if arguments == ["run"]:
            asyncio.run(supervise())
        elif len(arguments) == 1 and arguments[0] in COMMANDS:
            print(COMMANDS[arguments[0]]())
        else:
            print(__doc__)
            return 2
    except DevstackError as error:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"tasker: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
