"""Peers that fail, one way or another, while others are measured."""

import asyncio
import json
from pathlib import Path
from typing import cast

import pytest

from bench.peers.comparison import Comparison
from bench.peers.peer import Peer, PeerFailed
from bench.peers.work.work import QUICK, Cases, Size, Work


class FakePeer:
    """Fails where it is told to."""

    name, settings = "Fake", "none"

    def __init__(self, failing: str = "", label: str = "") -> None:
        self.label, self._failing, self.stopped = label, failing, 0

    async def install(self) -> str:
        self._fail("install")
        return "Fake 1"

    async def start(self) -> None:
        self._fail("start")

    async def stop(self) -> None:
        self.stopped += 1
        self._fail("stop")

    def _fail(self, step: str) -> None:
        if step == self._failing:
            raise PeerFailed(f"no {step}")


async def good(_peer: Peer, _size: Size, cases: Cases) -> None:
    cases["case"] = {"figure": 1}


async def hanging(_peer: Peer, _size: Size, cases: Cases) -> None:
    cases["case"] = {"figure": 1}
    await asyncio.Event().wait()


async def broken(_peer: Peer, _size: Size, _cases: Cases) -> None:
    raise ZeroDivisionError("nothing there")


def work(name: str) -> Work:
    return Work(
        name, name, {"good": good, "hanging": hanging, "broken": broken}[name], (), 0 if name == "hanging" else 9
    )


async def measured(tmp_path: Path, failing: str, *names: str) -> tuple[dict[str, dict[str, object]], list[FakePeer]]:
    file, made = tmp_path / "results" / "found.json", list[FakePeer]()

    def make() -> Peer:
        made.append(FakePeer(failing))
        return cast("Peer", made[-1])

    await Comparison(file, {"machine": "m"}).measure({"fake": make}, [work(name) for name in names], QUICK)
    found = json.loads(file.read_text())
    assert found["machine"] == "m"
    return found["peers"]["fake"]["works"], made[1:]


async def test_what_fails_is_noted_and_the_rest_goes_on(tmp_path: Path) -> None:
    works, made = await measured(tmp_path, "", "broken", "hanging", "good")
    assert works["broken"]["failed"] == "ZeroDivisionError: nothing there"
    assert str(works["hanging"]["failed"]).startswith("not over after")
    assert works["hanging"]["cases"] == works["good"]["cases"] == {"case": {"figure": 1}}
    assert "failed" not in works["good"]
    assert [peer.stopped for peer in made] == [1, 1, 1]


@pytest.mark.parametrize("failing", ["install", "start"])
async def test_a_peer_that_cannot_be_had(tmp_path: Path, failing: str) -> None:
    works, made = await measured(tmp_path, failing, "good")
    assert works["good"]["failed"] == f"no {failing}"
    assert all(peer.stopped for peer in made)


async def test_each_work_is_done_by_all_peers_that_there_are_before_the_next_one(tmp_path: Path) -> None:
    done = list[str]()

    def work_of(name: str) -> Work:
        async def measure(peer: Peer, _size: Size, _cases: Cases) -> None:
            done.append(f"{name} by {cast('FakePeer', peer).label}")

        return Work(name, name, measure, (), 9)

    peers = {"a": lambda: fake("a"), "lacking": lambda: fake("lacking", "install"), "b": lambda: fake("b")}
    comparison = Comparison(tmp_path / "found.json", {})
    await comparison.measure(peers, [work_of("one"), work_of("two")], QUICK)
    assert done == ["one by a", "one by b", "two by a", "two by b"]
    assert {work["failed"] for work in comparison.peers["lacking"]["works"].values()} == {"no install"}


def fake(label: str, failing: str = "") -> Peer:
    return cast("Peer", FakePeer(failing, label))


async def test_one_that_does_not_end_is_measured_all_the_same(tmp_path: Path) -> None:
    works, _ = await measured(tmp_path, "stop", "good")
    assert "failed" not in works["good"]
