"""Payloads of the built-in handlers: what is wrong, and where."""

from typing import Any

import pytest
from pydantic import JsonValue

from tasker_core.handlers.built_in import described, payload_errors
from tasker_core.handlers.parameters.http import http_call
from tasker_core.handlers.parameters.secret_references import names_in, sheltered
from tasker_core.handlers.parameters.url import has_userinfo

URL = "https://example.com/"


def pointers(handler: str, payload: JsonValue) -> set[str]:
    return {error.pointer for error in payload_errors(handler, payload)}


def call(**more: Any) -> dict[str, Any]:
    return {"url": URL, **more}


@pytest.mark.parametrize(
    "payload",
    [
        call(),
        call(method="REPORT", body=None, expect=["2xx", 404], redirects="follow"),
        call(headers={"Authorization": "Bearer secret://a.b-c_d", "X": ""}),
        call(sign={"secrets": ["secret://new", "secret://old"]}),
        {"url": "http://user:secret://password@[2001:db8::1]:8080/a?b#c"},
        {"url": "HTTP://EXAMPLE.com"},
    ],
)
def test_good_calls(payload: JsonValue) -> None:
    assert payload_errors("http", payload) == []


@pytest.mark.parametrize(
    ("payload", "pointer"),
    [
        (None, ""),
        ("https://example.com/", ""),
        ([], ""),
        ({}, "/url"),
        ({"url": None}, "/url"),
        ({"url": "example.com"}, "/url"),
        ({"url": "file:///etc/passwd"}, "/url"),
        ({"url": "http://"}, "/url"),
        ({"url": "http://a:99999/"}, "/url"),
        ({"url": "http://a/\r\nX: y"}, "/url"),
        ({"url": " http://a/"}, "/url"),
        ({"url": "http://a/" + "x" * 8000}, "/url"),
        ({"url": "http://a/?key=secret://name"}, "/url"),
        ({"url": "http://secret://@a/"}, "/url"),
        (call(verify=False), "/verify"),
        (call(method="get"), "/method"),
        (call(method="GET\r\n"), "/method"),
        (call(method="CONNECT"), "/method"),
        (call(method="TRACE"), "/method"),
        (call(headers=["a"]), "/headers"),
        (call(headers={"a b": "x"}), "/headers/a b"),
        (call(headers={"a/b~c": "x"}), "/headers/a~1b~0c"),
        (call(headers={"": "x"}), "/headers/"),
        (call(headers={"X": "a\nb"}), "/headers/X"),
        (call(headers={"X": "a\rb"}), "/headers/X"),
        (call(headers={"X": 5}), "/headers/X"),
        (call(headers={"X": "secret://"}), "/headers/X"),
        (call(headers={"X": "secret://ok secret://../etc"}), "/headers/X"),
        (call(headers={"HOST": "x"}), "/headers/HOST"),
        (call(headers={"Content-Length": "0"}), "/headers/Content-Length"),
        (call(headers={"transfer-encoding": "chunked"}), "/headers/transfer-encoding"),
        (call(headers={"Connection": "close"}), "/headers/Connection"),
        (call(headers={"Idempotency-Key": "x"}), "/headers/Idempotency-Key"),
        (call(headers={"webhook-signature": "x"}), "/headers/webhook-signature"),
        (call(headers={"X": "1", "x": "2"}), "/headers"),
        (call(headers={f"X-{n}": "1" for n in range(51)}), "/headers"),
        (call(expect=[]), "/expect"),
        (call(sign="secret://a"), "/sign"),
        (call(expect=["2xx", 600]), "/expect/1"),
        (call(expect=[True]), "/expect/0"),
        (call(expect=["200"]), "/expect/0"),
        (call(expect=[101]), "/expect/0"),
        (call(redirects="maybe"), "/redirects"),
        (call(sign={}), "/sign/secrets"),
        (call(sign={"secrets": []}), "/sign/secrets"),
        (call(sign={"secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}), "/sign/secrets/0"),
        (call(sign={"secrets": ["secret://a"] * 6}), "/sign/secrets"),
        ({"url": "http://u:p@a/", "headers": {"authorization": "x"}}, "/headers/authorization"),
    ],
)
def test_wrong_calls_are_told_at_their_place(payload: JsonValue, pointer: str) -> None:
    found = payload_errors("http", payload)
    assert f"/payload{pointer}" in {error.pointer for error in found}
    assert "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" not in str(found)


@pytest.mark.parametrize(
    ("payload", "pointer"),
    [
        (None, ""),
        ({}, "/topic"),
        ({"topic": "a"}, "/value"),
        ({"topic": "", "value": 1}, "/topic"),
        ({"topic": "a/b", "value": 1}, "/topic"),
        ({"topic": ".", "value": 1}, "/topic"),
        ({"topic": "__transaction_state", "value": 1}, "/topic"),
        ({"topic": "a" * 250, "value": 1}, "/topic"),
        ({"topic": "a", "value": None}, ""),
        ({"topic": "a", "value": 1, "key": {}}, "/key"),
        ({"topic": "a", "value": 1, "headers": {"Tasker-Run-Id": "x"}}, "/headers/Tasker-Run-Id"),
        ({"topic": "a", "value": 1, "headers": {"a": 1}}, "/headers/a"),
        ({"topic": "a", "value": 1, "partition": 1}, "/partition"),
    ],
)
def test_wrong_messages_are_told_at_their_place(payload: JsonValue, pointer: str) -> None:
    assert f"/payload{pointer}" in pointers("kafka", payload)


@pytest.mark.parametrize("value", ["text", {"a": 1}, [], 0, False, ""])
def test_good_messages(value: JsonValue) -> None:
    assert payload_errors("kafka", {"topic": "a", "value": value}) == []
    assert payload_errors("kafka", {"topic": "a.b_c-D", "key": "", "value": None, "headers": {"a": "b"}}) == []


@pytest.mark.parametrize("payload", [URL, {"url": URL}, "http://user:secret://p@a/"])
def test_good_targets_of_curl(payload: JsonValue) -> None:
    assert payload_errors("curl", payload) == []


@pytest.mark.parametrize(
    ("payload", "pointer"),
    [
        (None, ""),
        (5, ""),
        ("ftp://a/", ""),
        ({"url": 5}, "/url"),
        ({}, "/url"),
        ({"url": URL, "a": 1}, "/a"),
        ([URL], ""),
    ],
)
def test_wrong_targets_of_curl(payload: JsonValue, pointer: str) -> None:
    (error,) = payload_errors("curl", payload)
    assert error.pointer == f"/payload{pointer}"
    assert error.message.startswith("curl needs a URL")


@pytest.mark.parametrize(
    ("given", "method"),
    [({}, "GET"), ({"body": None}, "GET"), ({"body": ""}, "POST"), ({"body": 0, "method": "PUT"}, "PUT")],
)
def test_the_method_follows_from_the_body(given: dict[str, Any], method: str) -> None:
    assert http_call(call(**given)).verb == method


def test_what_is_expected() -> None:
    assert [http_call(call()).expects(status) for status in (200, 299, 300, 404)] == [True, True, False, False]
    odd = http_call(call(expect=["4xx", 301]))
    assert [odd.expects(status) for status in (200, 301, 302, 404)] == [False, True, False, True]


@pytest.mark.parametrize(
    ("url", "safe", "userinfo"),
    [
        ("http://a/", "http://a/", False),
        ("http://a/x@y", "http://a/x@y", False),
        ("http://a?x@y", "http://a?x@y", False),
        ("http://u@a/", "http://u@a/", True),
        ("http://u:secret://n@a/", "http://u:secret%3A%2F%2Fn@a/", True),
        ("http://secret://u:secret://n@a/", "http://secret%3A%2F%2Fu:secret%3A%2F%2Fn@a/", True),
        ("http://a/secret://n@b", "http://a/secret://n@b", False),
    ],
)
def test_references_in_userinfo_are_sheltered(url: str, safe: str, userinfo: bool) -> None:
    assert (sheltered(url), has_userinfo(url)) == (safe, userinfo)


def test_names() -> None:
    assert names_in("Bearer secret://a.b and secret://C_d-1, secret:// secret://.x") == ["a.b", "C_d-1"]


def test_every_handler_is_described_with_its_schema() -> None:
    handlers = {one["name"]: one for one in described()}
    assert handlers.keys() == {"default", "curl", "http", "kafka"}
    assert handlers["http"]["payload_schema"]["required"] == ["url"]
    assert handlers["kafka"]["payload_schema"]["required"] == ["topic", "value"]
    assert all(one["description"] for one in handlers.values())
