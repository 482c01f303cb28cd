"""Files of tasks: planned, then applied."""

import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, Final, Literal, cast
from uuid import uuid4

import httpx

from tasker.rest.aio.requests import PREFIX, AsyncRequests
from tasker.rest.problems import NotReachable
from tasker.rest.query import Parameters, Value, query
from tasker.rest.shapes import ChangeSet, ImportItem, ImportPlan

FileFormat = Literal["json", "ndjson", "yaml", "crontab"]
MEDIA_TYPES: Final = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "yaml": "application/yaml",
    "crontab": "text/x-crontab",
}
PIECE_BYTES: Final = 64 * 1024
"""Of a file, read within some microseconds: nothing else waits for it."""
_SECONDS: Final = 300.0
"""A large file is compared with what stands, task by task."""


class AsyncFileContent:
    """The bytes of a file, however large it is. Iterating raises OSError when it can't be read."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """From its beginning."""
        with self._file.open("rb") as opened:
            while piece := opened.read(PIECE_BYTES):
                yield piece


class AsyncImports:
    """`client.imports`. The file is `content` itself, or its path: then it is sent as it is read, however large.

    Of crontabs: `form` (with or without a column of users), `timezone`, `handler` (for commands that call no URL),
    `prefix` of the ids, and `tag` for each task.
    """

    def __init__(self, http: httpx.AsyncClient, requests: AsyncRequests) -> None:
        self._http, self._requests = http, requests

    async def plan(
        self,
        content: bytes | Path,
        file_format: FileFormat,
        *,
        form: Literal["user", "system"] | None = None,
        timezone: str | None = None,
        handler: str | None = None,
        prefix: str | None = None,
        tag: Iterable[str] | None = None,
    ) -> ImportPlan:
        """What an import of the file would do, with its first 1,000 entries; nothing is changed."""
        parameters = _parameters("plan", form=form, timezone=timezone, handler=handler, prefix=prefix, tag=tag)
        headers = {"Content-Type": MEDIA_TYPES[file_format]}
        return await self._requests.upload("/imports", parameters, _body(content), headers, _SECONDS)

    async def plan_entries(
        self,
        content: bytes | Path,
        file_format: FileFormat,
        *,
        form: Literal["user", "system"] | None = None,
        timezone: str | None = None,
        handler: str | None = None,
        prefix: str | None = None,
        tag: Iterable[str] | None = None,
    ) -> AsyncIterator[ImportItem | ImportPlan]:
        """The same for each entry of the file, one by one; the last one is the plan, without any.

        Raises NotReachable when it breaks off: there was no plan then.
        """
        parameters = _parameters("plan", form=form, timezone=timezone, handler=handler, prefix=prefix, tag=tag)
        headers = {"Content-Type": MEDIA_TYPES[file_format], "Accept": MEDIA_TYPES["ndjson"]}
        trouble = "no plan has come"
        try:
            async with self._http.stream(
                "POST",
                f"{PREFIX}/imports",
                params=parameters,
                content=_body(content),
                headers=headers,
                timeout=self._requests.patient(_SECONDS),
            ) as response:
                if not response.is_success:
                    await response.aread()
                self._requests.checked(response)
                async for line in response.aiter_lines():
                    entry: dict[str, Any] = json.loads(line)
                    if "plan" in entry:
                        yield cast("ImportPlan", entry | {"items": []})
                        return
                    yield cast("ImportItem", entry)
        except (httpx.TransportError, ValueError) as error:
            trouble = str(error) or type(error).__name__
        raise NotReachable(f"{self._requests.url} has broken off: {trouble}")

    async def apply(
        self,
        content: bytes | Path,
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
        return await self._requests.upload("/imports", parameters, _body(content), headers, _SECONDS)


def _parameters(mode: str, **given: Value) -> Parameters:
    return query({"mode": mode, **given})


def _body(content: bytes | Path) -> bytes | AsyncFileContent:
    """What is sent of a file that is named, or that is held already."""
    return content if isinstance(content, bytes) else AsyncFileContent(content)
