"""PURE. How much one batch may hold, and how long a task is remembered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SchedulingLimits:
    """`batch_runs` runs, or `batch_bytes` bytes, make a batch full: the rest of a burst goes into the next one.

    In the background lane, a batch holds `background_runs` runs and visits `visits` tasks of a gap, fewer where that
    takes long (one visit: 10 µs to 2 ms); a task that has more than `runs_per_visit` to run in a gap is visited again.

    A batch hands `handovers` tasks over to another version of a calendar (each costs 0.2 to 0.5 ms).

    It removes and forgets `upkeep` things that are over, and judges as many tasks' deadlines (each costs some 20 µs).

    A finished task stays editable for `finished_seconds`; of each task the ids of `recent_events` events are known.

    The first change of which somebody is told waits `alert_group_seconds` for others, and after a message the next one
    to the same target comes no sooner than `alert_pause_seconds` later, however much happens meanwhile: as with
    group_wait and group_interval of Alertmanager.
    """

    batch_runs: int = 5_000
    batch_bytes: int = 4 * 1024 * 1024
    background_runs: int = 200
    visits: int = 2_000
    runs_per_visit: int = 200
    handovers: int = 200
    upkeep: int = 500
    finished_seconds: int = 7 * 24 * 3600
    recent_events: int = 8
    alert_group_seconds: int = 5
    alert_pause_seconds: int = 30
