"""Backfills: past nominal times of a task to be run, at a rate of their own."""

from typing import Any

from fastapi import APIRouter

from tasker_api import convert
from tasker_api.backfills import Selection, counted, selected
from tasker_api.body import takes
from tasker_api.deps import Services, validated
from tasker_api.problems import not_found
from tasker_api.routing import PENDING, Body, Issue, TaskIdPath, Use
from tasker_api.schemas_runs import Backfilled, BackfillInput
from tasker_core.errors import FieldError, InvalidInput
from tasker_core.events.event_data import BackfillData
from tasker_core.events.event_data import validated as checked
from tasker_core.time.instant import from_ms, rfc3339_second
from tasker_core.time.zones import BEGIN_OF_TIME
from tasker_runtime.documents import TaskDocument

router = APIRouter(tags=["tasks"])
CLOCKS_SECONDS = 10
"""So far the ticker's clock may be ahead of ours: it has the last word on what is past."""


@router.post("/tasks/{task_id}/backfills", responses=PENDING, openapi_extra=takes(BackfillInput))
async def backfill_task(task_id: TaskIdPath, body: Body, issue: Issue, use: Use) -> Backfilled:
    """Run past nominal times in the background, at a `rate`: a range, some `times`, or `only` missed or failed ones."""
    asked = validated(BackfillInput, body)
    if asked.only is None:
        data = {name: body[name] for name in ("start", "end", "times", "rate") if name in body}
        wanted = checked(BackfillData, {"task_id": task_id, **data})
        chosen, is_more = list(wanted.times or ()), False
        if wanted.start is not None and wanted.end is not None:
            if wanted.end > use.clock.now_ms() // 1000 + CLOCKS_SECONDS:
                message = "lies in the future; what is to come is the schedule's"
                raise InvalidInput([FieldError(pointer="/end", message=message)])
            schedule = convert.schedule((await _task(use, task_id))["schedule_json"])[0]
            chosen, is_more = counted(schedule, wanted.start, wanted.end)
        answer = _answer(task_id, asked, chosen).model_copy(update={"is_more": is_more})
    else:
        if not asked.dry_run and (stood := await issue.answered("backfill", task_id, body)):
            return Backfilled(event_id=stood["event_id"], task_id=task_id, rate=asked.rate, count=None)
        found = await _selected(use, task_id, asked)
        data = {"times": [rfc3339_second(time) for time in sorted(found.times)], "rate": asked.rate}
        answer = _answer(task_id, asked, sorted(found.times))
        answer = answer.model_copy(update={"cut": found.cut, "cut_is_more": found.is_more})
        if not found.times:
            return answer
    if asked.dry_run:
        return answer
    verdict = await issue.carry_out("backfill", task_id, {"task_id": task_id, **data}, asked=body)
    return answer.model_copy(update={"event_id": verdict["event_id"]})


async def _selected(use: Services, task_id: str, asked: BackfillInput) -> Selection:
    if asked.times is not None:
        message = "leave it out: `only` finds the times, and `start` and `end` may bound them"
        raise InvalidInput([FieldError(pointer="/times", message=message)])
    assert asked.only is not None, "the caller looked"
    now = use.clock.now_ms() // 1000
    # Both are checked by the rules of a range; the one that is left out is open.
    start, end = asked.start or rfc3339_second(BEGIN_OF_TIME), asked.end or rfc3339_second(now + 1)
    bounds = checked(BackfillData, {"task_id": task_id, "start": start, "end": end})
    assert bounds.start is not None, "given"
    assert bounds.end is not None, "given"
    return await selected(use.store, await _task(use, task_id), asked.only, bounds.start, min(bounds.end, now + 1))


async def _task(use: Services, task_id: str) -> TaskDocument:
    found = await use.store.task(task_id)
    if found is None:
        raise not_found(f"the task {task_id!r}")
    return found


def _answer(task_id: str, asked: BackfillInput, times: list[int]) -> Backfilled:
    ends: dict[str, Any] = {}
    if times:
        ends = {"first": from_ms(times[0] * 1000), "last": from_ms(times[-1] * 1000)}
    return Backfilled(event_id=None, task_id=task_id, rate=asked.rate, count=len(times), **ends)
