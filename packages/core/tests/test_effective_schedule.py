"""Edits are never retroactive: nothing that both definitions have is lost or repeated, against a slow enumeration."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tasker_core.schedules.effective_schedule import EffectiveSchedule, hand_over
from tasker_core.schedules.occurrences import Occurrence, is_excluded, search
from tasker_core.schedules.schedule import NEVER, Schedule

parse = TypeAdapter[Schedule](Schedule).validate_python
BASE = int(datetime(2026, 3, 29, 0, 58, tzinfo=UTC).timestamp())  # two minutes before the clocks change in Berlin
SPAN = 400


def instant(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()


def local(second: int) -> str:
    """What Berlin's clock would show then if it were not put forward."""
    return f"{datetime.fromtimestamp(second + 3600, UTC):%H:%M:%S}"


single: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.tuples(st.integers(5, 90), st.integers(-60, 60)).map(lambda p: {"every": p[0], "anchor": instant(BASE + p[1])}),
    st.sampled_from(
        ["*/10 * * * * *", "*/20 * * * * *", "5/30 * * * * *", "0 * * * * *", "0 30 2 * * *", "30 * * ? * SUN 2026"]
    ).map(lambda c: {"cron": c, "timezone": "Europe/Berlin"}),
    st.tuples(st.sampled_from(["P1D", "P2D", "P1M"]), st.integers(-20, 300)).map(
        lambda p: {"every": p[0], "at": local(BASE + p[1]), "timezone": "Europe/Berlin", "anchor": "2026-01-29"}
    ),
    st.integers(-20, 200).map(lambda n: {"at": instant(BASE + n)}),
)
left_out = {"exclude": ["40 * * * * *", "0 3 * * *"]}
bounded = {"start": instant(BASE + 33), "end": instant(BASE + 170)}
options = st.sampled_from([{}, {}, left_out, bounded])
recurring = single.filter(lambda written: "at" not in written or "every" in written)
unions = st.lists(single, min_size=1, max_size=4).map(lambda found: {"any": found, "timezone": "Europe/Berlin"})
manual: dict[str, Any] = {"manual": True}
schedules: st.SearchStrategy[Schedule] = st.one_of(
    st.tuples(recurring | unions, options).map(lambda pair: pair[0] | pair[1]),
    single,
    unions,
    st.just(manual),
).map(parse)
definitions = st.tuples(schedules, st.integers(0, 70))


class Slow(NamedTuple):
    """A definition with everything enumerated: nominal time → effective time."""

    times: dict[int, int]

    @staticmethod
    def of(schedule: Schedule, offset: int) -> "Slow":
        nominal, until = list[int](), BASE + SPAN + 200
        found = search(schedule, BASE - 200)
        while isinstance(found, Occurrence) and found.nominal < until:
            nominal.append(found.nominal)
            found = search(schedule, found.nominal)
        assert isinstance(found, Occurrence) or found.checkpoint >= until, "what is ruled out for years has none here"
        following = [*nominal, NEVER][1:]
        return Slow({n: min(n + offset, f - 1) for n, f in zip(nominal, following, strict=True)})


def slowly(definitions: list[Slow], edits: list[int]) -> list[tuple[int, int]]:
    """(nominal, when) of every run: second by second, and by the definition in force at each edit."""
    runs: list[tuple[int, int]] = []
    dealt = -NEVER
    for i, now in enumerate(definitions):
        begin, end = edits[i], [*edits, BASE + SPAN][i + 1]
        if i:
            before = definitions[i - 1].times
            for n in sorted(now.times.keys() & before.keys()):
                if n > dealt and before[n] > begin and now.times[n] <= begin:
                    runs.append((n, begin))
                    dealt = n
        by_time = {effective: n for n, effective in now.times.items()}
        for second in range(begin + 1, end + 1):
            n = by_time.get(second, -NEVER)
            if n > dealt:
                runs.append((n, second))
                dealt = n
    return runs


