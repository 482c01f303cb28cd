"""Files of tasks: planned, then applied."""

from collections.abc import Iterable
from typing import Final, Literal
from uuid import uuid4

from tasker.rest.aio.requests import AsyncRequests
from tasker.rest.query import Parameters, Value, query
from tasker.rest.shapes import ChangeSet, ImportPlan

FileFormat = Literal["json", "ndjson", "yaml", "crontab"]
MEDIA_TYPES: Final = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "yaml": "application/yaml",
    "crontab": "text/x-crontab",
}
_SECONDS: Final = 300.0
"""A large file is compared with what stands, task by task."""


class AsyncImports:
    """`client.imports`. Of crontabs: `form` (with or without a column of users), `timezone`, `handler` (for commands
    that call no URL), `prefix` of the ids, and `tag` for each task.
    """

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    async def plan(
        self,
        content: bytes,
        file_format: FileFormat,
        *,
        form: Literal["user", "system"] | None = None,
        timezone: str | None = None,
        handler: str | None = None,
        prefix: str | None = None,
        tag: Iterable[str] | None = None,
    ) -> ImportPlan:
        """What an import of the file would do, entry by entry; nothing is changed."""
        parameters = _parameters("plan", form=form, timezone=timezone, handler=handler, prefix=prefix, tag=tag)
        headers = {"Content-Type": MEDIA_TYPES[file_format]}
        return await self._requests.upload("/imports", parameters, content, headers, _SECONDS)

    async def apply(
        self,
        content: bytes,
        file_format: FileFormat,
        plan: str,
        *,
        invalid: Literal["refuse", "skip"] | None = None,
        note: str | None = None,
        change_set_id: str | None = None,
        form: Literal["user", "system"] | None = None,
        timezone: str | None = None,
        handler: str | None = None,
        prefix: str | None = None,
        tag: Iterable[str] | None = None,
    ) -> ChangeSet:
        """Do what was planned, in the background; 409 where the file or a task has changed since.

        `plan` is that of the plan. The same again under the same `change_set_id` goes on with what was interrupted.
        """
        chosen = {"form": form, "timezone": timezone, "handler": handler, "prefix": prefix, "tag": tag}
        parameters = _parameters("apply", plan=plan, invalid=invalid, note=note, id=change_set_id, **chosen)
        headers = {"Content-Type": MEDIA_TYPES[file_format], "Idempotency-Key": change_set_id or uuid4().hex}
        return await self._requests.upload("/imports", parameters, content, headers, _SECONDS)


def _parameters(mode: str, **given: Value) -> Parameters:
    return query({"mode": mode, **given})
