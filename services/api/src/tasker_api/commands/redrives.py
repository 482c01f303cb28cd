"""Redrive a dead letter: send its record back, or run its run again."""

from typing import Any

from tasker_api.api_context import ApiContext
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.commands.triggers import trigger_again
from tasker_api.dead_letters.redrive_plan import redrive_plan
from tasker_api.problems import Problem, kafka_away, not_found
from tasker_api.schemas.dead_letters import RedriveResponse
from tasker_core.messages.dead_letter import DeadLetter
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout


async def redrive(context: ApiContext, builder: CommandBuilder, partition: int, offset: int) -> RedriveResponse:
    """Do what the record's topic allows. Raises Problem (404, 409, 503) or VerdictPending."""
    dead_letter = await _existing(context, partition, offset)
    plan = redrive_plan(dead_letter, context.dead_letters.topics)
    if plan.run is not None:
        options = {"note": f"redrive of dead letter {partition}-{offset}, run {plan.run.run_id}"}
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


async def _existing(context: ApiContext, partition: int, offset: int) -> DeadLetter:
    try:
        found = await context.dead_letters.find(partition, offset)
    except (KafkaError, KafkaTimeout) as error:
        raise kafka_away(error) from error
    if found is None:
        raise not_found(f"a dead letter at partition {partition}, offset {offset} (they are kept for 30 days)")
    return found
