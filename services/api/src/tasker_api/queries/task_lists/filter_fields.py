"""By what tasks are chosen, as parameters of a URL and as an object in a body."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from tasker_api.queries.task_lists.task_filter import LastOutcome, TaskFilter
from tasker_core.documents.tasks import MAX_FAILURES, TaskStatus
from tasker_core.documents.words import search_terms
from tasker_core.task import MAX_TAGS
from tasker_core.texts import Tag

MAX_SEARCH_WORDS: Final = 20


def _searchable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("holds the control character U+0000, which no name has; remove it")
    if not search_terms([text]).words:
        raise ValueError("has no letter and no digit; give the beginning of a word of the id, the name or a tag")
    return text


def _not_too_many(texts: tuple[str, ...]) -> tuple[str, ...]:
    if (words := len(search_terms(texts).words)) > MAX_SEARCH_WORDS:
        raise ValueError(f"has {words} words; give at most {MAX_SEARCH_WORDS}, they must all be found")
    return texts


def _listed(value: Any) -> Any:
    """In a body, a single text may stand for a list of one, as in a URL."""
    return [value] if isinstance(value, str) else value


SearchText = Annotated[str, Field(max_length=200), AfterValidator(_searchable)]
SearchTexts = Annotated[
    tuple[SearchText, ...],
    Field(
        max_length=10,
        description="beginnings of words of the id, the name or the tags, whatever their case and accents; of several, "
        "all of them. What has no space in it (`order-42`) must be there as it is, but for case.",
    ),
    AfterValidator(_not_too_many),
    BeforeValidator(_listed),
]


class TaskFilterFields(BaseModel):
    """Which tasks."""

    q: SearchTexts = ()
    tag: Annotated[
        tuple[Tag, ...],
        Field(max_length=MAX_TAGS, description="a tag that it has; of several, all of them"),
        BeforeValidator(_listed),
    ] = ()
    handler: str | None = None
    state: TaskStatus | None = None
    then: Annotated[str | None, Field(description="a task that is started when runs of these have ended")] = None
    last_outcome: Annotated[
        LastOutcome | None, Field(description="of the newest run that has ended; `none` where none has")
    ] = None
    min_failures: Annotated[
        int | None, Field(ge=1, le=MAX_FAILURES, description="at least so many failures in a row")
    ] = None
    paused_by: Annotated[
        str | None,
        Field(max_length=200, description="who paused it; `tasker`: itself, after too many failures in a row"),
    ] = None

    def task_filter(self, without: Sequence[str], within: Sequence[str] = ()) -> TaskFilter:
        """The filter that these fields mean, without some tasks; of those that have one of the tags `within`."""
        return TaskFilter(
            q=self.q,
            tags=self.tag,
            handler=self.handler,
            state=self.state,
            then=self.then,
            last_outcome=self.last_outcome,
            min_failures=self.min_failures,
            paused_by=self.paused_by,
            without=without,
            within=within,
        )
