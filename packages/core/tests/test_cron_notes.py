"""What the preview says of expressions that mean something else in other schedulers."""

import pytest

from tasker_core.cron.notes import notes_on


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("0 0 9 ? * 2-6", "weekday 2 is Tuesday here (0 and 7 are Sunday) and Monday to Quartz"),
        ("0 0 9 ? * 6#3 2027", "weekday 6 is Saturday here (0 and 7 are Sunday) and Friday to Quartz"),
        ("0 0 9 ? * 1L", "weekday 1 is Monday here (0 and 7 are Sunday) and Sunday to Quartz"),
        ("0 9 ? * L7", "weekday 7 is Sunday here (0 and 7 are Sunday) and Saturday to Quartz"),
        ("0 9 ? * 0", "no weekday to Quartz"),
        ("0 9 * * 1/2", "weekday 1/2 goes on to Sunday, as 1-7/2 does"),
        ("0 9 * * mon/3,2", "weekday MON/3 goes on to Sunday"),
    ],
)
def test_what_is_said(expression: str, said: str) -> None:
    [note] = notes_on(expression)
    assert said in note


@pytest.mark.parametrize(
    "expression",
    [
        *("0 9 * * 1-5", "0 9 ? * MON-FRI", "0 0 9 ? * FRI#3", "0 0 9 ? * FRIL", "0 9 1 * ?", "@daily", "0 9 * * 2/2"),
        *("0 9 * * SUN/2", "0 9 * * 0/7", "0 9 * * 1-7/2", "H H * * H"),
    ],
)
def test_the_rest_means_the_same_everywhere(expression: str) -> None:
    assert notes_on(expression) == []
