"""The oracle sees: every planted bug is found."""

import pytest

from tests.simulation.mutations.catalog import MUTATIONS
from tests.simulation.runner import first_failure

ENOUGH = 1_000
"""Within so many seeds every planted bug must be found: the rarest show in one of some three hundred."""


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_planted_bug_is_found(name: str) -> None:
    failure = first_failure(range(1, ENOUGH + 1), name)
    assert failure is not None, f"{name}: not found within {ENOUGH} seeds"
    assert failure.violation.invariant in MUTATIONS[name].violates, str(failure)
