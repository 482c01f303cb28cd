"""PURE. From dead letters to HTTP shapes."""

from tasker_api.dead_letters.causes import cause_of
from tasker_api.dead_letters.letter_groups import MAX_NAMED_TASKS, GroupKey, LetterGroup
from tasker_api.dead_letters.letter_subject import subject_of
from tasker_api.dead_letters.redrive_plan import redrive_plan
from tasker_api.schemas.dead_letters import DeadLetterGroup, DeadLetterItem, DeadLetterTask
from tasker_core.messages.dead_letter import DeadLetter
from tasker_core.time.instant import from_ms
from tasker_core.topics import Topics

PREVIEW_CHARACTERS = 2_000


def dead_letter_item(dead_letter: DeadLetter, topics: Topics) -> DeadLetterItem:
    """A dead letter as the list shows it."""
    plan, text = redrive_plan(dead_letter, topics), dead_letter.value.decode(errors="replace")
    subject = subject_of(dead_letter)
    return DeadLetterItem(
        id=f"{dead_letter.partition}-{dead_letter.offset}",
        partition=dead_letter.partition,
        offset=dead_letter.offset,
        buried_at=from_ms(dead_letter.written_ms),
        service=dead_letter.service,
        topic=dead_letter.topic,
        source_partition=dead_letter.source_partition,
        source_offset=dead_letter.source_offset,
        reason=dead_letter.reason,
        cause=cause_of(dead_letter.reason),
        size=dead_letter.size,
        key=None if dead_letter.key is None else dead_letter.key.decode(errors="replace")[:PREVIEW_CHARACTERS],
        preview=text[:PREVIEW_CHARACTERS],
        is_cut=len(text) > PREVIEW_CHARACTERS or "value" in dead_letter.cut,
        task_id=subject.task_id,
        run_id=subject.run_id,
        redrive=plan.action,
        obstacle=plan.obstacle,
    )


def dead_letter_group(key: GroupKey, group: LetterGroup, topics: Topics) -> DeadLetterGroup:
    """Dead letters that have their cause in common."""
    return DeadLetterGroup(
        service=key.service,
        topic=key.topic,
        cause=key.cause,
        count=group.count,
        redrivable=group.redrivable,
        first_at=from_ms(group.first_ms),
        last_at=from_ms(group.newest.written_ms),
        task_count=len(group.tasks),
        tasks=[DeadLetterTask(id=task, count=count) for task, count in group.tasks.most_common(MAX_NAMED_TASKS)],
        newest=dead_letter_item(group.newest, topics),
    )
