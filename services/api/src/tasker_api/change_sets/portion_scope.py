"""PURE. Keeps what a change-set does to the tasks of the key by which it was begun."""

from collections.abc import Iterable, Mapping
from typing import Final

from tasker_api.change_sets.portions import Item, Portion
from tasker_core.access.key_tags import KeyTags
from tasker_core.messages.change_sets import LeftOutTask

NO_SUCH_TASK: Final = "no such task"


def kept_within(portion: Portion, tags_of: Mapping[str, Iterable[str]], key_tags: KeyTags) -> Portion:
    """A portion without tasks that are not those of a key: for it they are not there. `tags_of` those that there are.

    Nor may one be given only tags of others, as no single edit may do that.
    """
    if not key_tags.tags:
        return portion
    left_out, items = list(portion.left_out), list[Item]()
    for item in portion.items:
        message = _refusal(item, tags_of, key_tags)
        if message is None:
            items.append(item)
        else:
            left_out.append(LeftOutTask(task_id=item.task_id, message=message))
    theirs = [task_id for task_id in portion.unchanged if key_tags.holds(tags_of.get(task_id, ()))]
    hidden = [task_id for task_id in portion.unchanged if task_id not in theirs]
    left_out += [LeftOutTask(task_id=task_id, message=NO_SUCH_TASK) for task_id in hidden]
    return Portion(portion.after, items, theirs, left_out)


def _refusal(item: Item, tags_of: Mapping[str, Iterable[str]], key_tags: KeyTags) -> str | None:
    if not key_tags.holds(tags_of.get(item.task_id, ())):
        return NO_SUCH_TASK
    if item.event_type == "put" and not key_tags.holds(item.data["task"].get("tags", ())):
        return f"it would have none of the tags of this key: leave it {key_tags.wording()}"
    return None
