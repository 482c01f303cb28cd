"""Dead letters: look at them, and redrive one."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from tasker_api.commands import redrives
from tasker_api.conversion.dead_letters import dead_letter_item
from tasker_api.openapi.openapi_document import PENDING
from tasker_api.problems import kafka_away
from tasker_api.queries.cursor import decode_cursor, encode_cursor, invalid_cursor
from tasker_api.request_dependencies import Builder, Context
from tasker_api.schemas.dead_letters import DeadLetterList, RedriveResponse
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout

router = APIRouter(tags=["system"], prefix="/dead-letters")
ORDER = "dead-letters"
Number = Annotated[int, Path(ge=0, le=2**53 - 1)]


@router.get("")
async def list_dead_letters(
    context: Context, limit: Annotated[int, Query(ge=1, le=100)] = 50, cursor: str | None = None
) -> DeadLetterList:
    """A page of dead letters, newest first; they are kept for 30 days. A page of large ones is shorter than `limit`."""
    store = context.dead_letters
    before = None if cursor is None else decode_cursor(ORDER, cursor, store.partitions)
    if before is not None and not all(isinstance(offset, int) for offset in before):
        raise invalid_cursor()
    try:
        page = await store.page(None if before is None else dict(enumerate(before)), limit)
    except (KafkaError, KafkaTimeout) as error:
        raise kafka_away(error) from error
    next_cursor = None if page.before is None else encode_cursor(ORDER, *page.before.values())
    items = [dead_letter_item(dead_letter, store.topics) for dead_letter in page.dead_letters]
    return DeadLetterList(items=items, next_cursor=next_cursor)


@router.post("/{partition}/{offset}/redrive", responses=PENDING)
async def redrive_dead_letter(context: Context, builder: Builder, partition: Number, offset: Number) -> RedriveResponse:
    """Try again with a dead letter, which stays where it is.

    An event or a result is sent back as it was. A run is run again by a trigger of its task with the same payload:
    only the ticker writes what executors take their runs from. 409 for what can't be redriven.
    """
    return await redrives.redrive(context, builder, partition, offset)
