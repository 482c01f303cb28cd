"""Works that are done by one peer after the other; what is found is kept in a file from step to step."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.peers.peer import DescribesSettings, Peer, PeerFailed
from bench.peers.work.work import Cases, Size, Work, say
from tasker_devstack.errors import DevstackError
from tasker_runtime.clock import monotonic_ms

INSTALL_SECONDS: Final = 900
START_SECONDS: Final = 180
STOP_SECONDS: Final = 60
FAILED_CHARACTERS: Final = 600


class Comparison:
    """What was found, by peer and work. `file`: where it is written after each step, as JSON."""

    def __init__(self, file: Path, head: dict[str, Any]) -> None:
        self._file = file
        self.peers: dict[str, dict[str, Any]] = {}
        self._found = head | {"peers": self.peers}

    async def measure(self, peers: Mapping[str, Callable[[], Peer]], works: Sequence[Work], size: Size) -> None:
        """Install the peers, and give each work to one after the other: they are compared within some minutes.

        Each work is done on an empty one of its own. Whatever fails is noted, and the rest goes on.
        """
        ready = [key for key, make in peers.items() if await self._install(key, make, works)]
        for work in works:
            say("")
            for key in ready:
                self.peers[key]["works"][work.name] = await _done(peers[key](), work, size)
                self._write()

    async def _install(self, key: str, make: Callable[[], Peer], works: Sequence[Work]) -> bool:
        peer = make()
        settings = peer.settings if isinstance(peer, DescribesSettings) else ""
        entry: dict[str, Any] = {"name": peer.name, "settings": settings, "versions": "", "works": {}}
        self.peers[key] = entry
        say(f"{peer.name}: installing what is missing")
        try:
            async with asyncio.timeout(INSTALL_SECONDS):
                entry["versions"] = await peer.install()
        except Exception as error:  # noqa: BLE001 -- whatever fails in one peer, the others are measured
            entry["works"] = {work.name: {"failed": _reason(error), "cases": {}} for work in works}
            self._write()
            return False
        return True

    def _write(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self._found, indent=1) + "\n")
        new.replace(self._file)


async def _done(peer: Peer, work: Work, size: Size) -> dict[str, Any]:
    """One work on a peer that is started for it and ended after it."""
    say(f"{peer.name}: {work.name}: starting")
    cases, found, began = Cases(), dict[str, Any](), monotonic_ms()
    try:
        async with asyncio.timeout(START_SECONDS):
            await peer.start()
        async with asyncio.timeout(work.bound_seconds):
            await work.measure(peer, size, cases)
    except TimeoutError:
        found["failed"] = f"not over after {(monotonic_ms() - began) / 1000:.0f} s"
    except Exception as error:  # noqa: BLE001 -- whatever fails in one work, the others are done
        found["failed"] = _reason(error)
    finally:
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await peer.stop()
        except Exception as error:  # noqa: BLE001 -- what was measured counts, and the next ones have ports of their own
            say(f"{peer.name}: {work.name}: something of it may still run: {_reason(error)}")
    if "failed" in found:
        say(f"{peer.name}: {work.name}: {found['failed']}")
    seconds = (monotonic_ms() - began) / 1000
    say(f"{peer.name}: {work.name}: {seconds:.0f} s")
    return found | {"seconds": seconds, "cases": cases}


def _reason(error: Exception) -> str:
    text = str(error) if isinstance(error, PeerFailed | DevstackError) else f"{type(error).__name__}: {error}"
    return text[:FAILED_CHARACTERS]
