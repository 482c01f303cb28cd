"""Requests to the REST API: tried again as long as that helps, and their answers read."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from time import monotonic
from typing import Any, Final, cast
from uuid import uuid4

import httpx

from tasker.rest.aio.pause import Pause
from tasker.rest.problems import NotDecided, NotReachable, TaskerProblem
from tasker.rest.query import Parameters, Value, query
from tasker.rest.request_policy import BUSY, RequestPolicy

PREFIX: Final = "/api/v1"
JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"


class AsyncRequests:
    """Sends requests. A change bears one Idempotency-Key in all its tries, so that it is made once."""

    def __init__(self, http: httpx.AsyncClient, policy: RequestPolicy, pause: Pause) -> None:
        self._http, self._policy, self._pause = http, policy, pause

    @property
    def url(self) -> str:
        """Where Tasker is."""
        return str(self._http.base_url).rstrip("/")

    async def get(self, path: str, **params: Value) -> Any:
        """What a route shows. Raises TaskerProblem and NotReachable, as all of them do."""
        return await self._decided("GET", path, params=query(params))

    async def compute(self, path: str, body: Mapping[str, Any], **params: Value) -> Any:
        """What a route computes from a body; nothing is changed."""
        return await self._decided("POST", path, params=query(params), json=body)

    async def change(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        if_version: int | None = None,
        content_type: str = JSON,
        **params: Value,
    ) -> Any:
        """What a change has led to, once its verdict is there. Raises NotDecided besides."""
        headers = {"Idempotency-Key": key or uuid4().hex} | ({} if body is None else {"Content-Type": content_type})
        if if_version is not None:
            headers |= {"If-Match": f'"{if_version}"'} if if_version else {"If-None-Match": "*"}
        return await self._decided(method, path, params=query(params), json=body, headers=headers)

    async def upload(
        self,
        path: str,
        parameters: Parameters,
        content: bytes | AsyncIterable[bytes],
        headers: Mapping[str, str],
        seconds: float,
    ) -> Any:
        """What has come of a file, for whose answer is waited longer than elsewhere."""
        more = {"content": content, "headers": headers, "timeout": self.patient(seconds)}
        return await self._decided("POST", path, params=parameters, **more)

    def patient(self, seconds: float) -> httpx.Timeout:
        """The usual limits, but for an answer that takes longer."""
        usual = self._http.timeout
        return httpx.Timeout(connect=usual.connect, write=usual.write, pool=usual.pool, read=seconds)

    async def pages(self, path: str, limit: int | None, page_size: int = 200, **params: Value) -> AsyncIterator[Any]:
        """The items of a list, page by page, as they are asked for; at most `limit`."""
        left, cursor = limit, None
        while left is None or left > 0:
            asked = page_size if left is None else min(left, page_size)
            page: dict[str, Any] = await self.get(path, limit=asked, cursor=cursor, **params)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return
            left = None if left is None else left - len(page["items"])

    async def _decided(self, method: str, path: str, **content: Any) -> Any:
        """The JSON of the answer. `Not decided yet` is asked again: the same request, the same key."""
        deadline = monotonic() + self._policy.decision_seconds
        while True:
            response = await self.send(method, path, **content)
            answer: Any = None if response.status_code == 204 else self._json(response)
            if not is_pending(response.status_code, answer):
                return answer
            if monotonic() > deadline:
                raise NotDecided(answer["event_id"], answer["task_id"])

    async def send(self, method: str, path: str, **content: Any) -> httpx.Response:
        """The answer of success, whole."""
        failures = 0
        while True:
            retry_after: str | None = None
            try:
                response = await self._http.request(method, PREFIX + path, **content)
                if response.status_code not in BUSY:
                    return self.checked(response)
                retry_after = response.headers.get("retry-after")
                error: Exception = self.problem(response)
            except httpx.TransportError as trouble:
                error = NotReachable(f"no answer from {self.url}: {trouble or type(trouble).__name__}")
            failures += 1
            seconds = self._policy.pause(failures, retry_after)
            if seconds is None:
                raise error
            await self._pause(seconds)

    def checked(self, response: httpx.Response) -> httpx.Response:
        """The response, if it tells of success. Raises TaskerProblem."""
        if response.is_success:
            return response
        raise self.problem(response)

    def problem(self, response: httpx.Response) -> TaskerProblem:
        """The problem that a response tells of."""
        try:
            content: object = response.json()
        except ValueError:
            content = None
        fields = cast("dict[str, Any]", content) if isinstance(content, dict) else {}
        detail = fields.get("detail") or f"{self.url} answers {response.status_code}: is it a Tasker?"
        return TaskerProblem(response.status_code, detail, fields.get("errors") or [])

    def _json(self, response: httpx.Response) -> Any:
        try:
            return response.json()
        except ValueError:
            message = f"{self.url} answers something that is not JSON: is it a Tasker?"
            raise TaskerProblem(response.status_code, message) from None


def is_pending(status: int, answer: object) -> bool:
    """Whether an answer says that a change is taken and its verdict is still to come."""
    return status == 202 and isinstance(answer, dict) and "journal" in answer
