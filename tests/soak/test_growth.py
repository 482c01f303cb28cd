"""What `bench soak` takes for growth."""

from pathlib import Path
from random import Random

import pytest

from bench.soak.growth import FLOORS, Growth, Sample, grows, growths, line
from bench.soak.lateness import quantile
from bench.soak.report import growing, table
from bench.soak.sample_file import SampleFile
from bench.soak.tasks import TaskCounts, standing_tasks

MINUTES = 8 * 60


def _growth(name: str, values: list[float]) -> Growth:
    return growths([Sample(60.0 * minute, {name: value}) for minute, value in enumerate(values)])[0]


def test_a_line_goes_through_its_points() -> None:
    assert line([(0.0, 1.0), (10.0, 21.0), (20.0, 41.0)]) == pytest.approx((2.0, 21.0, 0.0))


def test_one_point_has_no_slope() -> None:
    assert line([(5.0, 7.0)]) == (0.0, 7.0, 0.0)


def test_a_leak_grows() -> None:
    one = _growth("memory/ticker", [100 + minute / 10 for minute in range(MINUTES)])
    assert one.per_hour == pytest.approx(6)
    assert grows(one, 0.02, {})


def test_a_leak_in_noise_grows() -> None:
    noise = Random(1)
    assert grows(
        _growth("memory/ticker", [100 + minute / 10 + noise.gauss(0, 3) for minute in range(MINUTES)]), 0.02, {}
    )


@pytest.mark.parametrize("seed", range(20))
def test_noise_does_not_grow(seed: int) -> None:
    noise = Random(seed)
    assert not grows(_growth("memory/ticker", [100 + noise.gauss(0, 10) for _ in range(MINUTES)]), 0.02, {})


def test_a_sawtooth_does_not_grow() -> None:
    assert not grows(_growth("topic/ticker-state", [20 + minute % 30 for minute in range(MINUTES)]), 0.02, {})


def test_what_comes_to_rest_in_the_first_half_does_not_grow() -> None:
    assert not grows(_growth("data/runs", [min(minute * 10, 2_000) for minute in range(MINUTES)]), 0.02, {})


def test_a_small_rise_is_nothing() -> None:
    rise = FLOORS["descriptors"] / MINUTES
    assert not grows(_growth("descriptors/api", [10 + rise * minute for minute in range(MINUTES)]), 0.02, {})


def test_a_slow_rise_of_something_large_is_within_the_limit() -> None:
    values = [1_000 + minute / 10 for minute in range(MINUTES)]
    assert not grows(_growth("memory/kafka", values), 0.02, {})
    assert grows(_growth("memory/kafka", values), 0.004, {})


def test_what_may_grow_up_to_a_size_grows_behind_it() -> None:
    one = _growth("data/oplog", [float(minute) for minute in range(MINUTES)])
    assert not grows(one, 0.02, {"data/oplog": 500})
    assert grows(one, 0.02, {"data/oplog": 400})


def test_few_samples_say_nothing() -> None:
    one = _growth("memory/ticker", [100, 200, 300, 400])
    assert not grows(one, 0.02, {})
    assert table([one], 0.02, {})[1][-1] == "too few"


def test_a_series_that_began_late_is_judged_by_what_there_is() -> None:
    samples = [Sample(float(at), {"lag/results": 1.0} if at > 50 else {}) for at in range(100)]
    assert growths(samples)[0].first == 1


def test_without_samples_nothing_is_found() -> None:
    assert growths([]) == []


def test_what_grows_is_named_and_what_was_never_there_left_out() -> None:
    found = growths(
        [Sample(60.0 * n, {"memory/api": 100.0 + n, "cpu/api": float(n), "lag/x": 0}) for n in range(MINUTES)]
    )
    assert [row[0] for row in table(found, 0.02, {})[1:]] == ["cpu/api", "memory/api"]
    assert table(found, 0.02, {})[2][-1] == "GROWS"
    assert growing(found, 0.02, {}) == ["memory/api grows by 60.0 MB an hour, 13% of itself (100.0 → 579.0)"]


def test_samples_are_read_again_up_to_the_line_that_was_cut_off(tmp_path: Path) -> None:
    file = SampleFile(tmp_path)
    file.add("sample", 1.04, {"memory/api": 2.5})
    file.add("audit", 2.0, {"right": True})
    file.add("sample", 3.0, {"memory/api": 2.75})
    file.note(3.5, "a slice was not audited")
    with file.path.open("ab") as end:
        end.write(b'{"kind":"sample","at":4')
    assert file.samples() == [Sample(1.0, {"memory/api": 2.5}), Sample(3.0, {"memory/api": 2.75})]
    assert file.lines("audit") == [(2.0, {"right": True})]
    assert file.notes() == ["a slice was not audited"]


def test_a_quantile_of_counts_is_that_of_the_values() -> None:
    assert [quantile({5.0: 98, 10.0: 1, 700.0: 1}, share) for share in (0.5, 0.99, 1.0)] == [5.0, 10.0, 700.0]


@pytest.mark.parametrize("rate", [50, 500, 4_000])
def test_all_kinds_together_run_as_often_as_asked_for(rate: int) -> None:
    counts = TaskCounts.of_rate(rate)
    assert sum(counts) == rate
    assert len({task["id"] for task in standing_tasks(counts, "http://127.0.0.1:1/")}) == rate - counts.once
