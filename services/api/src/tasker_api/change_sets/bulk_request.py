"""PURE. What a bulk action asks for: which tasks, and what is to be done to them."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from tasker_api.queries.task_lists.filter_fields import TaskFilterFields
from tasker_api.system.canary_tasks import PREFIX
from tasker_core.errors import FieldError, InvalidInput, at_most, field_errors
from tasker_core.ids import TaskId
from tasker_core.messages.change_sets import ChangeSetId
from tasker_core.task import MAX_TAGS, size_errors
from tasker_core.texts import Tag
from tasker_core.time.duration import Duration

MAX_IDS: Final = 1_000
BulkActionName = Literal["pause", "resume", "delete", "trigger", "tag", "spread"]
_OWN_FIELDS: Final[Mapping[BulkActionName, tuple[str, ...]]] = {
    "tag": ("add_tags", "remove_tags"),
    "spread": ("spread",),
    "trigger": ("payload",),
}
"""What only one action takes."""


class BulkFilter(TaskFilterFields):
    """Which tasks, as in `GET /tasks`. Without a field: all, if `all` says so."""

    model_config = ConfigDict(extra="forbid")


class BulkActionInput(BaseModel):
    """What is to be done to which tasks: those that pass the `filter` when their turn comes, or those of `ids`.

    `tag` adds `add_tags` and takes `remove_tags` away, `spread` sets the window of the schedule's delays (null: none),
    `trigger` runs each now, with `payload` instead of its own if there is one. `all` must be true for a filter that all
    tasks pass. `note` is the reason, for the history. `dry_run`: only count. `id` names the change-set; without one it
    is minted.
    """

    model_config = ConfigDict(extra="forbid")

    id: ChangeSetId | None = None
    action: BulkActionName
    filter: BulkFilter | None = None
    ids: Annotated[tuple[TaskId, ...], Field(min_length=1, max_length=MAX_IDS), at_most(MAX_IDS)] | None = None
    all: bool = False
    add_tags: Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS), at_most(MAX_TAGS)] = ()
    remove_tags: Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS), at_most(MAX_TAGS)] = ()
    spread: Duration | None = None
    payload: JsonValue = None
    note: Annotated[str, Field(max_length=1000)] | None = None
    dry_run: bool = False

    @property
    def has_payload(self) -> bool:
        """Whether a payload is given, be it null."""
        return "payload" in self.model_fields_set


def parse_bulk_action(body: Mapping[str, Any]) -> BulkActionInput:
    """The request in a body. Raises InvalidInput naming every wrong field."""
    try:
        request = BulkActionInput.model_validate(body)
    except ValidationError as error:
        raise InvalidInput(field_errors(error.errors(include_url=False))) from None
    if errors := [*_selection_errors(request), *_action_errors(request)]:
        raise InvalidInput(errors)
    return request


def _selection_errors(request: BulkActionInput) -> list[FieldError]:
    if request.ids is not None:
        if request.filter is not None or request.all:
            message = "give either the `ids` of tasks, or a `filter`; leave the other out"
            return [FieldError(pointer="/ids", message=message)]
        return [
            FieldError(pointer=f"/ids/{at}", message="is one of Tasker's own canaries; leave it out")
            for at, task_id in enumerate(request.ids)
            if task_id.startswith(PREFIX)
        ]
    if request.filter is None:
        return [FieldError(pointer="/filter", message="required: which tasks; or give their `ids`")]
    if not request.filter.model_fields_set and not request.all:
        message = 'all tasks pass it: give a field, such as {"tag": "finance"}, or say `"all": true`'
        return [FieldError(pointer="/filter", message=message)]
    return []


def _action_errors(request: BulkActionInput) -> list[FieldError]:
    errors = [
        FieldError(pointer=f"/{name}", message=f"belongs to the action {action!r}; leave it out of {request.action!r}")
        for action, names in _OWN_FIELDS.items()
        for name in names
        if action != request.action and name in request.model_fields_set
    ]
    if request.action == "tag" and not (request.add_tags or request.remove_tags):
        errors.append(FieldError(pointer="/add_tags", message="give tags to add, or `remove_tags` to take away"))
    for at, tag in enumerate(request.remove_tags):
        if tag in request.add_tags:
            errors.append(FieldError(pointer=f"/remove_tags/{at}", message=f"{tag!r} is in `add_tags`, too; choose"))
    if request.action == "spread" and "spread" not in request.model_fields_set:
        errors.append(FieldError(pointer="/spread", message="required: a window such as PT5M, or null for none"))
    if request.has_payload:
        errors += size_errors(request.payload)
    return errors
