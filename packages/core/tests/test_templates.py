"""Templates: what they may look like, what is filled in, and where."""

import string
from typing import Any, cast
from urllib.parse import unquote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue
from yarl import URL

from tasker_core.chains.links import Predecessor
from tasker_core.handlers.built_in import payload_errors
from tasker_core.handlers.parameters.templates.template import MAX_FILLED_BYTES, Filling, UnfilledTemplate, parse
from tasker_core.handlers.parameters.templates.templated_url import filled_url
from tasker_core.handlers.parameters.templates.variables import FORMATS, ROOTS, check_name, run_variables
from tasker_core.handlers.triggered_payload import triggered_payload
from tasker_core.messages.runs import Run

AT = "2026-03-29T00:30:00.000Z"
DATA: dict[str, JsonValue] = {
    "count": 3,
    "name": "Zoë & co",
    "none": None,
    "on": True,
    "items": [{"id": "a/b"}],
    "e": "",
}


def run(**more: Any) -> Run:
    fields: dict[str, Any] = {"task_id": "t-1", "task_name": "T", "generation": 1, "version": 1, "emitted_at": AT}
    fields |= {"run_id": "r1", "nominal_at": AT, "effective_at": "2026-03-29T00:31:05.000Z"}
    return Run(**fields | more)


def filling(timezone: str = "UTC", more: dict[str, JsonValue] | None = None, **run_fields: Any) -> Filling:
    return Filling(run_variables(run(**run_fields), DATA, timezone, more))


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain }} { text", "plain }} { text"),
        ("{{run_id}}/{{ task_id }}", "r1/t-1"),
        ("{{ nominal_at }}", AT),
        ("{{ effective_at.time }} {{ attempt }}", "00:31:05 1"),
        ("{{ payload.name }}, {{payload.count}}, {{ payload.on }}, {{ payload.none }}!", "Zoë & co, 3, true, !"),
        ("{{ payload.items.0.id }}", "a/b"),
        ("{{{{ run_id }}", "{{ run_id }}"),
        ("{{{ run_id }}}", "{r1}"),
        ("{{{{{{ run_id }}", "{{r1"),
        ("{{{{{{{ run_id }}}", "{{{r1}"),
        ('{"a":{"b":{{ payload.count }}}}', '{"a":{"b":3}}'),
        ("{{ after.run_id }}.", "."),
    ],
)
def test_texts(text: str, filled: str) -> None:
    assert filling().text(text) == filled


@pytest.mark.parametrize(
    ("form", "utc", "berlin"),
    [
        ("date", "2026-03-29", "2026-03-29"),
        ("yesterday", "2026-03-28", "2026-03-28"),
        ("time", "00:30:00", "01:30:00"),
        ("year", "2026", "2026"),
        ("month", "03", "03"),
        ("day", "29", "29"),
        ("hour", "00", "01"),
        ("minute", "30", "30"),
        ("second", "00", "00"),
        ("epoch", 1774744200, 1774744200),
        ("epoch_ms", 1774744200000, 1774744200000),
    ],
)
def test_every_format_of_an_instant(form: str, utc: JsonValue, berlin: JsonValue) -> None:
    text = f"{{{{ nominal_at.{form} }}}}"
    assert filling().json(text) == utc
    assert filling("Europe/Berlin").json(text) == berlin


def test_the_formats_are_all_tried() -> None:
    (mark,) = [one for one in test_every_format_of_an_instant.pytestmark if one.name == "parametrize"]  # type: ignore[attr-defined]
    assert {case[0] for case in mark.args[1]} == set(FORMATS)


@pytest.mark.parametrize(
    ("instant", "timezone", "date", "yesterday"),
    [
        ("2026-03-28T23:30:00.000Z", "Europe/Berlin", "2026-03-29", "2026-03-28"),
        ("2026-03-29T22:30:00.000Z", "Europe/Berlin", "2026-03-30", "2026-03-29"),  # the day of 23 hours lies between
        ("2026-10-25T23:30:00.000Z", "Europe/Berlin", "2026-10-26", "2026-10-25"),  # the day of 25 hours
        ("2026-01-01T03:00:00.000Z", "America/New_York", "2025-12-31", "2025-12-30"),
    ],
)
def test_dates_are_those_of_the_zone(instant: str, timezone: str, date: str, yesterday: str) -> None:
    filler = filling(timezone, nominal_at=instant)
    assert filler.text("{{ nominal_at.date }} {{ nominal_at.yesterday }}") == f"{date} {yesterday}"


