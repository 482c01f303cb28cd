"""Which trace a run belongs to."""

import pytest

from tasker_core.ids import run_id
from tasker_executor.http.trace_context import traceparent
from tasker_executor.testing.target_server import run_of

ID = run_id("t", 1, "scheduled", 7)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"run_id": ID}, f"00-{ID}-0000000000000001-01"),
        ({"run_id": ID, "attempt": 31}, f"00-{ID}-000000000000001f-01"),
        ({"run_id": ID, "traceparent": "00-theirs"}, "00-theirs"),
        ({"run_id": "0" * 32}, None),
        ({"run_id": ID.upper() + "A"}, None),
    ],
)
def test_a_run_has_its_own_trace_or_the_one_with_its_id(fields: dict[str, object], expected: str | None) -> None:
    assert traceparent(run_of({}, **fields)) == expected
