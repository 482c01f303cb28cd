"""What docs/handlers.md shows is taken."""

import json
import re
from pathlib import Path

import pytest

from tasker_core.handlers import BUILT_IN, payload_errors

PAGE = (Path(__file__).parents[3] / "docs" / "handlers.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["handler"])
def test_the_examples_are_taken(example: dict[str, str]) -> None:
    assert payload_errors(example["handler"], example["payload"]) == []


def test_every_handler_has_its_place() -> None:
    assert all(f"\n## {name}\n" in PAGE for name in BUILT_IN)
    assert {example["handler"] for example in EXAMPLES} == set(BUILT_IN) - {"default"}
