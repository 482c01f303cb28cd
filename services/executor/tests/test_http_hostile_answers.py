"""What servers and tasks could make to hold up all calls of an executor: none of it takes long."""

from collections.abc import Callable
from time import thread_time

import msgspec
import pytest
from backports import zstd

from tasker_core.handlers.parameters.http import http_call
from tasker_core.handlers.parameters.templates.template import Filling
from tasker_core.handlers.parameters.templates.variables import run_variables
from tasker_executor.http.body.charset import codec_of
from tasker_executor.http.body.response_body import ResponseBody
from tasker_executor.http.secrets.redaction import REDACTED, Redaction
from tasker_executor.testing.target_server import run_of

SOON_SECONDS = 0.05
"""Of CPU: what is not bounded took from twice to eighty times as long, and what is takes a tenth."""


def seconds_for(work: Callable[[], object]) -> float:
    """The least of three, so that what only the first one pays does not count."""
    taken: list[float] = []
    for _ in range(3):
        started = thread_time()
        work()
        taken.append(thread_time() - started)
    return min(taken)


def test_a_page_that_begins_to_declare_a_charset_again_and_again() -> None:
    page = b"<meta" * 39 + b"charset=" + b" " * 800
    assert codec_of(page, None, markup=True) == "utf-8"
    assert seconds_for(lambda: codec_of(page, None, markup=True)) < SOON_SECONDS


@pytest.mark.parametrize("frame", [zstd.compress(b""), zstd.compress(b"a"), b"\x50\x2a\x4d\x18\x00\x00\x00\x00"])
def test_a_body_of_thousands_of_small_frames(frame: bytes) -> None:
    def read() -> ResponseBody:
        body = ResponseBody("zstd")
        body.add(frame * (64 * 1024 // len(frame)))
        return body

    assert read().truncated
    assert seconds_for(read) < SOON_SECONDS


def test_as_many_frames_as_are_really_sent() -> None:
    body = ResponseBody("zstd")
    body.add(zstd.compress(b"line\n") * 90)
    assert (body.text(), body.truncated) == ("line\n" * 90, False)


def test_many_secrets_that_begin_alike() -> None:
    redaction = Redaction()
    for index in range(50):
        redaction.add(f'aaaaaa<&"{index}')
        redaction.add(f"aaaab{index}")
    assert seconds_for(lambda: redaction.value({"body": "a" * 65_536})) < SOON_SECONDS


@pytest.mark.parametrize("end", ["", "y"])
def test_a_long_secret_that_repeats_itself_and_an_answer_that_is_cut_in_it(end: str) -> None:
    redaction = Redaction()
    for first in "ABCDEFGH":
        redaction.add(first + "a" * 7_900 + "<x")
        redaction.add("a" * 7_900 + "<" + first)
    result = {
        "body": "a" * (65_536 - len(end)) + end,
        "truncated": True,
        "headers": dict.fromkeys("uvwxyz", "a" * 5_000),
    }
    assert seconds_for(lambda: redaction.value(result)) < SOON_SECONDS


def test_the_beginning_of_a_secret_is_found_wherever_its_first_letters_come_again() -> None:
    redaction, secret = Redaction(), "abcd" * 200 + "-end"
    redaction.add(secret)
    for length in (4, 5, 50, 799, 800, 803):
        assert redaction.text("x abc abcd." + secret[:length], cut=True).startswith("x abc abcd.[redacted]"), length
    assert redaction.text("abcd." * 20, cut=True) == "abcd." * 20


def test_secrets_that_overlap_and_one_that_is_a_part_of_the_mark() -> None:
    redaction = Redaction()
    redaction.add("act")
    redaction.add("secret-1")
    redaction.add("secret-12")
    assert redaction.text("secret-1 secret-12 act") == f"{REDACTED} {REDACTED} {REDACTED}"


@pytest.mark.parametrize(
    "payload",
    [
        {"data": {f"a{index}": 1 for index in range(3_000)}, "body": "{{payload.a0}}" * 2_300},
        {"timezone": "Europe/Berlin", "body": "{{nominal_at.date}}" * 3_200},
    ],
)
def test_thousands_of_templates_in_one_body(payload: dict[str, object]) -> None:
    parameters, run = http_call({"url": "https://example.com/", **payload}), run_of({"url": "https://example.com/"})
    assert len(msgspec.json.encode(payload)) < 64 * 1024

    def fill() -> object:
        filling = Filling(run_variables(run, parameters.data, parameters.timezone))
        return filling.body(str(parameters.body))

    assert seconds_for(fill) < 0.012
