"""What became of the occurrences that a peer owed."""

import pytest

from bench.peers.peer import Execution
from bench.peers.work.occurrence_account import account_each_second, account_once
from bench.peers.work.sustained_rate import is_kept

SINCE, UNTIL = 100_000, 103_000


def ran(task: str, nominal: int, late: float = 5.0) -> Execution:
    return Execution(task, nominal, nominal + late, nominal + late + 1)


def test_all_there() -> None:
    log = [ran(task, nominal) for task in "ab" for nominal in range(SINCE, UNTIL, 1000)]
    account = account_each_second(log, "ab", SINCE, UNTIL)
    assert account == (6, 0, 0, [5.0] * 6)
    assert account.executed == 6


def test_what_is_missing_and_what_came_twice() -> None:
    log = [ran("a", SINCE), ran("a", SINCE), ran("a", SINCE + 2000, late=40)]
    account = account_each_second(log, ["a", "b"], SINCE, UNTIL)
    assert (account.expected, account.missing, account.doubled) == (6, 4, 1)
    assert sorted(account.lateness_ms) == [5, 5, 40]


def test_only_nominal_times_in_the_window_and_known_tasks_count() -> None:
    log = [ran("a", SINCE - 1), ran("a", UNTIL), ran("c", SINCE), ran("a", SINCE, late=50_000)]
    account = account_each_second(log, ["a"], SINCE, UNTIL)
    assert (account.missing, account.doubled, account.lateness_ms) == (2, 0, [50_000])


def test_a_task_may_be_due_at_any_moment_of_its_seconds() -> None:
    log = [ran("a", SINCE + 370 + n * 1000) for n in range(-1, 4)]
    assert account_each_second(log, ["a"], SINCE, UNTIL).missing == 0


def test_once() -> None:
    account = account_once([ran("a", SINCE), ran("a", SINCE), ran("c", SINCE)], ["a", "b"])
    assert (account.expected, account.missing, account.doubled, account.executed) == (2, 1, 1, 1)


@pytest.mark.parametrize(
    ("late", "kept"), [((4_999.0, 4_999.0, 4_999.0), True), ((5.0, 5.0), False), ((6_000.0, 6_000.0, 6_000.0), False)]
)
def test_a_rate_is_kept(late: tuple[float, ...], kept: bool) -> None:
    log = [ran("a", SINCE + n * 1000, ms) for n, ms in enumerate(late)]
    assert is_kept(account_each_second(log, ["a"], SINCE, UNTIL)) is kept


def test_where_nothing_ran_nothing_is_kept() -> None:
    assert not is_kept(account_each_second([], [], SINCE, UNTIL))
