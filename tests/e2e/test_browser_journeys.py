"""What an operator does in the web UI, in a real browser, on the whole system; and each page in both themes."""

from functools import partial

from tasker_devstack.isolated_system import System
from tests.e2e.browser_walk import walk


async def test_an_operator_works_with_many_tasks_beside_others_and_an_api_that_goes(system: System) -> None:
    async def start() -> None:
        await system.start_processes("api")

    deeds = {"stop api": partial(system.stop, "api"), "start api": start}
    await walk(system, "browser_journeys.mjs", deeds=deeds)
