"""Over a year of edits, pauses, deletes and outages, every nominal time has exactly one answer, and the right one."""

from random import Random
from typing import Final

import pytest

from tests.occurrences.comparison import DAY, compare
from tests.occurrences.planted_bugs import BUGS
from tests.occurrences.random_year import BEGIN, RandomYear
from tests.occurrences.simulated_year import TASK

ENOUGH: Final = 60
"""Within so many years every planted bug must be found."""


@pytest.mark.parametrize("seed", range(40))
def test_every_nominal_time_has_exactly_one_answer_the_right_one(seed: int) -> None:
    check_years(range(seed, seed + 1))


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str) -> None:
    with BUGS[name](), pytest.raises(AssertionError):
        check_years(range(ENOUGH))


def check_years(seeds: range) -> None:
    """Compare all answers of some years with what is expected."""
    for seed in seeds:
        scenario = RandomYear(Random(seed))
        scenario.run(changes=40)
        now, log = scenario.year.now, scenario.year.log
        log.now = now
        log.report_runs(unreported_after=now - 2 * DAY)
        end = now + 20 * DAY
        compare(TASK, log, BEGIN - 2 * DAY, end - end % 60)
