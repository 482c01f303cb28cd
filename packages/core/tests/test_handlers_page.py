"""What docs/handlers.md shows is taken."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tasker_core.handlers.built_in import BUILT_IN, payload_errors
from tasker_core.handlers.parameters.body_conditions import MAX_CONDITIONS
from tasker_core.handlers.parameters.http_headers import MAX_HEADERS
from tasker_core.handlers.parameters.url import MAX_URL_CHARACTERS
from tasker_core.handlers.text_pattern import MAX_PATTERN_CHARACTERS

PAGE = (Path(__file__).parents[3] / "docs" / "handlers.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["handler"])
def test_the_examples_are_taken(example: dict[str, str]) -> None:
    assert payload_errors(example["handler"], example["payload"]) == []


def test_every_handler_has_its_place() -> None:
    assert all(f"\n## {name}\n" in PAGE for name in BUILT_IN)
    assert {example["handler"] for example in EXAMPLES} == set(BUILT_IN) - {"default"}


def wrong(handler: str, payload: Any) -> int:
    """How many mistakes a payload has."""
    return len(payload_errors(handler, payload))


def test_its_limits_are_those_of_the_code() -> None:
    header = "x" * 8_000
    assert f"up to {MAX_URL_CHARACTERS:,} characters" in PAGE
    assert (
        f"| `headers` | up to {MAX_HEADERS}, values in printable ASCII, up to {len(header):,} characters each" in PAGE
    )
    assert "up to 20 statuses" in PAGE
    assert "(up to 1,024 characters" in PAGE
    assert "Each of up to 5 secrets" in PAGE
    assert f"A list of up to {MAX_CONDITIONS} conditions" in PAGE
    assert f"(up to {MAX_PATTERN_CHARACTERS:,} characters)" in PAGE
    url = "https://example.com/"
    most: dict[str, Any] = {
        "url": url,
        "headers": {"X": header},
        "expect": [200] * 20,
        "sign": {"secrets": ["secret://a"] * 5},
    }
    message: dict[str, Any] = {"topic": "t", "value": 1, "key": "k" * 1_024, "headers": {str(n): "" for n in range(50)}}
    assert wrong("http", most) == wrong("kafka", message) == 0
    more: dict[str, Any] = {"url": url + header, "headers": {"X": header + "x"}, "expect": [200] * 21}
    assert wrong("http", more | {"sign": {"secrets": ["secret://a"] * 6}}) == 4
    over = message | {"key": "k" * 1_025, "headers": {str(n): "" for n in range(51)}}
    assert wrong("kafka", over) == 2
    assert wrong("kafka", message | {"headers": {"tasker-x": ""}})
    both: dict[str, Any] = {"url": "https://me:secret@example.com/", "headers": {"authorization": "x"}}
    assert wrong("http", both)
