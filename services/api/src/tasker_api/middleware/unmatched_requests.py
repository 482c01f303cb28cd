"""What is asked under the prefix of the API and no route takes: another method, or a path that is none."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from re import Pattern
from typing import Any, Final, NamedTuple

from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from tasker_api.problems import Problem

WHERE: Final = "the routes are in /api/v1/openapi.json"


class _Path(NamedTuple):
    path: str
    pattern: Pattern[str]
    methods: set[str]


class UnmatchedRequests:
    """Answers what the routes before it left: OPTIONS by the methods of a path, another method by 405 with these, and
    404 where there is no such path. (Left to the web UI behind it, a POST would be told that there is only GET.)

    `document` gives the OpenAPI document, which names all routes.
    """

    def __init__(self, document: Callable[[], Mapping[str, Any]]) -> None:
        self._document = document

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI, for requests by HTTP."""
        scope["route"] = next(self._matching(scope["path"]), None)  # as which the request is counted
        await self._answer(scope["method"], scope["path"]).__call__(scope, receive, send)

    def allowed(self, path: str) -> list[str]:
        """The methods that a path takes, in alphabetical order; none when there is no such path."""
        found = {method for one in self._matching(path) for method in one.methods}
        return sorted(found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set[str]())) if found else []

    def _answer(self, method: str, path: str) -> Response:
        if allow := ", ".join(self.allowed(path)):
            if method == "OPTIONS":
                return Response(status_code=204, headers={"Allow": allow})
            return Problem(405, f"takes {allow}, not {method[:20]}; {WHERE}", headers={"Allow": allow}).response()
        if path.endswith("/") and self.allowed(path.rstrip("/")):
            return Problem(404, f"nothing is served here: leave the slash at the end out; {WHERE}").response()
        return Problem(404, f"nothing is served here; {WHERE}").response()

    def _matching(self, path: str) -> Iterator[_Path]:
        return (one for one in self._paths if one.pattern.match(path))

    @cached_property
    def _paths(self) -> list[_Path]:
        return [
            _Path(path, compile_path(path)[0], {method.upper() for method in operations})
            for path, operations in self._document()["paths"].items()
        ]
