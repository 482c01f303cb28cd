"""`make screenshots`: pictures of each page of the web UI, on a Tasker of its own that has something to show.

Tasks as a shop might have them run for some minutes on embedded backends, some of them failing; nothing is made up.
"""

import argparse
import asyncio
import shutil
import sys
import time
from collections.abc import Mapping
from typing import Any, Final

import httpx

from tasker_devstack.backends.backend_selection import running_backends
from tasker_devstack.errors import DevstackError
from tasker_devstack.isolated_system import System
from tasker_devstack.paths import ROOT, WEB
from tests.e2e.browser_walk import walk

PICTURES: Final = ROOT / "test-artifacts" / "screenshots"
SHOWN: Final = {"light/overview": "overview", "dark/run": "run", "light/edit-changes": "edit"}
"""Those that the README shows, by their names in `docs/images`."""
OUTAGE_SECONDS: Final = 25
BERLIN: Final = "Europe/Berlin"
NOBODY: Final = "http://127.0.0.1:1"


def demo_tasks() -> dict[str, dict[str, Any]]:
    """Tasks by their ids, as `PUT` takes them."""
    tasks: dict[str, dict[str, Any]] = {
        "nightly-report": {
            "name": "Nightly report",
            "tags": ["finance"],
            "schedule": {"cron": "0 2 * * *", "timezone": BERLIN},
            "description": "Turnover of the day before, by country.",
            "payload": {"format": "pdf"},
        },
        "invoices": {
            "name": "Send invoices",
            "tags": ["finance", "mail"],
            "schedule": {"cron": "*/15 * * * * *"},
            "payload": {"batch": 200},
        },
        "stock-sync": {
            "name": "Stock sync",
            "tags": ["shop"],
            "schedule": {"every": "PT5S"},
            "misfire": {"policy": "none", "grace": "PT10S"},
        },
        "price-feed": {
            "name": "Price feed",
            "tags": ["shop", "partners"],
            "schedule": {"every": "PT10S"},
            "handler": "http",
            "payload": {"url": f"{NOBODY}/prices", "method": "POST", "body": '{"since": "{{ nominal_at }}"}'},
        },
        "payment-check": {
            "name": "Payment check",
            "tags": ["finance"],
            "schedule": {"every": "PT20S"},
            "handler": "curl",
            "payload": f"{NOBODY}/payments",
            "max_consecutive_failures": 5,
        },
        "tax-return": {
            "name": "Tax return",
            "tags": ["finance"],
            "paused": True,
            "schedule": {"cron": "0 9 L * *", "timezone": BERLIN},
        },
        "campaign": {
            "name": "Start the winter campaign",
            "tags": ["mail"],
            "schedule": {"at": "2027-01-04T09:00:00", "timezone": BERLIN},
        },
        "inventory": {
            "name": "Inventory",
            "tags": ["shop"],
            "schedule": {"cron": "0 22 * * FRI#1", "timezone": BERLIN},
        },
    }
    cities = ("Berlin", "Hamburg", "Lisbon", "Madrid", "Milan", "Oslo", "Paris", "Porto", "Turin", "Vienna", "Warsaw")
    for number, city in enumerate(cities):
        tasks[f"orders-{city.lower()}"] = {
            "name": f"Orders of {city}",
            "tags": ["shop", "orders"],
            "schedule": {"every": f"PT{10 + number}S"},
            "payload": {"branch": number + 1},
        }
    for number in range(40):
        tasks[f"backup-{number:02}"] = {
            "name": f"Backup of store {number}",
            "tags": ["backup"],
            "schedule": {"cron": "0 0 * * *", "timezone": "UTC"},
        }
    return tasks


async def make_tasks(client: httpx.AsyncClient, tasks: Mapping[str, Mapping[str, Any]]) -> None:
    """All of them; one is edited and paused since, and many are tagged in one change."""
    for task_id, task in tasks.items():
        answer = await client.put(f"/tasks/{task_id}", json=task)
        if not answer.is_success:
            raise DevstackError(f"{task_id} is not taken: {answer.text}")
    edited = {**tasks["stock-sync"], "description": "Levels of all stores."}
    await client.put("/tasks/stock-sync", json=edited)
    tagged = {"action": "tag", "filter": {"tag": "backup"}, "add_tags": ["nightly"], "note": "for the new calendar"}
    (await client.post("/bulk-actions", json=tagged)).raise_for_status()


async def grow(system: System, minutes: float) -> None:
    """Let it run. In the middle the ticker is away for longer than some runs may be late."""
    await _pass(minutes * 30, "it runs")
    await system.stop("ticker")
    await _pass(OUTAGE_SECONDS, "the ticker is away")
    await system.start_processes("ticker")
    await _pass(minutes * 30, "it runs")


async def _pass(seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        print(f"\r{what} for {left:3.0f} s more ", end="", file=sys.stderr, flush=True)
        await asyncio.sleep(min(left, 1))
    print(file=sys.stderr)


async def take(minutes: float) -> None:
    """Start, let run, take the pictures, end."""
    async with running_backends() as backends:
        system = System(backends.kafka, backends.mongodb, WEB / "dist")
        try:
            await system.start()
            async with system.client(30) as client:
                await make_tasks(client, demo_tasks())
            await grow(system, minutes)
            shutil.rmtree(PICTURES, ignore_errors=True)
            print(await walk(system, "screenshots.mjs", folder=PICTURES))
        finally:
            await system.stop()


def main() -> int:
    """0 when they are there."""
    parser = argparse.ArgumentParser(prog="screenshots", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3, help="how long it runs before (default: 3)")
    parser.add_argument("--readme", action="store_true", help="put those that the README shows to docs/images")
    given = parser.parse_args()
    asyncio.run(take(given.minutes))
    print(f"they are in {PICTURES.relative_to(ROOT)}")
    if given.readme:
        images = ROOT / "docs" / "images"
        images.mkdir(exist_ok=True)
        for name, shown in SHOWN.items():
            shutil.copy(PICTURES / f"{name}.png", images / f"{shown}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
