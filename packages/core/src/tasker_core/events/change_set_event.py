"""Events about change-sets.

The ticker holds nothing of a change-set: it answers each of these with a verdict that bears what it states, and the log
keeps the change-set as it stands. Their key is the id of the change-set. What a change-set does to its tasks are
ordinary events that bear its id in their envelope.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict, Field

from tasker_core.events.event_data import validated
from tasker_core.events.event_origin import EventOrigin
from tasker_core.ids import TASK_ID_PATTERN
from tasker_core.messages.change_sets import ChangeSetContent

NO_CHANGE_SET: Final = f"neither the event nor the Kafka key names a change-set ({TASK_ID_PATTERN})"


class ChangeSetData(BaseModel):
    """`change-set`: what a bulk action, an import or an undo is to do, and how far it has come."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    change_set: ChangeSetContent
    note: str | None = Field(default=None, max_length=1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSetEvent:
    """What is stated of the change-set whose id its origin has for a task id."""

    origin: EventOrigin
    content: ChangeSetContent
    note: str | None = None


def named_change_set(data: Mapping[str, Any]) -> object:
    """What stands for the id of the change-set in the data of an event, whatever it is."""
    given = data.get("change_set")
    return cast("dict[str, object]", given).get("id") if isinstance(given, dict) else given


def change_set_event(origin: EventOrigin, data: Mapping[str, Any]) -> ChangeSetEvent:
    """A `change-set` event. Raises InvalidInput."""
    stated = validated(ChangeSetData, data)
    return ChangeSetEvent(origin=origin, content=stated.change_set, note=stated.note)
