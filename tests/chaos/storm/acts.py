"""PURE. What is done to whom: a sequence of acts that a seed repeats."""

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
VICTIMS: Final[dict[Kind, tuple[str, ...]]] = {
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
class Act:
    """One act. `seconds`: how long it lasts; of a kill, until the process is started again.

    `amount_ms`: how slow a link is, or by how much a clock is stepped.
    """

    kind: Kind
    victim: str
    seconds: float
    amount_ms: int = 0

    def __str__(self) -> str:
        amount = f" by {self.amount_ms:+d} ms" if self.kind == "clock" else f" by {self.amount_ms} ms"
        return f"{self.kind} {self.victim}{amount if self.amount_ms else ''}, {self.seconds:.1f} s"


def acts(seed: int, only: Sequence[str] = ()) -> Iterator[Act]:
    """Every act once in random order, then again in another, without end. `only`: those that begin so (`kill kafka`).

    Raises ValueError when no act begins as one of `only` says.
    """
    known = [(kind, victim) for kind in get_args(Kind) for victim in VICTIMS[kind]]
    for one in only:
        if not any(_begins(kind, victim, one) for kind, victim in known):
            raise ValueError(f"no act begins as {one!r}: they are {', '.join(get_args(Kind))}, and a victim each")
    chosen = [pair for pair in known if not only or any(_begins(*pair, one) for one in only)]
    chance = Random(seed)
    while True:
        chance.shuffle(chosen)
        for kind, victim in chosen:
            yield _act(kind, victim, chance)


def _begins(kind: str, victim: str, word: str) -> bool:
    return f"{kind} {victim}".startswith(word)


def _act(kind: Kind, victim: str, chance: Random) -> Act:
    if kind == "kill":
        return Act(kind, victim, chance.uniform(0, RESTART_SECONDS))
    if kind == "slow":
        return Act(kind, victim, chance.uniform(3, 10), chance.choice((20, 100, 400)))
    if kind == "clock":
        return Act(kind, victim, chance.uniform(3, 8), chance.choice((1, -1)) * chance.choice(STEPS_MS))
    return Act(kind, victim, chance.choice((chance.uniform(0.5, 3), chance.uniform(3, 9), chance.uniform(9, 15))))
