"""What the example's executor has to report, by docs/wire-contract.md."""

from typing import Literal

import pytest

from tasker_core.messages.runs import Policy, Run
from tasker_faststream_example.shout_executor import reports_end


def run(kind: Literal["scheduled", "backfill"], policy: Policy) -> Run:
    at = "2026-01-01T12:00:00.000Z"
    return Run(
        run_id="5a4e2c201a775b562c9d3f1e7c4c5f00",
        task_id="loud",
        task_name="loud",
        generation=41,
        version=41,
        kind=kind,
        nominal_at=at,
        effective_at=at,
        emitted_at=at,
        policy=policy,
    )


@pytest.mark.parametrize("policy", [Policy(report_end=True), Policy(max_consecutive_failures=5)])
def test_ends_are_reported_where_the_policy_asks_but_not_those_of_backfilled_runs(policy: Policy) -> None:
    """A backfill that fails would pause its task otherwise, and tell people of failures of long ago."""
    assert reports_end(run("scheduled", policy))
    assert not reports_end(run("backfill", policy))
    assert not reports_end(run("scheduled", Policy()))
