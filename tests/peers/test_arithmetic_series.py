"""Nominal times of a schedule that tells none."""

from hypothesis import given
from hypothesis import strategies as st

from bench.peers.celery.arithmetic_series import series_from_first


def lateness(started: list[float]) -> list[float]:
    return [at - nominal for nominal, at in series_from_first(started)]


def test_on_time() -> None:
    assert series_from_first([5000.0, 6000.0, 7000.0]) == [(5000, 5000.0), (6000, 6000.0), (7000, 7000.0)]


def test_drift_shows_as_lateness() -> None:
    assert lateness([0.0, 1010.0, 2020.0, 3030.0]) == [0, 10, 20, 30]


def test_what_falls_behind_by_a_whole_period_has_skipped_one() -> None:
    assert [nominal for nominal, _ in series_from_first([0.0, 1400.0, 3200.0, 4200.0])] == [0, 1000, 3000, 4000]


def test_a_slow_first_run_makes_no_later_one_early() -> None:
    assert lateness([80.0, 1000.0, 2000.0]) == [80, 0, 0]


def test_nothing() -> None:
    assert series_from_first([]) == []


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=30))
def test_each_nominal_time_once_and_none_early(started: list[int]) -> None:
    series = series_from_first([float(at) for at in started])
    nominals = [nominal for nominal, _ in series]
    assert nominals == sorted(set(nominals))
    assert all((nominal - nominals[0]) % 1000 == 0 for nominal in nominals)
    assert all(at >= nominal for nominal, at in series)
    assert [at for _, at in series] == sorted(started)
