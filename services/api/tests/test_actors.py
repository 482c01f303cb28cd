"""Who is named in the history: whatever letters the name has."""

from types import SimpleNamespace

import pytest
from fastapi import Request

from tasker_api.access.caller import WITHOUT_KEYS, Caller
from tasker_api.problems import Problem
from tasker_api.request_dependencies import builder

ANN = Caller("ann", "operator")


async def actor_of(sent: bytes, caller: Caller = WITHOUT_KEYS) -> str | None:
    """Who it is for a header of these bytes, read as ASGI servers and Starlette do."""
    app = SimpleNamespace(state=SimpleNamespace(context=SimpleNamespace(tasks=None)))
    request = Request({"type": "http", "headers": [], "app": app, "state": {"caller": caller}})
    return (await builder(request, "key", sent.decode("latin-1"))).actor


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (b"ann", "ann"),
        ("Zoë Łukasz 山田".encode(), "Zoë Łukasz 山田"),
        ("Zoë".encode("latin-1"), "Zoë"),
        (b"\xed\xa0\x80", "\xed\xa0\x80"),  # a surrogate, which no text in UTF-8 has
    ],
)
async def test_a_name_is_read_as_it_was_written(sent: bytes, name: str) -> None:
    assert await actor_of(sent) == name
    assert await actor_of(sent, ANN) == f"ann: {name}"


async def test_its_characters_are_counted() -> None:
    assert await actor_of(("ë" * 200).encode()) == "ë" * 200
    with pytest.raises(Problem, match="must have 1 to 200 characters"):
        await actor_of(("ë" * 201).encode())
