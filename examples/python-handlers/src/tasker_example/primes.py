"""Mode `process`: for what computes. It runs in a process of its own, which is killed when its time is over."""

from typing import Any

from pydantic import JsonValue

from tasker import Run, handler

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["below"],
    "additionalProperties": False,
    "properties": {"below": {"type": "integer", "minimum": 0, "maximum": 1_000_000_000}},
}
"""A JSON Schema does as well as a model; the payload then comes as plain values."""


@handler(payload=SCHEMA, mode="process")
def primes(run: Run[JsonValue]) -> dict[str, int]:
    """Counts the primes below a number, without any cleverness."""
    assert isinstance(run.payload, dict)
    below = run.payload["below"]
    assert isinstance(below, int)
    found = 0
    for number in range(2, below):
        if number % 10_000 == 0:
            run.progress(number / below, f"{found} so far")
        found += all(number % divisor for divisor in range(2, int(number**0.5) + 1))
    return {"primes": found}
