"""What tasks may expect of bodies: what is refused, and that expressions take no time."""

import time
from random import Random
from typing import Any

import pytest
from pydantic import JsonValue

from tasker_core.handlers.built_in import payload_errors
from tasker_core.handlers.text_pattern import matches


def wrong(*conditions: Any) -> list[tuple[str, str]]:
    payload: dict[str, Any] = {"url": "https://a.example/", "expect_body": list(conditions)}
    return [(error.pointer.removeprefix("/payload"), error.message) for error in payload_errors("http", payload)]


@pytest.mark.parametrize(
    "condition",
    [
        {"pointer": "/status", "equals": "ok"},
        {"pointer": "/error", "equals": None},
        {"pointer": "", "one_of": [1, None, "a"]},
        {"pointer": "/a~1b/~0/0", "exists": False},
        {"pointer": "/message", "matches": "^OK( \\d+)?$"},
        {"contains": "done"},
        {"lacks": "ERROR"},
        {"matches": "(?i)all \\w+ passed"},
    ],
)
def test_good_conditions(condition: JsonValue) -> None:
    assert wrong(condition) == []


@pytest.mark.parametrize(
    ("condition", "pointer", "words"),
    [
        ({}, "", "exactly one of equals"),
        ({"pointer": "/a"}, "", "exactly one of equals"),
        ({"contains": "a", "lacks": "b"}, "", "several entries"),
        ({"equals": 1}, "", "needs a pointer"),
        ({"exists": True}, "", "needs a pointer"),
        ({"pointer": "status", "equals": 1}, "/pointer", "such as /status"),
        ({"pointer": "/a~2", "equals": 1}, "/pointer", "JSON pointer"),
        ({"pointer": "/a", "one_of": []}, "/one_of", ""),
        ({"contains": ""}, "/contains", ""),
        ({"matches": "("}, "/matches", "syntax"),
        ({"matches": "(?=a)"}, "/matches", "look-around"),
        ({"matches": "(a)\\1"}, "/matches", "back-references"),
        ({"matches": "(a{1000}){1000}"}, "/matches", "places"),
        ({"matches": "a" * 1_001}, "/matches", "1000"),
        ({"contains": "a", "nope": 1}, "/nope", "unknown field"),
        ("done", "", "must be an object"),
    ],
)
def test_wrong_conditions(condition: JsonValue, pointer: str, words: str) -> None:
    (found,) = wrong({"contains": "fine"}, condition)
    assert found[0] == f"/expect_body/1{pointer}"
    assert words in found[1]


def test_there_are_only_so_many() -> None:
    assert wrong(*[{"contains": "a"}] * 20) == []
    assert [place for place, _ in wrong(*[{"contains": "a"}] * 21)] == ["/expect_body"]


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a|aa)+$",
        "^(a?){50}a{50}$",
        "(.*a){12}[^ab]",
        "([a-q][^u-z]){10}[^a]",
        "(x+x+)+y",
        "a[^x]{0,45}b[^x]{0,45}c",
        "(a|b[^x]{60}a)+c",
        "(a\\W?\\w{5})*(b\\W?\\w{5})*c",
        "(a[^x]{10})*(b[^x]{10})*c",
    ],
)
def test_no_expression_takes_long(pattern: str) -> None:
    """Those that take a backtracking engine for ever, and the slowest that are known of this one; the bound is
    ten times what they take."""
    assert wrong({"matches": pattern}) == []
    coins = Random(2)
    for text in ("a" * 65_536, "ab" * 32_768, "".join(coins.choice("ab") for _ in range(65_536))):
        started = time.process_time()
        matches(pattern, text)
        assert time.process_time() - started < 1


def test_what_would_take_too_long_is_refused_one_by_one_and_together() -> None:
    ((place, words),) = wrong({"matches": "a\\w{0,480}b\\w{0,480}c"})
    assert place == "/expect_body/0/matches"
    assert "960 places, and at most 100 are taken" in words
    assert wrong({"matches": "[ab]{50}"}, {"matches": "[ab]{50}"}) == []
    ((place, words),) = wrong({"matches": "[ab]{50}"}, {"matches": "[ab]{51}"})
    assert place == "/expect_body"
    assert "101 places" in words
