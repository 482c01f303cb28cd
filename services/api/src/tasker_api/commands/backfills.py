"""Backfills: past nominal times of a task to be run, at a rate of their own."""

from typing import Any, NamedTuple

from tasker_api.api_context import ApiContext
from tasker_api.commands.backfill_selection import Selection, select_times
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.conversion.schedules import schedule_of_task
from tasker_api.schedules.nominal_times import first_times
from tasker_api.schemas.backfills import BackfillInput, BackfillResponse
from tasker_core.errors import FieldError, InvalidInput
from tasker_core.events.event_data import BackfillData
from tasker_core.events.event_data import validated as validated_data
from tasker_core.schedules.kinds.manual import NO_TIMES_TO_CATCH_UP_ON
from tasker_core.schedules.schedule import Schedule
from tasker_core.time.instant import from_ms, rfc3339_second
from tasker_core.time.zones import BEGIN_OF_TIME

CLOCK_SKEW_SECONDS = 10
"""So far the ticker's clock may be ahead of ours: its decision on what is past counts."""


class _Plan(NamedTuple):
    """The data of the event, and the response but for the event's id."""

    data: dict[str, Any]
    response: BackfillResponse


async def backfill(
    context: ApiContext, builder: CommandBuilder, task_id: str, request: BackfillInput, body: dict[str, Any]
) -> BackfillResponse:
    """Have past nominal times run; `body` is the request as it was sent.

    Raises Problem, InvalidInput or VerdictPending.
    """
    earlier = None if request.dry_run else await builder.earlier_verdict("backfill", task_id, body)
    if earlier is not None and (request.only is not None or await context.tasks.find(task_id) is None):
        return BackfillResponse(event_id=earlier["event_id"], task_id=task_id, rate=request.rate, count=None)
    if request.only is None:
        plan = await _of_request(context, task_id, request, body)
    else:
        plan = await _of_log(context, task_id, request)
        if plan.response.count == 0:
            return plan.response
    if request.dry_run:
        return plan.response
    verdict = await builder.execute("backfill", task_id, {"task_id": task_id, **plan.data}, request=body)
    return plan.response.model_copy(update={"event_id": verdict["event_id"]})


async def _of_request(context: ApiContext, task_id: str, request: BackfillInput, body: dict[str, Any]) -> _Plan:
    """A range, or single times, as the request names them."""
    data = {name: body[name] for name in ("start", "end", "times", "rate") if name in body}
    checked = validated_data(BackfillData, {"task_id": task_id, **data})
    times, is_more = list(checked.times or ()), False
    if checked.start is not None and checked.end is not None:
        if checked.end > context.clock.now_ms() // 1000 + CLOCK_SKEW_SECONDS:
            message = "lies in the future; what is to come is the schedule's"
            raise InvalidInput([FieldError(pointer="/end", message=message)])
        schedule = await context.schedule_of(await context.existing_task(task_id))
        _refuse_manual(schedule)
        times, is_more = first_times(schedule, checked.start, checked.end)
    return _Plan(data, _response(task_id, request, times).model_copy(update={"is_more": is_more}))


async def _of_log(context: ApiContext, task_id: str, request: BackfillInput) -> _Plan:
    """The times in the log that were missed, or failed."""
    selection = await _selection(context, task_id, request)
    times = sorted(selection.times)
    response = _response(task_id, request, times)
    response = response.model_copy(update={"cut": selection.cut, "cut_is_more": selection.is_more})
    return _Plan({"times": [rfc3339_second(time) for time in times], "rate": request.rate}, response)


async def _selection(context: ApiContext, task_id: str, request: BackfillInput) -> Selection:
    if request.times is not None:
        message = "leave it out: `only` finds the times, and `start` and `end` may bound them"
        raise InvalidInput([FieldError(pointer="/times", message=message)])
    assert request.only is not None, "the caller looked"
    now = context.clock.now_ms() // 1000
    # Both are checked by the rules of a range; the one that is left out is open.
    start, end = request.start or rfc3339_second(BEGIN_OF_TIME), request.end or rfc3339_second(now + 1)
    bounds = validated_data(BackfillData, {"task_id": task_id, "start": start, "end": end})
    assert bounds.start is not None, "given"
    assert bounds.end is not None, "given"
    task = await context.existing_task(task_id)
    _refuse_manual(schedule_of_task(task["schedule_json"], task_id))
    return await select_times(context, task, request.only, bounds.start, min(bounds.end, now + 1))


def _refuse_manual(schedule: Schedule) -> None:
    """What the ticker refuses too; here before anything is counted."""
    if schedule.is_manual:
        raise InvalidInput([FieldError(pointer="/task_id", message=NO_TIMES_TO_CATCH_UP_ON)])


def _response(task_id: str, request: BackfillInput, times: list[int]) -> BackfillResponse:
    ends: dict[str, Any] = {}
    if times:
        ends = {"first": from_ms(times[0] * 1000), "last": from_ms(times[-1] * 1000)}
    return BackfillResponse(event_id=None, task_id=task_id, rate=request.rate, count=len(times), **ends)
