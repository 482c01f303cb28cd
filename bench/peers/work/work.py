"""What a kind of work is: how it is measured, within which bounds, and which columns its table has."""

import sys
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from bench.peers.peer import Peer

Figure = float | int | str
Case = dict[str, Figure]
"""Figures by the name of their column; a text stands where there is no figure, and says why. `note`: a remark."""
Cases = dict[str, Case]
NOTE: Final = "note"


class Size(NamedTuple):
    """How much of it."""

    warm_up_seconds: int
    """For so long a peer has some work before its lateness is measured: programs of the JVM are slow at first."""
    idle_seconds: int
    idle_rates: tuple[int, ...]
    bursts: tuple[int, ...]
    burst_seconds: int
    """How long a burst may take; what is not done by then is said."""
    ramp: tuple[int, ...]
    ramp_seconds: int
    held: tuple[int, ...]
    hold_seconds: int
    """How long storing them may take, by the rate at which those before were stored; else the size is left out."""
    held_seconds: int
    kills: int


FULL: Final = Size(30, 30, (1, 100, 1_000), (10_000, 100_000), 300, (250, 500, 1_000, 2_000, 4_000, 8_000, 16_000), 10,
                   (100_000, 1_000_000), 400, 15, 5)  # fmt: skip
QUICK: Final = Size(3, 10, (1, 20), (500,), 60, (50, 100), 5, (2_000,), 30, 5, 2)


class Column(NamedTuple):
    """A column: the key of its figures and what stands above them."""

    key: str
    title: str
    decimals: int = 0
    ratio: bool = False
    """Whether the ratio to Tasker's figure of the same run is shown."""


class Work(NamedTuple):
    """A kind of work. `measure` fills in what it finds as it goes on, so that a failure leaves what came before it."""

    name: str
    title: str
    measure: Callable[[Peer, Size, Cases], Awaitable[None]]
    columns: tuple[Column, ...]
    bound_seconds: int
    """It is given up after that."""


def say(text: str) -> None:
    """Show how far it has come."""
    print(text, file=sys.stderr, flush=True)