def test_json_keeps_the_types_of_what_is_one_template() -> None:
    body: JsonValue = {
        "count": "{{ payload.count }}",
        "text": "n={{ payload.count }}",
        "list": ["{{ payload.items }}", "{{payload.on}}", "{{ payload.none }}", 7, None],
        "attempt": "{{ attempt }}",
        "{{ run_id }}": "{{{{",
    }
    assert filling().json(body) == {
        "count": 3,
        "text": "n=3",
        "list": [[{"id": "a/b"}], True, None, 7, None],
        "attempt": 1,
        "{{ run_id }}": "{{",
    }
    assert filling().body("x={{ payload.items }}") == 'x=[{"id":"a/b"}]'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ payload.missing }}", "no missing in the payload's data"),
        ("{{ payload.items.1 }}", "no 1 in the payload's data"),
        ("{{ payload.count.x }}", "no x in the payload's data"),
        ("{{ payload.items }}", "is a list"),
        ("{{ callback_url }}", "give the payload a callback"),
    ],
)
def test_what_can_not_be_filled_in_says_why(text: str, words: str) -> None:
    with pytest.raises(UnfilledTemplate, match=words):
        filling().text(text)


def test_values_are_not_filled_in_again() -> None:
    data: dict[str, JsonValue] = {"x": "{{ payload.y }}", "y": "{{ payload.x }}"}
    assert Filling(run_variables(run(), data, "UTC")).json(["{{ payload.x }}"]) == ["{{ payload.y }}"]


def test_what_is_filled_in_is_bounded() -> None:
    data: dict[str, JsonValue] = {"x": "a" * 30_000}
    body = ["{{ payload.x }}"] * (MAX_FILLED_BYTES // 30_000)
    assert len(cast("list[str]", Filling(run_variables(run(), data, "UTC")).json([*body]))) == len(body)
    with pytest.raises(UnfilledTemplate, match="1024 KiB"):
        Filling(run_variables(run(), data, "UTC")).json([*body, "{{ payload.x }}"])


def test_what_a_run_was_started_after() -> None:
    after = Predecessor(task_id="first", run_id="r0", nominal_at=AT, outcome="failed")
    filler = filling(more={"callback_url": "https://tasker/cb"}, after=after)
    text = "{{ after.task_id }} {{ after.run_id }} {{ after.outcome }} {{ after.nominal_at.date }} {{ callback_url }}"
    assert filler.text(text) == "first r0 failed 2026-03-29 https://tasker/cb"


@pytest.mark.parametrize(
    "wrong",
    [
        "{{ nominal }}", "{{ nominal_at.week }}", "{{ nominal_at.date.x }}", "{{ run_id.x }}", "{{ payload }}",
        "{{ after }}", "{{ after.x }}", "{{ after.run_id.x }}", "{{ after.nominal_at.x }}", "{{ }}", "{{ a b }}",
        "{{ payload.a | upper }}", "{{ 1 + 1 }}", "{{ payload['a'] }}", "{{ payload..a }}", "{{#if x}}", "{{ run_id",
        "{{", "{{ run_id }", "{{ payload.__class__.x() }}",
    ],
)  # fmt: skip
def test_wrong_templates_are_refused_at_their_place(wrong: str) -> None:
    headers: JsonValue = {"X": f"a {wrong}"}
    call: JsonValue = {"url": f"https://a.example/{wrong}", "headers": headers}
    body: JsonValue = {"a/b": [1, wrong], "c": wrong}
    found = payload_errors("http", call | {"body": body})
    places = {"/payload/url", "/payload/headers/X", "/payload/body/a~1b/1", "/payload/body/c"}
    assert {error.pointer for error in found} == places
    assert {error.pointer for error in payload_errors("http", {"url": "https://a.example/", "body": wrong})} == {
        "/payload/body"
    }


def test_every_name_is_taken() -> None:
    for root in ROOTS:
        text = f"{{{{ {root}{'.task_id' if root in ('payload', 'after') else ''} }}}}"
        call: JsonValue = {"url": f"https://a.example/{text}?{text}", "headers": {"X": text}, "body": [text]}
        assert payload_errors("http", call) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://{{ payload.host }}/", "https://a.{{ payload.tld }}/", "https://a:{{ payload.port }}/",
        "https://{{ payload.me }}@a/", "https://me:{{ payload.pw }}@a/", "{{ payload.url }}", "{{ payload.s }}://a/",
        "https:{{ payload.x }}", "https:/{{ payload.x }}", "https:///{{ payload.x }}", "http:\\\\{{ payload.x }}",
        "http://a\\{{ payload.x }}", "http://a\\@{{ payload.x }}/", "//{{ payload.x }}/",
    ],
)  # fmt: skip
def test_the_host_is_no_template(url: str) -> None:
    assert [error.pointer for error in payload_errors("http", {"url": url})] == ["/payload/url"]


