"""A child process that never outlives us: its output goes to a log or line by line to a callback."""

import asyncio
import contextlib
import ctypes
import os
import signal
from asyncio.subprocess import PIPE, STDOUT
from collections import deque
from collections.abc import Callable, Mapping, Sequence

PR_SET_PDEATHSIG = 1
TAIL_LINES = 60
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent() -> None:
    """In the child: a session of its own (Ctrl-C is ours to pass on), and death when the parent dies, however."""
    os.setsid()
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class ChildProcess:
    """One program; can be started again after it has ended. `tail` keeps its last lines for error messages."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> None:
        self.name, self._command, self._env, self._on_line = name, list(command), dict(env or {}), on_line
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether it lives."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """Its process id. Raises RuntimeError when it was never started."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    def last_output(self) -> str:
        """The last lines that it wrote, for an error message."""
        return "\n".join(self.tail)

    async def start(self) -> None:
        """Start it. The parent must be the thread that lives longest: the death signal follows the thread."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            env=os.environ | self._env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            preexec_fn=_die_with_parent,
            limit=1 << 20,
        )
        self._reading = asyncio.create_task(self._read(self._process))

    async def wait(self) -> int:
        """Wait for its end and the end of its output; returns the exit status."""
        if self._process is None or self._reading is None:
            raise RuntimeError(f"{self.name} was not started")
        status = await self._process.wait()
        await self._reading
        return status

    def send(self, number: signal.Signals) -> None:
        """Send a signal; harmless when it has ended. SIGKILL goes to all that it started as well."""
        if self._process is None or self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)

    async def stop(self, seconds: float = 15.0, number: signal.Signals = signal.SIGTERM) -> None:
        """End it gracefully, and by force when that takes too long."""
        if self._process is None:
            return
        self.send(number)
        try:
            async with asyncio.timeout(seconds):
                await self.wait()
        except TimeoutError:
            self.send(signal.SIGKILL)
            await self.wait()

    async def kill(self) -> None:
        """End it by force."""
        self.send(signal.SIGKILL)
        if self._process is not None:
            await self.wait()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        while raw := await self._line(process.stdout):
            line = raw.decode(errors="replace").rstrip("\n")
            self.tail.append(line)
            if self._on_line:
                self._on_line(line)

    @staticmethod
    async def _line(stream: asyncio.StreamReader) -> bytes:
        try:
            return await stream.readline()
        except ValueError:  # a line longer than the limit: the stream has dropped it and goes on
            return b"(a line too long to show)\n"
