"""ProcessPool for handlers that compute: kept for the next run when all went well, killed when time is over."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping

from tasker.failure import Failed
from tasker.run import LOGGER, AttemptControl, AttemptSpec, Progress
from tasker.worker_messages import (
    ErrorMessage,
    LogMessage,
    ProgressMessage,
    ResultMessage,
    StartMessage,
    decode_answer,
    encode,
)

LINE_BYTES = 4 * 1024 * 1024
"""The longest message: a result has at most 512 KiB, and what a handler logs in one line should be shorter."""


class ProcessPool:
    """At most `limit` processes work at once (by default as many as there are processors); others wait.

    They have the environment that is given, by default that of their parent.
    """

    def __init__(self, limit: int | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._limit, self._environment = limit or os.cpu_count() or 1, environment
        self._slots = asyncio.Semaphore(self._limit)
        self._idle: list[tuple[str, Process]] = []
        self._working: set[Process] = set()

    async def execute(self, import_path: str, spec: AttemptSpec, control: AttemptControl) -> object:
        """What the handler at `import_path` returns. Raises Failed; cancelled, it kills the process tree."""
        async with self._slots:
            process = self._take_idle(import_path) or await self._start()
            self._working.add(process)
            well = False
            try:
                answer = await self._answer(process, StartMessage(import_path, spec, sys.path), spec, control)
                well = True
            finally:
                self._working.discard(process)
                if well:
                    await self._keep(import_path, process)
                else:
                    await _kill(process)
        if isinstance(answer, ResultMessage):
            return answer.result
        if answer.trace:
            _log(spec, LogMessage(logging.ERROR, answer.trace))
        raise Failed(answer.kind, answer.message, retry=answer.retry, result=answer.result)

    async def close(self) -> None:
        """End all processes."""
        leaving = [process for _, process in self._living()] + list(self._working)
        self._idle.clear()
        await asyncio.gather(*(_kill(process) for process in leaving))

    def _take_idle(self, import_path: str) -> Process | None:
        """An idle process that has carried out the same handler, so that it knows its modules already."""
        for path, process in self._idle:
            if path == import_path and _lives(process):
                self._idle.remove((path, process))
                return process
        return None

    async def _keep(self, import_path: str, process: Process) -> None:
        """Keep a process for the next run of its handler, in the place of the one that has been idle longest."""
        self._idle = [*self._living(), (import_path, process)]
        if len(self._idle) > self._limit:
            _, oldest = self._idle.pop(0)
            await _kill(oldest)

    def _living(self) -> list[tuple[str, Process]]:
        """The idle processes that have not ended meanwhile: the system may give the number of one to another."""
        return [(path, process) for path, process in self._idle if _lives(process)]

    async def _start(self) -> Process:
        command = (sys.executable, "-m", "tasker.worker")
        return await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, start_new_session=True, limit=LINE_BYTES, env=self._environment
        )

    @staticmethod
    async def _answer(
        process: Process, start: StartMessage, spec: AttemptSpec, control: AttemptControl
    ) -> ResultMessage | ErrorMessage:
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(ConnectionError):  # then there is no answer either
            process.stdin.write(encode(start) + b"\n")
            await process.stdin.drain()
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:
                reason = f"a line of its log, or what it raised, has more than {LINE_BYTES} bytes; make it shorter"
                raise Failed("message_too_large", reason, retry=False) from None
            if not line.endswith(b"\n"):
                raise Failed("process_died", f"the handler's process {_ended(await process.wait())}")
            message = decode_answer(line)
            if isinstance(message, ProgressMessage):
                control.report(Progress(message.done, message.message))
            elif isinstance(message, LogMessage):
                _log(spec, message)
            else:
                return message


def _lives(process: Process) -> bool:
    """Whether it lives, by the system itself: asyncio tells of an end only some turns of its loop later."""
    if process.returncode is not None:
        return False
    if sys.platform == "darwin":  # Python has no `waitid` there before 3.13
        return True
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except ChildProcessError:  # asyncio has taken the exit status already, and is about to tell
        return False


def _log(spec: AttemptSpec, line: LogMessage) -> None:
    about = {"task_id": spec.task_id, "run_id": spec.run_id, "handler": spec.handler}
    logging.getLogger(f"{LOGGER}.{spec.handler}").log(line.level, "%s", line.message, extra=about)


def _ended(status: int) -> str:
    if status >= 0:
        return f"ended by itself with status {status}"
    return f"was ended by {signal.Signals(-status).name}; did it run out of memory?"


async def _kill(process: Process) -> None:
    """End a process and all that it started in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
