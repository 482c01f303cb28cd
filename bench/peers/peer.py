"""What a scheduler must be able to do to be measured beside others."""

from typing import NamedTuple, Protocol, runtime_checkable


class Execution(NamedTuple):
    """One time that a task was executed, as the peer's own durable store has it. Times in epoch milliseconds."""

    task: str
    nominal_ms: int
    """The time that the schedule says."""
    started_ms: float
    """When the user's function was called."""
    logged_ms: float
    """When the store had acknowledged the record of this execution."""


class Peer(Protocol):
    """A scheduler in the durable set-up that its own documentation recommends.

    It has one scheduler and one worker process (one that is both, where the peer has no such parts), and as many slots
    as Tasker's executor (200).

    Every method raises PeerFailed, whose text says what to do.
    """

    name: str
    """As in the tables: `BullMQ`."""

    async def install(self) -> str:
        """Fetch what is missing into `.tasker/peers/`, from public packages; returns the versions of all parts."""
        ...

    async def start(self) -> None:
        """Start store, scheduler and worker on free ports, on an empty folder; returns when they are ready."""
        ...

    async def stop(self) -> None:
        """End all of them."""
        ...

    async def every_second(self, names: list[str]) -> None:
        """Tasks that are due each second from now on, until `clear`."""
        ...

    async def once(self, names: list[str], at_ms: int) -> None:
        """Tasks that are due once, at this time; returns when all are stored durably."""
        ...

    async def hold(self, count: int) -> None:
        """Tasks that are due no earlier than in a year, beside those that are there."""
        ...

    async def clear(self) -> None:
        """Remove all tasks; the log stays."""
        ...

    async def executed(self) -> int:
        """How many executions the log has by now; cheap, as it is asked while it is measured."""
        ...

    async def executions(self) -> list[Execution]:
        """The whole log."""
        ...

    async def forget(self) -> None:
        """Empty the log."""
        ...

    def processes(self) -> dict[str, int]:
        """The processes by role (`scheduler`, `worker`, `store`): the root of each role's process tree."""
        ...

    async def kill_scheduler(self) -> None:
        """kill -9 of the process that decides what is due, and start it again at once, as a supervisor does."""
        ...


@runtime_checkable
class DescribesSettings(Protocol):
    """A peer that says how it is set up."""

    settings: str
    """What matters for durability and rates, in one line."""


class PeerFailed(Exception):
    """A peer cannot be installed or started, or does not answer; the text says why."""