values = st.one_of(st.text(max_size=8), st.text(alphabet="/.%2eE?#@\\:&=+ {}\r\n", max_size=6), st.integers())


@given(values, values)
def test_what_is_filled_in_stays_where_it_stands(segment: JsonValue, query: JsonValue) -> None:
    """Whatever a payload says: host, number of segments and of query parameters are those of the template."""
    text = "https://me:secret://pw@host.example:8443/a/x{{ payload.s }}/{{ payload.s }}/z?q={{ payload.q }}&r=1"
    assert payload_errors("http", {"url": text}) == []
    filler = Filling(run_variables(run(), {"s": segment, "q": query}, "UTC"))
    try:
        filled = filled_url(text, filler)
    except UnfilledTemplate:
        assert segment in ("", ".", "..")
        return
    url = URL(filled)
    assert (url.scheme, url.host, url.port, url.user, url.password) == (
        "https", "host.example", 8443, "me", "secret://pw",
    )  # fmt: skip
    parts = url.raw_path.split("/")
    assert [unquote(part) for part in parts] == ["", "a", f"x{segment}", str(segment), "z"]
    assert list(url.query.items()) == [("q", str(query)), ("r", "1")]


@pytest.mark.parametrize(
    "text", ["https://h/{{ payload.e }}/a", "https://h/a/{{ payload.none }}", "https://h/{{ payload.items }}"]
)
def test_a_part_of_a_path_is_never_empty_nor_an_object(text: str) -> None:
    with pytest.raises(UnfilledTemplate):
        filled_url(text, filling())


def test_dots_that_lead_elsewhere_are_refused_in_any_notation() -> None:
    data: dict[str, JsonValue] = {"d": "."}
    for url in ("https://h/a/.{{ payload.d }}/", "https://h/a/%2e{{ payload.d }}", "https://h/{{ payload.d }}?x"):
        with pytest.raises(UnfilledTemplate, match="another path"):
            filled_url(url, Filling(run_variables(run(), data, "UTC")))
    assert filled_url("https://h/v1.{{ payload.d }}", Filling(run_variables(run(), data, "UTC"))) == "https://h/v1.."


def test_a_url_that_becomes_too_long_is_refused() -> None:
    data: dict[str, JsonValue] = {"x": "a" * 8_000}
    with pytest.raises(UnfilledTemplate, match="8,000"):
        filled_url("https://h/?{{ payload.x }}", Filling(run_variables(run(), data, "UTC")))


@given(st.text(alphabet=string.ascii_letters + "{} ._", max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        parts = list(parse(text))
    except ValueError:
        return
    for part in parts:
        if not isinstance(part, str):
            with_root = ("payload", *part)
            check_name(with_root)
    if "{{" not in text:
        assert parts == [text]


def test_curl_says_where_templates_are_taken() -> None:
    payloads: list[JsonValue] = ["https://a/{{ run_id }}", {"url": "https://a/{{ run_id }}"}]
    for payload in payloads:
        (error,) = payload_errors("curl", payload)
        assert "handler http" in error.message


CALL: dict[str, JsonValue] = {"url": "https://a.example/", "data": {"a": 1, "b": 2}}


@pytest.mark.parametrize(
    ("handler", "given_payload", "expected"),
    [
        ("http", {"data": {"b": 3, "c": 4}}, CALL | {"data": {"a": 1, "b": 3, "c": 4}}),
        ("http", {"data": 5}, CALL | {"data": 5}),
        ("http", {"url": "https://b.example/", "data": {"b": 3}}, {"url": "https://b.example/", "data": {"b": 3}}),
        ("http", {"data": {}, "body": 1}, {"data": {}, "body": 1}),
        ("http", None, None),
        ("default", {"data": {"b": 3}}, {"data": {"b": 3}}),
    ],
)
def test_a_trigger_gives_other_fields_or_another_call(
    handler: str, given_payload: JsonValue, expected: JsonValue
) -> None:
    own = msgspec.Raw(msgspec.json.encode(CALL))
    assert triggered_payload(handler, own, given_payload) == expected
    assert triggered_payload("http", msgspec.Raw(b"null"), {"data": {}}) == {"data": {}}
    without = msgspec.Raw(b'{"url":"https://a.example/"}')
    assert triggered_payload("http", without, {"data": {"x": 1}}) == {"url": "https://a.example/", "data": {"x": 1}}