def fast(definitions: list[tuple[Schedule, int]], edits: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    current = EffectiveSchedule(*definitions[0], since=edits[0])
    for i, (schedule, offset) in enumerate(definitions):
        begin, end = edits[i], [*edits, BASE + SPAN][i + 1]
        if i:
            current, at_once = hand_over(current, schedule, offset, begin)
            runs += [(at_once, begin)] if at_once < NEVER else []
        at = begin
        while True:
            found = current.next_due(at)
            if not isinstance(found, Occurrence):
                assert found.checkpoint > end
                break
            if found.effective > end:
                break
            runs.append(found)
            at = found.effective
    return [(nominal, when) for nominal, when in runs]


# Few schedules for many definitions: most edits change the spread, or go back to what was before.
few = st.lists(schedules, min_size=1, max_size=2).flatmap(
    lambda pool: st.lists(st.tuples(st.sampled_from(pool), st.integers(0, 70)), min_size=2, max_size=5)
)
histories = st.tuples(
    few | st.lists(definitions, min_size=2, max_size=5),
    st.lists(st.integers(0, SPAN), min_size=5, max_size=5, unique=True),
)


@settings(max_examples=500, deadline=None)
@given(histories)
def test_any_sequence_of_edits(history: tuple[list[tuple[Schedule, int]], list[int]]) -> None:
    given_definitions, seconds = history
    edits = [BASE + n for n in sorted(seconds)[: len(given_definitions)]]
    enumerated = [Slow.of(*d) for d in given_definitions]
    runs = fast(given_definitions, edits)
    assert runs == slowly(enumerated, edits)
    done = [n for n, _ in runs]
    assert len(done) == len(set(done))
    for i, (old, new) in enumerate(pairwise(enumerated)):
        begin, end = edits[i + 1], [*edits, BASE + SPAN][i + 2]
        for n in old.times.keys() & new.times.keys():
            # Still to come under the old one, and nothing later was dealt with: it runs at its new time, or at once.
            if old.times[n] > begin and not any(
                m >= n for m, when in runs if when <= begin and (m, when) != (n, begin)
            ):
                when = max(begin, new.times[n])
                assert when > end or (n, when) in runs


@settings(max_examples=80, deadline=None)
@given(definitions, definitions, st.integers(0, SPAN))
def test_fates(first: tuple[Schedule, int], second: tuple[Schedule, int], at: int) -> None:
    current = hand_over(EffectiveSchedule(*first, since=BASE), *second, BASE + at).current
    due: list[int] = []
    now = BASE + at
    while isinstance(found := current.next_due(now), Occurrence) and found.nominal < BASE + SPAN:
        due.append(found.nominal)
        now = found.effective
    for nominal in range(BASE - 100, BASE + SPAN):
        status = current.status_of(nominal)
        assert (status == "scheduled") == (nominal in due)
        if status == "excluded":
            assert is_excluded(current.schedule, nominal)
            assert nominal > BASE + at


def test_what_was_dealt_with_is_not_run_at_once_again() -> None:
    minutely = parse({"cron": "* * * * *"})
    minute = BASE + 60
    current = hand_over(EffectiveSchedule(minutely, 0, since=BASE), minutely, 50, minute + 10).current
    assert hand_over(current, minutely, 0, minute + 20) == (EffectiveSchedule(minutely, 0, minute + 20, minute), NEVER)


def test_what_was_before_a_definition_is_not_taken_for_dealt_with() -> None:
    minutely, hourly = parse({"cron": "* * * * *"}), parse({"cron": "30 * * * *"})
    minute = BASE + 60
    current = hand_over(EffectiveSchedule(hourly, 0, since=BASE), minutely, 0, minute + 10).current
    assert current.after_nominal == -NEVER  # the minute was over before this definition
    current = hand_over(current, minutely, 50, minute + 20).current
    assert current.next_due(minute + 20) == (minute, minute + 50)


def test_the_same_again_changes_nothing() -> None:
    schedule = parse({"cron": "*/20 * * * * *"})
    old = EffectiveSchedule(schedule, 15, since=BASE)
    for at in range(BASE, BASE + 60):
        again = hand_over(old, schedule, 15, at)
        assert again.run_at_once == NEVER
        assert again.current.next_due(at) == old.next_due(at)


def test_a_shorter_spread_runs_at_once_what_it_has_overtaken() -> None:
    hourly: dict[str, Any] = {"cron": "0 * * * *"}
    hour = BASE - BASE % 3600
    old = EffectiveSchedule(parse(hourly | {"spread": "PT30M"}), 1800, since=hour - 10)
    current, at_once = hand_over(old, parse(hourly), 0, hour + 600)
    assert (at_once, current.after_nominal) == (hour, hour)
    assert current.next_due(hour + 600) == (hour + 3600, hour + 3600)
    assert current.status_of(hour) == "before"
    assert current.status_of(hour + 1) == "none"
    # A longer one does not repeat what has run.
    later = hand_over(EffectiveSchedule(parse(hourly), 0, since=hour - 10), parse(hourly), 1800, hour + 600)
    assert later == (EffectiveSchedule(parse(hourly), 1800, hour + 600, hour), NEVER)
    assert later.current.next_due(hour + 600) == (hour + 3600, hour + 5400)
