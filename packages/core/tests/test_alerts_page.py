"""The examples in docs/alerts.md are what the code takes and sends, and its words are those of the code."""

import re
from pathlib import Path

import msgspec

from tasker_core.alerts.wording import sentence
from tasker_core.messages.alerts import decode_alert
from tasker_core.messages.base import encode
from tasker_core.task import parse_task

TEXT = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text()
EXAMPLES = dict(re.findall(r"^```json (\S+)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))


def test_the_task_is_accepted() -> None:
    assert len(parse_task(msgspec.json.decode(EXAMPLES["task"])).notify) == 3


def test_the_message_is_of_the_contract_with_every_field_known_and_in_these_words() -> None:
    message = decode_alert(EXAMPLES["alert"].encode())
    assert msgspec.json.decode(encode(message)) == msgspec.json.decode(EXAMPLES["alert"])
    assert sentence(message.changes[0]) == message.changes[0].text
