"""The keys as they are now: read again when their file changes, whatever is done to it."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path
from time import thread_time

import pytest

from tasker_api.access.caller import caller_by
from tasker_api.access.key_ring import CHECK, KeyRing, KeysUnreadable
from tasker_api.testing.issued_keys import MADE, IssuedKeys
from tasker_core.access.api_key import ApiKey, key_digest, key_text
from tasker_core.access.keys_file import KeysFile
from tasker_core.time.instant import to_ms
from tasker_runtime.health import Health
from tasker_runtime.testing import RecordedLog

SECONDS = 20


class SetClock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.ms = to_ms(MADE)

    def now_ms(self) -> int:
        return self.ms


class Ring:
    """A ring with what it tells."""

    def __init__(self, file: Path) -> None:
        self.clock, self.health, self.log = SetClock(), Health(), RecordedLog()
        self.keys = KeyRing(file, self.clock, self.health, self.log)

    @property
    def check(self) -> str:
        return self.health.report().checks[CHECK]


@pytest.fixture
def issued(tmp_path: Path) -> IssuedKeys:
    return IssuedKeys(tmp_path / "keys.json")


async def test_a_key_counts_as_soon_as_the_file_says_so_and_no_longer(issued: IssuedKeys) -> None:
    ann = issued.issue("ann", "viewer")
    ring = Ring(issued.file)
    ring.keys.load()
    bob = issued.issue("bob", "operator")
    assert ring.keys.find(bob) is None
    await ring.keys.look()
    found = ring.keys.find(bob)
    assert found is not None
    assert (found.name, found.role) == ("bob", "operator")
    issued.revoke("ann")
    await ring.keys.look()
    assert ring.keys.find(ann) is None
    assert ring.keys.find(bob) is not None


@pytest.mark.parametrize("broken", ['{"keys": [{"id":', "", '{"keys": {}}', '{"keys": [{"id": "x"}]}', "\x00\xff"])
async def test_a_broken_file_leaves_the_keys_before_it_in_force(issued: IssuedKeys, broken: str) -> None:
    ann = issued.issue("ann", "viewer")
    ring = Ring(issued.file)
    ring.keys.load()
    issued.file.write_text(broken, encoding="latin-1")
    for _ in range(3):
        await ring.keys.look()
    assert ring.keys.find(ann) is not None
    assert "can't be read" in ring.check
    assert ring.check.endswith("The 1 keys before it stay in force.")
    report = ring.health.report()
    assert report.ready, "it serves as before"
    assert not ring.health.holding()[CHECK]
    assert len(ring.log.fields_of("keys not read")) == 1, "said once, not every second"
    issued.write()
    await ring.keys.look()
    assert ring.check == "ok"


async def test_a_file_that_goes_and_comes_back(issued: IssuedKeys) -> None:
    ann = issued.issue("ann", "viewer")
    ring = Ring(issued.file)
    ring.keys.load()
    issued.file.unlink()
    await ring.keys.look()
    assert "No such file" in ring.check
    assert ring.keys.find(ann) is not None
    bob = issued.issue("bob", "viewer")
    await ring.keys.look()
    assert ring.keys.find(bob) is not None


async def test_a_link_that_is_moved_as_kubernetes_does(tmp_path: Path) -> None:
    """..data leads to a folder for each version of a secret, and is replaced by another link."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    first, second = IssuedKeys(tmp_path / "first" / "keys.json"), IssuedKeys(tmp_path / "second" / "keys.json")
    ann, bob = first.issue("ann", "viewer"), second.issue("bob", "viewer")
    times = (first.file.stat().st_atime_ns, first.file.stat().st_mtime_ns)
    os.utime(second.file, ns=times)  # made in the same moment, and as long as the other one
    (tmp_path / "..data").symlink_to("first")
    (tmp_path / "keys.json").symlink_to("..data/keys.json")
    ring = Ring(tmp_path / "keys.json")
    ring.keys.load()
    assert ring.keys.find(ann) is not None
    (tmp_path / "..data_tmp").symlink_to("second")
    (tmp_path / "..data_tmp").rename(tmp_path / "..data")
    await ring.keys.look()
    assert (ring.keys.find(ann), ring.keys.find(bob) is not None) == (None, True)


def test_without_a_readable_file_it_does_not_begin(issued: IssuedKeys) -> None:
    with pytest.raises(KeysUnreadable, match=r"TASKER_API_KEYS_FILE.*No such file.*tasker keys create"):
        Ring(issued.file).keys.load()
    issued.file.write_text("{")
    with pytest.raises(KeysUnreadable, match="not JSON"):
        Ring(issued.file).keys.load()


async def test_ten_thousand_keys(issued: IssuedKeys) -> None:
    texts = [key_text(f"{n:08d}", f"s{n}".rjust(32, "x")) for n in range(10_000)]
    kept = [
        ApiKey(id=f"{n:08d}", name=f"n{n}", role="viewer", sha256=key_digest(text), created_at=MADE)
        for n, text in enumerate(texts)
    ]
    issued.file.write_bytes(KeysFile(keys=tuple(kept)).encoded())
    ring = Ring(issued.file)
    ring.keys.load()
    assert all(ring.keys.find(text) is not None for text in texts[::100])
    began = thread_time()
    for text in texts:
        ring.keys.find(text)
    assert thread_time() - began < 1, "some microseconds each, however many there are"


@pytest.mark.parametrize("change", ["revoked", "another role", "expired"])
async def test_who_waits_until_a_key_is_gone_is_told(issued: IssuedKeys, change: str) -> None:
    ann = issued.issue("ann", "viewer", expires_at=MADE + timedelta(seconds=0.2))
    ring = Ring(issued.file)
    ring.keys.load()
    key = ring.keys.find(ann)
    assert key is not None
    gone = asyncio.create_task(ring.keys.gone(caller_by(key)))
    issued.issue("bob", "viewer")
    await ring.keys.look()
    assert not gone.done(), "other keys are no concern of it"
    if change == "revoked":
        issued.revoke("ann")
        await ring.keys.look()
    elif change == "another role":
        issued.change("ann", role="admin")
        await ring.keys.look()
    else:
        ring.clock.ms += 200
    async with asyncio.timeout(SECONDS):
        await gone


async def test_a_key_expires_by_the_clock(issued: IssuedKeys) -> None:
    ann = issued.issue("ann", "viewer", expires_at=MADE + timedelta(hours=1))
    ring = Ring(issued.file)
    ring.keys.load()
    key = ring.keys.find(ann)
    assert key is not None
    ring.clock.ms += 3_599_999
    assert not ring.keys.is_expired(key)
    ring.clock.ms += 1
    assert ring.keys.is_expired(key)
