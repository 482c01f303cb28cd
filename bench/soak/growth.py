"""PURE. Whether a series of samples grows: a straight line through the second half of the run."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

HOUR: Final = 3600.0
CLEAR: Final = 2.0
"""A rise counts from so many times the samples' own spread about the line on: a sawtooth is no growth."""
LEAST_SAMPLES: Final = 5
FLOORS: Final[Mapping[str, float]] = {
    "memory": 8,
    "descriptors": 10,
    "threads": 3,
    "topic": 2,
    "segments": 12,
    "documents": 1_000,
    "data": 2,
    "indexes": 2,
    "disk": 16,
    "lag": 1_000,
    "p99": 250,
}
"""By kind, the rise within the second half that is taken for nothing, in the unit of the kind (`UNITS`).

What is not named here is shown and not judged.
"""
UNITS: Final[Mapping[str, str]] = dict.fromkeys(("memory", "topic", "data", "indexes", "disk"), "MB") | {
    "p50": "ms",
    "p99": "ms",
    "max": "ms",
    "cpu": "%",
}


class Sample(NamedTuple):
    """The values of all series, by name, at a second since the run's begin."""

    at: float
    values: Mapping[str, float]


class Growth(NamedTuple):
    """What became of one series. `per_hour` and the `rise` within the second half are those of the line."""

    name: str
    first: float
    last: float
    largest: float
    per_hour: float
    relative: float
    """`per_hour` as a share of the mean of the second half."""
    rise: float
    spread: float
    """The standard deviation about the line."""
    judged: int
    """So many samples the line goes through."""

    @property
    def kind(self) -> str:
        """What is measured, the first word of the name."""
        return self.name.partition("/")[0]


def line(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Slope, mean and standard deviation about the line of least squares. One point, or one instant, has no slope."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    across = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / across if across else 0.0
    apart = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in points)
    return slope, mean_y, (apart / count) ** 0.5


def growths(samples: Sequence[Sample]) -> list[Growth]:
    """Each series, by name. What a process does before half of the time is over is its start, not its growth."""
    found: list[Growth] = []
    if not samples:
        return found
    half = (samples[0].at + samples[-1].at) / 2
    for name in sorted({name for sample in samples for name in sample.values}):
        points = [(sample.at, sample.values[name]) for sample in samples if name in sample.values]
        late = [point for point in points if point[0] >= half] or points[-1:]
        slope, mean, spread = line(late)
        relative = slope * HOUR / mean if mean else 0.0
        values = [value for _, value in points]
        rise = slope * (late[-1][0] - late[0][0])
        found.append(Growth(name, values[0], values[-1], max(values), slope * HOUR, relative, rise, spread, len(late)))
    return found


def grows(one: Growth, limit: float, caps: Mapping[str, float]) -> bool:
    """Whether a series grows by more than the share `limit` of itself an hour, and not just by chance.

    `caps` are the sizes up to which a series may grow, by its name.
    """
    floor = FLOORS.get(one.kind)
    if floor is None or one.judged < LEAST_SAMPLES or one.last <= caps.get(one.name, 0.0):
        return False
    return one.rise > floor and one.rise > CLEAR * one.spread and one.relative > limit
