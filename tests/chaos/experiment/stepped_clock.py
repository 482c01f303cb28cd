"""`python -m tests.chaos.experiment.stepped_clock FILE MODULE`: a service whose clock is wrong by what a file says.

What a step of a machine's clock does to one process: all of Python that asks for the time of day is told another one at
once, the monotonic clock goes on. Sockets, files and the kernel know nothing of it.
"""

import mmap
import runpy
import struct
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from tasker_runtime import clock

_MILLISECONDS = struct.Struct("<q")


class ClockOffset:
    """The file that says by how many milliseconds a process's clock is ahead (behind it: negative)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.set(0)

    def set(self, milliseconds: int) -> None:
        """Step the clock: from now on it is wrong by so much."""
        with self.path.open("r+b" if self.path.exists() else "wb") as file:  # the process has mapped it
            file.write(_MILLISECONDS.pack(milliseconds))


def follow(path: Path) -> None:
    """Have this process's clock follow a file."""
    with path.open("rb") as file:
        offset = mmap.mmap(file.fileno(), _MILLISECONDS.size, access=mmap.ACCESS_READ)
    real_ns = time.time_ns  # noqa: TID251 -- what everybody asks instead

    def stepped_ns() -> int:
        return real_ns() + _MILLISECONDS.unpack(offset)[0] * 1_000_000

    def stepped() -> float:
        return stepped_ns() / 1e9

    def stepped_utc() -> datetime:
        return datetime.fromtimestamp(stepped(), UTC)

    replaced = {"time_ns": stepped_ns, "time": stepped}
    for name, function in replaced.items():
        setattr(time, name, function)
    setattr(clock, "utc_now", stepped_utc)  # noqa: B010 -- a name that its own module must not assign


if __name__ == "__main__":
    follow(Path(sys.argv[1]))
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
