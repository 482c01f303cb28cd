"""How handlers are declared, and what they make of payloads."""

import pytest
from pydantic import BaseModel, JsonValue

from tasker import Failed, Handler, Run, handler
from tasker.handler_declaration import as_handler
from tasker.testing import attempt
from tasker_core.errors import InvalidInput


class Parcel(BaseModel):
    """What is sent."""

    weight: float
    to: list[str] = []


@handler(payload=Parcel)
async def send(run: Run[Parcel]) -> float:
    """Sends a parcel
    somewhere.

    And more that nobody reads.
    """
    return run.payload.weight * run.attempt


@handler(payload={"type": "string"}, description="Says it again.")
async def echo(run: Run[JsonValue]) -> JsonValue:
    """Not this."""
    return run.payload


async def plain(run: Run[JsonValue]) -> JsonValue:
    """Takes anything."""
    return run.payload


async def test_a_model_is_schema_and_type_of_the_payload() -> None:
    assert send.description == "Sends a parcel somewhere."
    assert send.schema is not None
    assert send.schema["required"] == ["weight"]
    assert (await attempt(send, {"weight": 2}, number=3)).result == 6
    with pytest.raises(InvalidInput, match="weight"):
        await attempt(send, {"to": []})


async def test_a_schema_gives_plain_values_and_no_schema_takes_anything() -> None:
    assert (echo.description, (await attempt(echo, "x")).result) == ("Says it again.", "x")
    assert (await attempt(plain, {"any": [1, None]})).result == {"any": [1, None]}
    assert as_handler(plain).description == "Takes anything."


def test_a_payload_that_got_past_the_schema_fails_for_good() -> None:
    with pytest.raises(Failed, match="/weight: required") as failed:
        send.decoded(b'{"to": []}')
    assert (failed.value.kind, failed.value.retry) == ("invalid_payload", False)


def blocking(run: Run[JsonValue]) -> None:
    """Blocks."""


@pytest.mark.parametrize("thing", [blocking, 3, Parcel, "text", None])
def test_what_is_no_handler_is_refused(thing: object) -> None:
    with pytest.raises(TypeError):
        as_handler(thing)


def test_the_mode_must_fit_the_function() -> None:
    with pytest.raises(TypeError, match="declare mode='thread'"):
        handler()(blocking)
    with pytest.raises(TypeError, match="mode 'async' only"):
        handler(mode="process")(plain)
    assert isinstance(handler(mode="thread")(blocking), Handler)


async def test_progress_is_a_share() -> None:
    async def wrong(run: Run[JsonValue]) -> None:
        run.progress(7)

    assert (await attempt(wrong)).message == "ValueError: progress is a share from 0 to 1, not 7"
