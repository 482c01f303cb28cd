"""Processes for handlers that compute: kept for the next run when all went well, killed when time is over."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping

from tasker.failure import Failed
from tasker.run import LOGGER, Control, Facts, Progress
from tasker.wire import Logged, Progressed, Raised, Returned, Start, decode_told, encode

LINE_BYTES = 4 * 1024 * 1024
"""The longest message: a result, which may have 512 KiB, with room to say that it is too large."""


class Processes:
    """At most `most` processes at work at once (by default as many as there are processors); others wait.

    They have the environment that is given, by default that of their parent.
    """

    def __init__(self, most: int | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._most, self._environment = most or os.cpu_count() or 1, environment
        self._room = asyncio.Semaphore(self._most)
        self._idle: list[tuple[str, Process]] = []
        self._working: set[Process] = set()

    async def carry_out(self, place: str, facts: Facts, control: Control) -> object:
        """What the handler at `place` returns. Raises Failed; cancelled, it kills the process and all it started."""
        async with self._room:
            process = self._taken(place) or await self._started()
            self._working.add(process)
            well = False
            try:
                answer = await self._answer(process, Start(place, facts, sys.path), facts, control)
                well = True
            finally:
                self._working.discard(process)
                if well and len(self._idle) < self._most:
                    self._idle.append((place, process))
                else:
                    await _kill(process)
        if isinstance(answer, Returned):
            return answer.result
        if answer.trace:
            _log(facts, Logged(logging.ERROR, answer.trace))
        raise Failed(answer.kind, answer.message, retry=answer.retry, result=answer.result)

    async def close(self) -> None:
        """End all processes."""
        leaving = [process for _, process in self._idle] + list(self._working)
        self._idle.clear()
        await asyncio.gather(*(_kill(process) for process in leaving))

    def _taken(self, place: str) -> Process | None:
        """An idle process that has carried out the same handler, so that it knows its modules already."""
        for known, process in self._idle:
            if known == place and process.returncode is None:
                self._idle.remove((known, process))
                return process
        return None

    async def _started(self) -> Process:
        command = (sys.executable, "-m", "tasker.worker")
        return await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, start_new_session=True, limit=LINE_BYTES, env=self._environment
        )

    @staticmethod
    async def _answer(process: Process, start: Start, facts: Facts, control: Control) -> Returned | Raised:
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(ConnectionError):  # then there is no answer either
            process.stdin.write(encode(start) + b"\n")
            await process.stdin.drain()
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:
                raise Failed("result_too_large", f"more than {LINE_BYTES} bytes; return a reference instead") from None
            if not line.endswith(b"\n"):
                raise Failed("process_died", f"the handler's process {_ended(await process.wait())}")
            told = decode_told(line)
            if isinstance(told, Progressed):
                control.tell(Progress(told.done, told.message))
            elif isinstance(told, Logged):
                _log(facts, told)
            else:
                return told


def _log(facts: Facts, line: Logged) -> None:
    about = {"task_id": facts.task_id, "run_id": facts.run_id, "handler": facts.handler}
    logging.getLogger(f"{LOGGER}.{facts.handler}").log(line.level, "%s", line.message, extra=about)


def _ended(status: int) -> str:
    if status >= 0:
        return f"ended by itself with status {status}"
    return f"was ended by {signal.Signals(-status).name}; did it run out of memory?"


async def _kill(process: Process) -> None:
    """End a process and all that it started in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
