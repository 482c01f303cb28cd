"""Dead letters: look at them, and redrive one."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from tasker_api import cursor as cursors
from tasker_api.deps import Services
from tasker_api.problems import Problem, not_found
from tasker_api.redrive import shown, way_of
from tasker_api.routing import PENDING, Issue, Use
from tasker_api.schemas_letters import DeadLetterList, Redriven
from tasker_api.triggers import again
from tasker_core.dead_letter import DeadLetter
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout

router = APIRouter(tags=["system"], prefix="/dead-letters")
ORDER = "dead-letters"


@router.get("")
async def list_dead_letters(
    use: Use, limit: Annotated[int, Query(ge=1, le=100)] = 50, cursor: str | None = None
) -> DeadLetterList:
    """A page of dead letters, newest first; they are kept for 30 days. A page of large ones is shorter than `limit`."""
    box = use.letters
    before = None if cursor is None else cursors.read(ORDER, cursor, box.partitions)
    if before is not None and not all(isinstance(offset, int) for offset in before):
        raise cursors.wrong()
    try:
        page = await box.page(None if before is None else dict(enumerate(before)), limit)
    except (KafkaError, KafkaTimeout) as error:
        raise _away(error) from error
    following = None if page.before is None else cursors.write(ORDER, *page.before.values())
    return DeadLetterList(items=[shown(letter, box.topics) for letter in page.letters], next_cursor=following)


@router.post("/{partition}/{offset}/redrive", responses=PENDING)
async def redrive_dead_letter(use: Use, issue: Issue, partition: int, offset: int) -> Redriven:
    """Try again with a dead letter, which stays where it is.

    An event or a result is sent back as it was. A run is run again by a trigger of its task with the same payload:
    only the ticker writes what executors take their runs from. 409 for what can't be redriven.
    """
    letter = await _letter(use, partition, offset)
    way = way_of(letter, use.letters.topics)
    if way.run is not None:
        note = f"redrive of dead letter {partition}-{offset}, run {way.run.run_id}"
        made = await again(use, issue, way.run.task_id, bytes(way.run.payload).decode(), {"note": note})
        told = "the task was triggered with the payload of the run; it is a manual run of its own"
        return Redriven(how="run_again", note=told, **made.model_dump())
    if way.how is None:
        raise Problem(409, f"this dead letter can't be redriven: {way.obstacle}")
    try:
        place = await use.letters.send_back(letter)
    except (KafkaError, KafkaTimeout) as error:
        raise _away(error, " Whether it was sent is unknown.") from error
    told = "the same bytes are there again; what still can't use them makes a new dead letter of them"
    where: dict[str, Any] = place._asdict()
    return Redriven(how="sent_back", note=told, topic=letter.topic, **where)


async def _letter(use: Services, partition: int, offset: int) -> DeadLetter:
    try:
        found = await use.letters.one(partition, offset)
    except (KafkaError, KafkaTimeout) as error:
        raise _away(error) from error
    if found is None:
        raise not_found(f"a dead letter at partition {partition}, offset {offset} (they are kept for 30 days)")
    return found


def _away(error: Exception, more: str = "") -> Problem:
    return Problem(503, f"Kafka does not answer ({error}).{more}", headers={"Retry-After": "2"})
