"""How a handler is declared: a function, with its description and where it runs."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, cast, overload

import msgspec
from pydantic import JsonValue, TypeAdapter, ValidationError

from tasker.failure import Failed
from tasker.run import Run
from tasker_core.errors import field_errors

Mode = Literal["async", "thread", "process"]
P = TypeVar("P")
Function = Callable[[Run[P]], object]
"""An `async def` for mode `async`, a `def` for the others; what it returns (JSON) becomes the result."""


@dataclass(frozen=True, slots=True)
class Handler(Generic[P]):
    """A declared handler, which can be called like its function."""

    function: Function[P]
    description: str
    mode: Mode
    import_path: str
    """Where another process finds it: `module:name`."""
    schema: Mapping[str, Any] | None = None
    """The JSON Schema of its payload; None: any payload."""
    adapter: TypeAdapter[Any] | None = None
    """Makes the payload what the handler declares."""

    def __call__(self, run: Run[P]) -> object:
        """Call the function itself."""
        return self.function(run)

    def decoded(self, payload: bytes) -> Any:
        """A payload as the handler wants it. Raises Failed, not to be tried again, when it is not of its schema."""
        if self.adapter is None:
            return msgspec.json.decode(payload)
        try:
            return self.adapter.validate_json(payload)
        except ValidationError as error:
            wrong = field_errors(error.errors(include_url=False))
            reasons = "; ".join(f"{one.pointer or 'the payload'}: {one.message}" for one in wrong[:10])
            raise Failed("invalid_payload", reasons, retry=False) from error


@overload
def handler(
    *, payload: type[P], description: str | None = None, mode: Mode = "async"
) -> Callable[[Function[P]], Handler[P]]: ...
@overload
def handler(
    *, payload: Mapping[str, Any] | None = None, description: str | None = None, mode: Mode = "async"
) -> Callable[[Function[JsonValue]], Handler[JsonValue]]: ...
def handler(*, payload: Any = None, description: str | None = None, mode: Mode = "async") -> Any:
    """Declare a function as a handler; its name is that of its entry point in the group `tasker.handlers`.

    `payload` is what tasks must bring: a pydantic model (or any type that pydantic knows), a JSON Schema, or None for
    anything. Tasks with another payload are rejected when they are saved. `description` is for people; by
    default it is the beginning of the docstring.

    `mode` is where it runs: `async` (an `async def`) in the executor's own event loop; `thread` (a `def`) in a thread,
    for what blocks: look at `run.cancelled` now and then, a thread can't be stopped; `process` (a `def`) in a process
    of its own, for heavy computing: it is killed when it is cancelled or out of time.
    """
    adapter: TypeAdapter[Any] | None = None
    schema: Mapping[str, Any] | None = None
    if isinstance(payload, Mapping):
        schema = cast("Mapping[str, Any]", payload)
    elif payload is not None:
        adapter = TypeAdapter(payload)
        schema = adapter.json_schema()

    def declare(function: Function[Any]) -> Handler[Any]:
        _fits(function, mode)
        return Handler(
            function, description or first_paragraph(function), mode, _import_path(function), schema, adapter
        )

    return declare


def as_handler(found: object) -> Handler[Any]:
    """The handler that an entry point names: a declared one, or a plain `async def`. Raises TypeError for others."""
    if isinstance(found, Handler):
        return cast("Handler[Any]", found)
    if not inspect.isroutine(found):
        raise TypeError(f"{found!r} is no handler: name an `async def`, or a function with @tasker.handler(…)")
    function = cast("Function[Any]", found)
    _fits(function, "async")
    return Handler(function, first_paragraph(function), "async", _import_path(function))


def first_paragraph(function: Callable[..., Any]) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join((inspect.getdoc(function) or "").partition("\n\n")[0].split())


def _import_path(function: Callable[..., Any]) -> str:
    return f"{function.__module__}:{function.__qualname__}"


def _fits(function: Callable[..., Any], mode: Mode) -> None:
    if inspect.iscoroutinefunction(function) == (mode == "async"):
        return
    if mode == "async":
        raise TypeError(f"{function!r} is no `async def`: make it one, or declare mode='thread' or mode='process'")
    raise TypeError(f"{function!r} is an `async def`, which runs in mode 'async' only")
