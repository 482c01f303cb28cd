"""`python -m bench load`: tasks that are due every second, in any running Tasker, over its REST API."""

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Awaitable, Callable, Iterable

import httpx

from tasker_devstack.rest_pages import pages

AT_ONCE = 16
OK, ACCEPTED, NOT_FOUND = 200, 202, 404
ANSWER_SECONDS, VISIBLE_SECONDS = 15, 60
SCHEDULE = {"cron": "* * * * * *"}
WIDTH = 40


class LoadFailed(Exception):
    """Tasker refuses, or does not answer; the text says why."""


class Load:
    """The tasks `<prefix>000`, `<prefix>001`, … of a Tasker."""

    def __init__(self, api: str, prefix: str) -> None:
        self._api, self._prefix = api.rstrip("/"), prefix
        key = os.environ.get("TASKER_API_KEY")
        shown = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.AsyncClient(base_url=f"{self._api}/api/v1", timeout=ANSWER_SECONDS, headers=shown)

    async def close(self) -> None:
        """Disconnect."""
        await self._client.aclose()

    async def make(self, count: int, handler: str) -> None:
        """Make the tasks that are missing, and give the others this definition. Raises LoadFailed."""
        width = max(3, len(str(count - 1)))
        names = [f"{self._prefix}{n:0{width}d}" for n in range(count)]

        async def put(name: str) -> None:
            body = {"schedule": SCHEDULE, "handler": handler, "paused": False}
            answer = await self._asked("PUT", name, body)
            if answer.status_code == ACCEPTED:
                await self._until(name, OK)

        await self._each(names, put, "made")

    async def remove(self) -> None:
        """Delete the tasks that are there. Raises LoadFailed."""
        pattern, names = re.compile(re.escape(self._prefix) + r"\d+"), list[str]()
        try:
            async for page in pages(self._client, "/tasks", q=self._prefix, limit=200):
                names += [task["id"] for task in page if pattern.fullmatch(task["id"])]
        except httpx.HTTPError as error:
            raise LoadFailed(f"no list of tasks from {self._api}: {error or type(error).__name__}") from None

        async def delete(name: str) -> None:
            answer = await self._asked("DELETE", name)
            if answer.status_code == ACCEPTED:
                await self._until(name, NOT_FOUND)

        await self._each(names, delete, "removed")

    async def _asked(self, method: str, name: str, body: object = None) -> httpx.Response:
        """The answer to one request; one to a task that is gone already is no error."""
        try:
            answer = await self._client.request(method, f"/tasks/{name}", json=body)
        except httpx.HTTPError as error:
            raise LoadFailed(f"no answer from {self._api}: {error or type(error).__name__}: is --api right?") from None
        if not answer.is_success and not (method == "DELETE" and answer.status_code == NOT_FOUND):
            raise LoadFailed(f"{name}: {answer.status_code} from {self._api}: {answer.text[:300]}")
        return answer

    async def _until(self, name: str, status: int) -> None:
        """Wait until a request that was taken is seen by a read."""
        try:
            async with asyncio.timeout(VISIBLE_SECONDS):
                while (await self._client.get(f"/tasks/{name}")).status_code != status:
                    await asyncio.sleep(0.5)
        except (TimeoutError, httpx.HTTPError):
            raise LoadFailed(f"{name}: what was asked for is not done after {VISIBLE_SECONDS} s: is all up?") from None

    async def _each(self, names: Iterable[str], work: Callable[[str], Awaitable[None]], word: str) -> None:
        slots, done, names = asyncio.Semaphore(AT_ONCE), 0, list(names)

        async def one(name: str) -> None:
            nonlocal done
            async with slots:
                await work(name)
            done += 1
            if sys.stderr.isatty():
                bar = "█" * (WIDTH * done // len(names))
                print(f"\r{bar:<{WIDTH}} {done}/{len(names)} {word}", end="", file=sys.stderr, flush=True)

        try:
            async with asyncio.TaskGroup() as group:
                for name in names:
                    group.create_task(one(name))
        except* LoadFailed as failed:
            raise failed.exceptions[0] from None
        finally:
            if sys.stderr.isatty() and names:
                print(file=sys.stderr)
        print(f"{done} tasks {word}: {names[0]} … {names[-1]}" if names else f"no tasks to be {word}")


def main(arguments: list[str]) -> int:
    """0 when done, 1 when Tasker refuses or is not there, 2 for wrong arguments."""
    parser = argparse.ArgumentParser(prog="bench load", description=__doc__)
    parser.add_argument("--tasks", type=int, default=200, metavar="N", help="how many (default: 200)")
    parser.add_argument("--api", default="http://localhost:3000", help="where Tasker is (default: %(default)s)")
    parser.add_argument("--prefix", default="load-", help="how their ids begin (default: %(default)s)")
    parser.add_argument("--handler", default="default", help="what they run (default: %(default)s)")
    parser.add_argument("--remove", action="store_true", help="delete them instead")
    given = parser.parse_args(arguments)
    if not 1 <= given.tasks <= 100_000:
        parser.error("--tasks: give a number from 1 to 100000")
    try:
        asyncio.run(_run(given))
    except LoadFailed as error:
        sys.stderr.write(f"bench load: {error}\n")
        return 1
    return 0


async def _run(given: argparse.Namespace) -> None:
    load = Load(given.api, given.prefix)
    try:
        await (load.remove() if given.remove else load.make(given.tasks, given.handler))
    finally:
        await load.close()
