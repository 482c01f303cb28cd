"""The process of a handler in mode `process`: `python -m tasker.worker`, started and spoken to by `process_pool.py`.

It carries out one run after another and ends when its parent does.
"""

import ctypes
import importlib
import logging
import os
import queue
import signal
import sys
import threading
import traceback
from typing import Any, BinaryIO

from tasker.failure import Failed
from tasker.handler_declaration import Handler, as_handler
from tasker.run import LOGGER, AttemptControl, Progress, run_of
from tasker.worker_messages import (
    ErrorMessage,
    LogMessage,
    ProgressMessage,
    ResultMessage,
    StartMessage,
    decode_start,
    encode,
)
from tasker_core.handlers.result import UnusableResult, encode_result
from tasker_core.messages.base import NULL

_PR_SET_PDEATHSIG = 1


class ParentLogHandler(logging.Handler):
    """Sends what the handler logs to the parent."""

    def __init__(self, channel: "ParentChannel") -> None:
        super().__init__()
        self._channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        """Send one line. A call that can't be sent is told on the standard error, and ends no run."""
        try:
            self._channel.send(LogMessage(record.levelno, record.getMessage()))
        except Exception:  # noqa: BLE001 -- arguments of a line may raise anything, and so do those that do not fit
            self.handleError(record)


class ParentChannel:
    """The way to the parent: it has the standard output to itself, what handlers print goes to the standard error."""

    def __init__(self) -> None:
        self._inward: BinaryIO = os.fdopen(os.dup(0), "rb")
        self._outward: BinaryIO = os.fdopen(os.dup(1), "wb")
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        self._writing = threading.Lock()
        self.wanted: queue.SimpleQueue[StartMessage] = queue.SimpleQueue()

    def send(self, message: LogMessage | ProgressMessage | ResultMessage | ErrorMessage) -> None:
        """Send one message."""
        with self._writing:
            self._outward.write(encode(message) + b"\n")
            self._outward.flush()

    def listen(self) -> None:
        """Read until the parent is gone, and go then, whatever the handler is doing."""
        for line in self._inward:
            self.wanted.put(decode_start(line))
        os._exit(0)


def load_handler(import_path: str) -> Handler[Any]:
    """The handler at `module:name`. Raises ImportError, AttributeError or TypeError."""
    module, _, name = import_path.partition(":")
    thing: Any = importlib.import_module(module)
    for part in name.split("."):
        thing = getattr(thing, part)
    return as_handler(thing)


def run_attempt(start: StartMessage, channel: ParentChannel) -> ResultMessage | ErrorMessage:
    """One attempt."""

    def on_progress(progress: Progress) -> None:
        channel.send(ProgressMessage(progress.done, progress.message))

    try:
        handler = load_handler(start.import_path)
        run = run_of(start.spec, handler.decoded(bytes(start.spec.payload)), AttemptControl(on_progress))
        return ResultMessage(encode_result(handler.function(run)))
    except Failed as failed:
        return _raised(failed)
    except UnusableResult as error:
        return ErrorMessage(error.kind, str(error), retry=False)
    except BaseException as error:  # noqa: BLE001 -- a handler may raise anything
        return ErrorMessage("error", f"{type(error).__name__}: {error}", trace=traceback.format_exc())


def _raised(failed: Failed) -> ErrorMessage:
    try:
        result = encode_result(failed.result)
    except UnusableResult:
        result = NULL
    return ErrorMessage(failed.kind, failed.message, failed.retry, result)


def main() -> None:
    """Carry out what is wanted until the parent is gone."""
    if sys.platform == "linux":  # for handlers that keep even the listening thread from running
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    channel = ParentChannel()
    logger = logging.getLogger(LOGGER)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(ParentLogHandler(channel))
    threading.Thread(target=channel.listen, daemon=True).start()
    while True:
        start = channel.wanted.get()
        sys.path[:] = start.path
        channel.send(run_attempt(start, channel))


if __name__ == "__main__":
    main()
