"""Dead letters: look at them, one by one or by their cause, and redrive one or several."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from tasker_api.commands import redrives
from tasker_api.conversion.dead_letters import dead_letter_group, dead_letter_item
from tasker_api.dead_letters.causes import MAX_CAUSE
from tasker_api.dead_letters.letter_filter import LetterFilter
from tasker_api.openapi.openapi_document import PENDING, request_body
from tasker_api.problems import kafka_away
from tasker_api.queries.cursor import decode_cursor, encode_cursor, invalid_cursor
from tasker_api.request_dependencies import Body, Builder, Context, validated
from tasker_api.schemas.dead_letters import (
    DeadLetterGroups,
    DeadLetterList,
    RedriveInput,
    RedriveOutcomes,
    RedriveResponse,
)
from tasker_core.ids import TaskId
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout

router = APIRouter(tags=["system"], prefix="/dead-letters")
ORDER = "dead-letters"
Number = Annotated[int, Path(ge=0, le=2**53 - 1)]


class DeadLettersQuery(BaseModel):
    """Which dead letters, and which page of them."""

    service: Annotated[str | None, Field(max_length=100, description="who wrote it")] = None
    topic: Annotated[str | None, Field(max_length=249, description="where its record came from")] = None
    cause: Annotated[str | None, Field(max_length=MAX_CAUSE, description="as the list and the groups say it")] = None
    task_id: TaskId | None = None
    q: Annotated[str | None, Field(max_length=200, description="a part of the reason or the value")] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: str | None = None


@router.get("")
async def list_dead_letters(context: Context, query: Annotated[DeadLettersQuery, Query()]) -> DeadLetterList:
    """A page of dead letters, newest first; they are kept for 30 days. A page of large ones is shorter than `limit`.

    With filters it may be short, or empty, and yet have a `next_cursor`: so far has been looked.
    """
    store = context.dead_letters
    before = None if query.cursor is None else decode_cursor(ORDER, query.cursor, store.partitions)
    if before is not None and not all(isinstance(offset, int) for offset in before):
        raise invalid_cursor()
    letter_filter = LetterFilter(query.service, query.topic, query.task_id, query.cause, query.q)
    try:
        page = await store.page(None if before is None else dict(enumerate(before)), query.limit, letter_filter)
    except (KafkaError, KafkaTimeout) as error:
        raise kafka_away(error) from error
    next_cursor = None if page.before is None else encode_cursor(ORDER, *page.before.values())
    items = [dead_letter_item(dead_letter, store.topics) for dead_letter in page.dead_letters]
    return DeadLetterList(items=items, next_cursor=next_cursor)


@router.get("/groups")
async def group_dead_letters(context: Context) -> DeadLetterGroups:
    """The newest dead letters, up to 10,000, by service, topic and cause: the largest group first."""
    store = context.dead_letters
    try:
        found = await store.groups()
    except (KafkaError, KafkaTimeout) as error:
        raise kafka_away(error) from error
    largest_first = sorted(found.groups.items(), key=lambda one: (-one[1].count, -one[1].newest.written_ms))
    items = [dead_letter_group(key, group, store.topics) for key, group in largest_first]
    return DeadLetterGroups(items=items, looked_at=found.looked_at, complete=found.complete)


@router.post("/redrive", openapi_extra=request_body(RedriveInput))
async def redrive_dead_letters(context: Context, builder: Builder, body: Body) -> RedriveOutcomes:
    """Try again with some dead letters, up to 100. What can't be done with one keeps no other from it."""
    ids = list(dict.fromkeys(validated(RedriveInput, body).ids))
    places = [(int(partition), int(offset)) for partition, _, offset in (one.partition("-") for one in ids)]
    return RedriveOutcomes(items=await redrives.redrive_many(context, builder, places))


@router.post("/{partition}/{offset}/redrive", responses=PENDING)
async def redrive_dead_letter(context: Context, builder: Builder, partition: Number, offset: Number) -> RedriveResponse:
    """Try again with a dead letter, which stays where it is.

    An event or a result is sent back as it was. A run is run again by a trigger of its task with the same payload:
    only the ticker writes what executors take their runs from. 409 for what can't be redriven.
    """
    return await redrives.redrive(context, builder, partition, offset)
