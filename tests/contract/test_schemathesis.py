"""Schemathesis asks the real API whatever its OpenAPI document allows, and what it forbids, in sequences too.

By hand: `schemathesis --config-file tests/contract/schemathesis.toml run http://localhost:3000/api/v1/openapi.json`,
with `--header "Authorization: Bearer KEY"` where it has keys.
"""

import asyncio
import os
import re
import sys
from pathlib import Path

from tasker_devstack.isolated_system import System
from tasker_devstack.paths import ROOT
from tasker_runtime.access.first_key import make_first_key

CONFIGURATION = ROOT / "tests" / "contract" / "schemathesis.toml"
SEED, EXAMPLES = 13, 5
BUDGET_SECONDS, SECONDS = 45, 300
"""How long it asks, and how long it may take to come to an end then."""
FEWEST = 200
"""So many requests are made at least."""
GENERATED = re.compile(r"(\d[\d,]*) generated")


async def test_the_api_and_its_document_say_the_same(kafka: str, database: str, tmp_path: Path) -> None:
    keys, key = tmp_path / "keys.json", tmp_path / "key"
    make_first_key(keys, key)
    system = System(kafka, database, env={"TASKER_API_KEYS_FILE": str(keys)})
    async with system.running():
        before = {service: system.pid(service) for service in system.metrics_ports}
        told, code = await asked(f"{system.api_url}/api/v1/openapi.json", key.read_text().strip(), tmp_path)
        assert code == 0, told
        found = GENERATED.search(told)
        assert found is not None, told
        assert int(found[1].replace(",", "")) >= FEWEST, told
        assert {service: system.pid(service) for service in before} == before
        await system.wait_ready()  # and none of them is the worse for it


async def asked(document: str, key: str, folder: Path) -> tuple[str, int]:
    """What Schemathesis says of an API, and its exit code."""
    program = (sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file", str(CONFIGURATION), "run")
    options = (
        f"--seed={SEED}",
        f"--max-examples={EXAMPLES}",
        f"--max-time={BUDGET_SECONDS}",
        f"--header=Authorization: Bearer {key}",
        "--workers=1",  # so that the seed decides what is asked, in which order
    )
    process = await asyncio.create_subprocess_exec(
        *program,
        document,
        *options,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        told, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return told.decode(), process.returncode or 0
