"""PURE. What is done to whom: a sequence of faults that a seed repeats."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal, get_args

Kind = Literal["kill", "stop", "slow", "silence", "cut", "clock"]
TICKERS: Final = ("ticker-1", "ticker-2")
EXECUTORS: Final = ("executor-1", "executor-2")
LOG_SINKS: Final = ("log-sink-1", "log-sink-2")
SERVICES: Final = (*TICKERS, *EXECUTORS, *LOG_SINKS, "api")
KAFKA, MONGODB = "kafka", "mongodb"
BACKENDS: Final = (KAFKA, MONGODB)
LINKS: Final = (
    *(f"{service}/{KAFKA}" for service in SERVICES),
    *(f"{service}/{MONGODB}" for service in (*LOG_SINKS, "api")),
)
TARGETS: Final[dict[Kind, tuple[str, ...]]] = {
    "kill": (*SERVICES, *BACKENDS),
    "stop": (*SERVICES, *BACKENDS),
    "slow": LINKS,
    "silence": LINKS,
    "cut": LINKS,
    "clock": (*TICKERS, *EXECUTORS),
}
RESTART_SECONDS: Final = 3.0
"""At most so long it takes until somebody has started again what has died."""
STEPS_MS: Final = (5, 40, 300, 2_500, 5_000)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `seconds`: how long it lasts; of a kill, until the process is started again.

    `amount_ms`: how slow a link is, or by how much a clock is stepped.
    """

    kind: Kind
    target: str
    seconds: float
    amount_ms: int = 0

    def __str__(self) -> str:
        amount = f" by {self.amount_ms:+d} ms" if self.kind == "clock" else f" by {self.amount_ms} ms"
        return f"{self.kind} {self.target}{amount if self.amount_ms else ''}, {self.seconds:.1f} s"


def faults(seed: int, only: Sequence[str] = ()) -> Iterator[Fault]:
    """Every fault once in random order, then again in another, without end. `only`: those that begin so (`kill kafka`).

    Raises ValueError when no fault begins as one of `only` says.
    """
    known = [(kind, target) for kind in get_args(Kind) for target in TARGETS[kind]]
    for one in only:
        if not any(_begins(kind, target, one) for kind, target in known):
            raise ValueError(f"no fault begins as {one!r}: they are {', '.join(get_args(Kind))}, and a target each")
    chosen = [pair for pair in known if not only or any(_begins(*pair, one) for one in only)]
    chance = Random(seed)
    while True:
        chance.shuffle(chosen)
        for kind, target in chosen:
            yield _fault(kind, target, chance)


def _begins(kind: str, target: str, word: str) -> bool:
    return f"{kind} {target}".startswith(word)


def _fault(kind: Kind, target: str, chance: Random) -> Fault:
    if kind == "kill":
        return Fault(kind, target, chance.uniform(0, RESTART_SECONDS))
    if kind == "slow":
        return Fault(kind, target, chance.uniform(3, 10), chance.choice((20, 100, 400)))
    if kind == "clock":
        return Fault(kind, target, chance.uniform(3, 8), chance.choice((1, -1)) * chance.choice(STEPS_MS))
    return Fault(kind, target, chance.choice((chance.uniform(0.5, 3), chance.uniform(3, 9), chance.uniform(9, 15))))
