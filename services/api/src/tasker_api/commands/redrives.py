"""Redrive dead letters: send their records back, or run their runs again."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from tasker_api.api_context import ApiContext
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.commands.triggers import trigger_again
from tasker_api.dead_letters.dead_letter_reader import LetterPlace
from tasker_api.dead_letters.redrive_plan import redrive_plan
from tasker_api.problems import Problem, kafka_away, not_found
from tasker_api.publishing.verdict import VerdictPending
from tasker_api.schemas.dead_letters import RedriveOutcome, RedriveResponse
from tasker_core.errors import InvalidInput
from tasker_core.messages.dead_letter import DeadLetter
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout

MAX_AT_ONCE: Final = 10


async def redrive(context: ApiContext, builder: CommandBuilder, partition: int, offset: int) -> RedriveResponse:
    """Do what the record's topic allows. Raises Problem (404, 409, 503), InvalidInput or VerdictPending."""
    found = await _existing(context, [(partition, offset)])
    return await _redrive(context, builder, (partition, offset), found.get((partition, offset)))


async def redrive_many(
    context: ApiContext, builder: CommandBuilder, places: Sequence[LetterPlace]
) -> list[RedriveOutcome]:
    """The same with each of several; what can't be done with one keeps no other from it. Raises Problem (503)."""
    found, slots = await _existing(context, places), asyncio.Semaphore(MAX_AT_ONCE)

    async def outcome(number: int, place: LetterPlace) -> RedriveOutcome:
        name = f"{place[0]}-{place[1]}"
        async with slots:
            try:
                done = await _redrive(context, builder.of_try(number), place, found.get(place))
            except Problem as problem:
                return RedriveOutcome(id=name, done=None, error=problem.detail)
            except InvalidInput as error:
                return RedriveOutcome(id=name, done=None, error=str(error))
            except VerdictPending as pending:
                note = "the task's trigger is on its way; nobody has decided on it yet"
                return RedriveOutcome(
                    id=name,
                    done=RedriveResponse(how="run_again", note=note, event_id=pending.pending.event_id),
                    error=None,
                )
        return RedriveOutcome(id=name, done=done, error=None)

    return list(await asyncio.gather(*(outcome(number, place) for number, place in enumerate(places, 1))))


async def _redrive(
    context: ApiContext,
    builder: CommandBuilder,
    place: LetterPlace,
    dead_letter: DeadLetter | None,
) -> RedriveResponse:
    name = f"{place[0]}-{place[1]}"
    if dead_letter is None:
        raise not_found(f"a dead letter at partition {place[0]}, offset {place[1]} (they are kept for 30 days)")
    plan = redrive_plan(dead_letter, context.dead_letters.topics)
    if plan.run is not None:
        options = {"note": f"redrive of dead letter {name}, run {plan.run.run_id}"}
        payload = bytes(plan.run.payload).decode()
        triggered = await trigger_again(context, builder, plan.run.task_id, payload, options)
        note = "the task was triggered with the payload of the run; it is a manual run of its own"
        return RedriveResponse(how="run_again", note=note, **triggered.model_dump())
    if plan.action is None:
        raise Problem(409, f"this dead letter can't be redriven: {plan.obstacle}")
    try:
        position = await context.dead_letters.send_back(dead_letter)
    except (KafkaError, KafkaTimeout) as error:
        raise kafka_away(error, " Whether it was sent is unknown.") from error
    note = "the same bytes are there again; what still can't use them makes a new dead letter of them"
    where: dict[str, Any] = position._asdict()
    return RedriveResponse(how="sent_back", note=note, topic=dead_letter.topic, **where)


async def _existing(context: ApiContext, places: Sequence[LetterPlace]) -> dict[LetterPlace, DeadLetter]:
    try:
        return await context.dead_letters.find(places)
    except (KafkaError, KafkaTimeout) as error:
        raise kafka_away(error) from error
