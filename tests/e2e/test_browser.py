"""The web UI in a real browser, on the whole system; its screenshots are kept in `test-artifacts/browser`."""

import asyncio
import os
import shutil
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from tasker_devstack.isolated_system import System
from tasker_devstack.paths import ROOT

ARTEFACTS = ROOT / "test-artifacts" / "browser"


def chromium() -> str:
    """The browser's path (`CHROMIUM`, else on the PATH)."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "Chromium is missing: `scripts/bootstrap chromium` installs it, or set CHROMIUM to its path"
    return found


async def test_a_person_creates_watches_edits_pauses_and_deletes_a_task(system: System) -> None:
    shutil.rmtree(ARTEFACTS, ignore_errors=True)
    ARTEFACTS.mkdir(parents=True)
    script = Path(__file__).with_name("browser.mjs")
    plain: Any = AIOKafkaProducer(bootstrap_servers=system.kafka)
    async with plain as producer:
        await producer.send_and_wait(f"{system.topic_prefix}.task-events", b"not an event", key=b"heartbeat")
    walk = await asyncio.create_subprocess_exec(
        "node", script, system.api_url.replace("127.0.0.1", "localhost"), ARTEFACTS,
        env=os.environ | {"CHROMIUM": chromium()}, stdout=PIPE, stderr=STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(300):
            output, _ = await walk.communicate()
    finally:
        if walk.returncode is None:
            walk.kill()
            await walk.wait()
    assert walk.returncode == 0, output.decode()
