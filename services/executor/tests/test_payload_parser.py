"""Payloads as parameters: each is parsed as it is, and short ones only once."""

from typing import Any

import pytest

from tasker_core.handlers.parameters.http import http_call
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.handlers.parameters import MAX_REMEMBERED_BYTES, PayloadParser
from tasker_executor.testing.target_server import run_of


def test_short_payloads_are_parsed_once_and_long_ones_each_time() -> None:
    parsed: list[Any] = []
    parse = PayloadParser(lambda payload: parsed.append(payload) or len(parsed))
    short, long = {"a": 1}, {"a": "x" * MAX_REMEMBERED_BYTES}
    assert [parse(run_of(payload)) for payload in (short, short, long, long, {"a": 2}, short)] == [1, 1, 2, 3, 4, 1]


def test_a_wrong_payload_is_wrong_each_time() -> None:
    parse = PayloadParser(http_call)
    for _ in range(2):
        with pytest.raises(AttemptFailed, match="/payload/url: required") as caught:
            parse(run_of({}))
        assert caught.value.final
    assert parse(run_of({"url": "https://a.example/"})).verb == "GET"
