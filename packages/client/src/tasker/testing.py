"""The test kit for handlers: carries one attempt out as the executor does, without Kafka.

outcome = await attempt(greet, {"name": "Ada"})
assert outcome.result == {"greeting": "Hello, Ada!"}
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec
from pydantic import JsonValue

from tasker.execution import execute
from tasker.failure import Failed
from tasker.handler_declaration import as_handler
from tasker.process_pool import ProcessPool
from tasker.run import LOGGER, After, AttemptControl, AttemptSpec, Kind, Progress
from tasker_core.errors import InvalidInput
from tasker_core.handlers.payload_schema import PayloadSchema
from tasker_core.handlers.result import UnusableResult, encode_result

NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(slots=True)
class Outcome:
    """What became of an attempt.

    `result` is JSON as it would be logged. `kind`, `message` and `retry` describe a failure: `timeout`, `error`
    (another exception than Failed, kept in `cause`), `result_not_json`, `result_too_large`, or the handler's own kind.
    """

    outcome: Literal["succeeded", "failed", "cancelled"]
    result: JsonValue = None
    kind: str | None = None
    message: str = ""
    retry: bool = True
    cause: BaseException | None = None
    progress: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    lines: list[str] = field(default_factory=list[str])
    """What the handler logged, from the level INFO up."""


async def attempt(
    handler: object,
    payload: object = None,
    *,
    limit: timedelta = timedelta(seconds=30),
    cancel: Awaitable[object] | None = None,
    on_progress: Callable[[float, str], None] = lambda _done, _message: None,
    task_id: str = "task",
    task_name: str = "Task",
    run_id: str = "0123456789abcdef0123456789abcdef",
    kind: Kind = "scheduled",
    nominal_at: datetime = NOON,
    number: int = 1,
    after: After | None = None,
) -> Outcome:
    """Carry out one attempt, the `number`-th, of a made-up run, with a declared handler or a plain `async def`.

    `after` is the run whose end has started this one. `limit` is the task's time-out. `cancel`: the attempt is
    cancelled when this is done. `on_progress` is called in the event loop. Raises InvalidInput when the payload breaks
    the handler's schema (no task would be saved with it), UnusableSchema when that is none.
    """
    found, seen, raw = as_handler(handler), Outcome("succeeded"), msgspec.json.encode(payload)
    if found.schema is not None:
        errors = PayloadSchema(msgspec.json.encode(found.schema)).errors(msgspec.json.decode(raw))
        if errors:
            raise InvalidInput(errors)
    spec = AttemptSpec(
        task_id=task_id,
        task_name=task_name,
        run_id=run_id,
        kind=kind,
        nominal_at=nominal_at,
        effective_at=nominal_at,
        attempt=number,
        handler="handler",
        payload=msgspec.Raw(raw),
        timeout=limit.total_seconds(),
        deadline=nominal_at + limit,
        after=after,
    )
    loop = asyncio.get_running_loop()

    def on_attempt_progress(progress: Progress) -> None:
        seen.progress.append((progress.done, progress.message))
        loop.call_soon_threadsafe(on_progress, progress.done, progress.message)

    control, processes, lines = AttemptControl(on_attempt_progress), ProcessPool(1), _Lines(seen.lines)
    logger = logging.getLogger(LOGGER)
    level = logger.level
    logger.addHandler(lines)
    logger.setLevel(logging.INFO)
    try:
        await _finish(asyncio.create_task(execute(found, spec, control, processes)), limit, cancel, seen)
    finally:
        logger.removeHandler(lines)
        logger.setLevel(level)
        await processes.close()
    return seen


async def _finish(
    work: asyncio.Task[object], limit: timedelta, cancel: Awaitable[object] | None, seen: Outcome
) -> None:
    stop = None if cancel is None else asyncio.ensure_future(cancel)
    await asyncio.wait(
        {work} if stop is None else {work, stop},
        timeout=limit.total_seconds(),
        return_when=asyncio.FIRST_COMPLETED,
    )
    in_time, wanted_to_stop = work.done(), stop is not None and stop.done()
    if stop is not None:
        stop.cancel()
    if not in_time:
        work.cancel()
        await asyncio.wait({work})
    try:
        result = await work
    except asyncio.CancelledError as error:
        if in_time:
            _fail(seen, "error", f"CancelledError: {error}", cause=error)
        elif wanted_to_stop:
            seen.outcome, seen.message = "cancelled", "cancelled on request"
        else:
            _fail(seen, "timeout", f"not finished within {limit}")
    except Failed as failed:
        _fail(seen, failed.kind, failed.message, retry=failed.retry, cause=failed)
        with contextlib.suppress(UnusableResult):
            seen.result = msgspec.json.decode(encode_result(failed.result))
    except Exception as error:  # noqa: BLE001 -- a handler may raise anything
        _fail(seen, "error", f"{type(error).__name__}: {error}", cause=error)
    else:
        try:
            seen.result = msgspec.json.decode(encode_result(result))
        except UnusableResult as error:
            _fail(seen, error.kind, str(error), retry=False, cause=error.__cause__)


def _fail(seen: Outcome, kind: str, message: str, *, retry: bool = True, cause: BaseException | None = None) -> None:
    seen.outcome, seen.kind, seen.message, seen.retry, seen.cause = "failed", kind, message, retry, cause


class _Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.INFO)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self._lines.append(record.getMessage())
