"""PURE. What an audit finds: violations by their kind, and how late things came."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Literal

Violation = Literal[
    "lost",
    "doubled",
    "early",
    "late",
    "missed_early",
    "outside",
    "stray_result",
    "unlogged",
    "logged_late",
    "wrongly_logged",
    "endless",
]
VIOLATIONS: Final[dict[Violation, str]] = {
    "lost": "neither run nor recorded as missed; or a further attempt that never came",
    "doubled": "more than one fate: emitted twice, missed twice, or both; or one run id for two of them",
    "early": "emitted or carried out before its time",
    "late": "emitted too late",
    "missed_early": "recorded as missed within its grace",
    "outside": "emitted while its task was paused, deleted or not there yet",
    "stray_result": "a result of a run that was never emitted",
    "unlogged": "emitted or missed, but the log does not say what became of it",
    "logged_late": "shown by the log too late",
    "wrongly_logged": "the log shows what the topics don't say",
    "endless": "logged as unfinished long after its time",
}
EXAMPLES: Final = 5
FINE_MS: Final = 10_000
COARSE_MS: Final = 100


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """One violation: of which nominal epoch second, of which task, and what is wrong."""

    second: int
    task_id: str
    what: str


@dataclass(slots=True)
class Lateness:
    """Delays after nominal times in milliseconds, in steps of 1 ms up to 10 s, then of 100 ms: it stays small."""

    counts: Counter[int] = field(default_factory=Counter[int])
    worst: tuple[int, int, str] | None = None
    """(milliseconds, nominal second, task id) of the greatest."""

    def add(self, ms: int, second: int, task_id: str) -> None:
        """Count one delay."""
        self.counts[ms if ms < FINE_MS else ms - ms % COARSE_MS] += 1
        if self.worst is None or ms > self.worst[0]:
            self.worst = (ms, second, task_id)

    def quantile(self, share: float) -> int | None:
        """The delay that this share of all does not exceed, None when there is none."""
        wanted, seen = share * self.counts.total(), 0
        for ms in sorted(self.counts):
            seen += self.counts[ms]
            if seen >= wanted:
                return ms
        return None


@dataclass(slots=True)
class Findings:
    """Counts and examples. What is no violation is counted, too.

    `appended`: from the nominal time to the broker's timestamp of the run, which may lie up to 0.9 s before it, as runs
    are sent early in a transaction that ends at their second. `received`: to its executor; `logged`: to the log.
    """

    counts: Counter[Violation] = field(default_factory=Counter[Violation])
    examples: dict[Violation, list[Example]] = field(default_factory=dict[Violation, list[Example]])
    due: int = 0
    runs: int = 0
    missed: int = 0
    paused: int = 0
    retries: int = 0
    repeated_executions: int = 0
    unfinished: int = 0
    other_runs: int = 0
    outcomes: Counter[str] = field(default_factory=Counter[str])
    appended: Lateness = field(default_factory=Lateness)
    received: Lateness = field(default_factory=Lateness)
    logged: Lateness = field(default_factory=Lateness)

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        return not self.counts.total()

    def add(self, kind: Violation, second: int, task_id: str, what: str) -> None:
        """Count a violation; the earliest ones are kept as examples."""
        self.counts[kind] += 1
        kept = self.examples.setdefault(kind, [])
        kept.append(Example(second, task_id, what))
        if len(kept) > 4 * EXAMPLES:
            kept.sort()
            del kept[EXAMPLES:]

    def first_examples(self, kind: Violation) -> list[Example]:
        """The earliest violations of a kind."""
        return sorted(self.examples.get(kind, ()))[:EXAMPLES]
