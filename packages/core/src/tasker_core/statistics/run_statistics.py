"""PURE. What is counted of the runs of some time: how they ended, and how well the promise was kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from tasker_core.documents.statistics import StatisticsContent
from tasker_core.statistics.batch_statistics import BatchStatistics
from tasker_core.statistics.first_attempt import PROMISE_MS, PROMISED_STAGES, STAGES, FirstAttempt, Stage
from tasker_core.statistics.histogram import DurationHistogram, without

Measure = Literal["lateness", Stage]
MEASURES: Final[tuple[Measure, ...]] = ("lateness", *STAGES)
_PACKED: Final = msgspec.msgpack.Decoder(list[tuple[int, dict[int, int]]])


def _no_histograms() -> dict[Measure, DurationHistogram]:
    return {measure: DurationHistogram() for measure in MEASURES}


@dataclass(slots=True)
class RunStatistics:
    """Numbers that add up: merged in any order they are those of all runs together.

    `promised` are the scheduled runs whose first attempt ended, `kept` those of them that were logged in time. `broken`
    says of the others which stage took longest, `recovered` how many were emitted late, after an outage.
    `outcomes` are those of all runs but backfilled ones, which have their own. `missed` are ranges of nominal times
    that did not run, by reason.
    """

    outcomes: dict[str, int] = field(default_factory=dict[str, int])
    backfilled: dict[str, int] = field(default_factory=dict[str, int])
    missed: dict[str, int] = field(default_factory=dict[str, int])
    promised: int = 0
    kept: int = 0
    recovered: int = 0
    broken: dict[str, int] = field(default_factory=dict[str, int])
    measures: dict[Measure, DurationHistogram] = field(default_factory=_no_histograms)

    def add_attempts(self, attempts: Iterable[tuple[FirstAttempt, int]]) -> None:
        """Take in first attempts, each with when it was logged (epoch ms)."""
        some = list(attempts)
        lateness = [one.lateness(logged_ms) for one, logged_ms in some]
        self.measures["lateness"].add(lateness)
        self.measures["emission"].add([one.emission for one, _ in some])
        self.measures["delivery"].add([one.delivery for one, _ in some])
        self.measures["waiting"].add([one.waiting for one, _ in some])
        self.measures["execution"].add([one.execution for one, _ in some if one.execution is not None])
        self.measures["logging"].add([one.logging(logged_ms) for one, logged_ms in some])
        self.promised += len(some)
        self.kept += len(some)
        self.recovered += sum(one.is_recovered for one, _ in some)
        for (one, logged_ms), late in zip(some, lateness, strict=True):
            if late > PROMISE_MS:
                self.kept -= 1
                stages = zip(
                    (one.emission, one.delivery, one.waiting, one.logging(logged_ms)), PROMISED_STAGES, strict=True
                )
                _, slowest = max(stages)
                self.broken[slowest] = self.broken.get(slowest, 0) + 1

    def merge(self, other: "RunStatistics") -> None:
        """Take in what another one has."""
        for mine, more in zip(_counters(self), _counters(other), strict=True):
            for name, number in more.items():
                mine[name] = mine.get(name, 0) + number
        self.promised += other.promised
        self.kept += other.kept
        self.recovered += other.recovered
        for measure, histogram in other.measures.items():
            self.measures[measure].merge(histogram)

    def replace(self, part: "RunStatistics", right: "RunStatistics") -> None:
        """Put something in the place of a part of what is counted here. The worst can only become worse by it."""
        self.merge(right)
        for mine, less in zip(_counters(self), _counters(part), strict=True):
            rest = without(mine, less)
            mine.clear()
            mine.update(rest)
        self.promised -= part.promised
        self.kept -= part.kept
        self.recovered -= part.recovered
        for measure, histogram in part.measures.items():
            self.measures[measure].counts = without(self.measures[measure].counts, histogram.counts)

    def content(self) -> StatisticsContent:
        """As it is stored."""
        stages = [self.measures[measure] for measure in STAGES]
        return {
            "outcomes": self.outcomes,
            "backfilled": self.backfilled,
            "missed": self.missed,
            "promised": self.promised,
            "kept": self.kept,
            "recovered": self.recovered,
            "broken": self.broken,
            "lateness": _packed([self.measures["lateness"]]),
            "stages": _packed(stages),
        }


def stored_statistics(stored: StatisticsContent, *, stages: bool = True) -> RunStatistics:
    """What is stored. Without `stages` there are none, and they may be absent."""
    measures: dict[Measure, DurationHistogram] = {"lateness": _unpacked(stored["lateness"])[0]}
    if stages:
        measures.update(zip(STAGES, _unpacked(stored["stages"]), strict=True))
    return RunStatistics(
        dict(stored["outcomes"]),
        dict(stored["backfilled"]),
        dict(stored["missed"]),
        stored["promised"],
        stored["kept"],
        stored["recovered"],
        dict(stored["broken"]),
        measures,
    )


Group = tuple[int, str | None, int]
"""(epoch minute, handler, partition); without a handler what belongs to none."""


def by_group(batches: Iterable[BatchStatistics]) -> Mapping[Group, RunStatistics]:
    """What batches say, by minute, handler and partition."""
    found: dict[Group, RunStatistics] = {}
    attempts: dict[Group, list[tuple[FirstAttempt, int]]] = {}
    for batch in batches:
        logged_ms = batch.logged_ms
        for one in batch.attempts:
            attempts.setdefault((one.due_ms // 60_000, one.handler, one.partition), []).append((one, logged_ms))
        for minute, handler, partition, outcome, backfilled, number in batch.outcomes:
            group = found.setdefault((minute, handler, partition), RunStatistics())
            counts = group.backfilled if backfilled else group.outcomes
            counts[outcome] = counts.get(outcome, 0) + number
        for minute, partition, reason, number in batch.missed:
            counts = found.setdefault((minute, None, partition), RunStatistics()).missed
            counts[reason] = counts.get(reason, 0) + number
    for group, some in attempts.items():
        found.setdefault(group, RunStatistics()).add_attempts(some)
    return found


def _counters(found: RunStatistics) -> tuple[dict[str, int], ...]:
    return found.outcomes, found.backfilled, found.missed, found.broken


def _packed(histograms: Iterable[DurationHistogram]) -> bytes:
    return msgspec.msgpack.encode([(one.worst, one.counts) for one in histograms])


def _unpacked(data: bytes) -> list[DurationHistogram]:
    return [DurationHistogram(counts, worst) for worst, counts in _PACKED.decode(data)]
