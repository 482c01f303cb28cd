"""Names that nobody answers for: their look-ups outlive the attempts, and keep out neither other names nor Kafka's."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tasker_executor.handlers.http import http_handler
from tasker_executor.http.names import name_resolver
from tasker_executor.http.names.name_resolver import MIN_THREADS, NameResolver, domains_of
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.testing.target_server import LOOPBACK, run_of, target_server
from tasker_runtime.clock import SystemClock
from tasker_runtime.lifecycle import ServiceLoop

THREADS = 4
DEAD = (".dead.test", ".dead.co.test")


class Dns:
    """Resolves names to 127.0.0.1; look-ups of those below DEAD go on until they are `answered`."""

    def __init__(self) -> None:
        self.answered = threading.Event()
        self.asked: list[str] = []
        self._resolve = socket.getaddrinfo

    def getaddrinfo(self, host: Any, port: Any, *more: Any, **named: Any) -> list[Any]:
        self.asked.append(host)
        if str(host).endswith(DEAD):
            self.answered.wait(30)
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return self._resolve("127.0.0.1" if str(host).endswith(".test") else host, port, *more, **named)

    def dead(self) -> list[str]:
        return [host for host in self.asked if host.endswith(DEAD)]


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dns]:
    found = Dns()
    monkeypatch.setattr("socket.getaddrinfo", found.getaddrinfo)
    yield found
    found.answered.set()


def test_they_keep_no_other_name_out(dns: Dns) -> None:
    async def call() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(THREADS))
        async with target_server() as target, checked_session(LOOPBACK) as session:
            http = http_handler(session, SecretStore(None, {}), SystemClock())

            async def give_up(number: int) -> None:
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await http(run_of({"url": f"http://host{number}.dead.test/"}))

            await asyncio.gather(*(give_up(number) for number in range(3 * THREADS)))
            assert dns.dead()
            try:
                async with asyncio.timeout(2):
                    await http(run_of({"url": f"http://good.test:{target.port}/"}))
                    assert await loop.run_in_executor(None, lambda: "free") == "free"
            finally:
                dns.answered.set()

    with asyncio.Runner(loop_factory=ServiceLoop) as runner:
        runner.run(call())


async def until_asked(dns: Dns, count: int) -> None:
    async with asyncio.timeout(5):
        while len(dns.asked) < count:
            await asyncio.sleep(0)


async def test_a_domain_has_no_more_threads_than_it_leaves_free_and_its_other_names_wait_for_them(dns: Dns) -> None:
    names = NameResolver(MIN_THREADS)
    dead = [asyncio.create_task(names.resolve(f"host{n}.dead.test", 80)) for n in range(2 * MIN_THREADS)]
    await until_asked(dns, MIN_THREADS // 2)
    other = await names.resolve("good.example.test", 80)
    assert (other[0]["host"], other[0]["port"]) == ("127.0.0.1", 80)
    assert len(dns.dead()) == MIN_THREADS // 2
    for task in dead[:3]:  # given up, but still looked up: no other may have its thread
        task.cancel()
    last = dead.pop()
    last.cancel()  # while it waits
    await asyncio.wait({*dead[:3], last})
    await names.resolve("good.example.test", 80)
    assert len(dns.dead()) == MIN_THREADS // 2
    dns.answered.set()
    ended = await asyncio.gather(*dead[3:], return_exceptions=True)
    assert {type(error) for error in ended} == {socket.gaierror}
    assert sorted(dns.dead()) == sorted(f"host{n}.dead.test" for n in range(2 * MIN_THREADS - 1))
    await names.close()


async def test_a_name_waits_for_a_thread_within_a_bound(dns: Dns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_resolver, "WAIT_SECONDS", 0.01)
    names = NameResolver(MIN_THREADS)
    dead = [asyncio.create_task(names.resolve(f"host{n}.dead.test")) for n in range(MIN_THREADS)]
    await until_asked(dns, MIN_THREADS // 2)
    with pytest.raises(OSError, match=r"other names in dead\.test"):
        await names.resolve("late.dead.test")
    dns.answered.set()
    await asyncio.gather(*dead, return_exceptions=True)
    monkeypatch.setattr(name_resolver, "WAIT_SECONDS", 5)
    with pytest.raises(socket.gaierror):
        await names.resolve("late.dead.test")
    await names.close()


async def test_under_a_suffix_where_each_has_a_name_of_three_labels_none_keeps_the_others_out(dns: Dns) -> None:
    names = NameResolver(MIN_THREADS)
    dead = [asyncio.create_task(names.resolve(f"host{n}.dead.co.test")) for n in range(2 * MIN_THREADS)]
    await until_asked(dns, MIN_THREADS // 4)
    async with asyncio.timeout(2):
        for host in ("www.shop.co.test", "shop.co.test", "co.test", "www.example.test"):
            assert (await names.resolve(host))[0]["host"] == "127.0.0.1"
    assert len(dns.dead()) == MIN_THREADS // 4
    dns.answered.set()
    await asyncio.gather(*dead, return_exceptions=True)
    await names.close()


async def test_however_many_names_of_three_labels_are_dead_other_domains_go_on(dns: Dns) -> None:
    names = NameResolver(MIN_THREADS)
    dead = [asyncio.create_task(names.resolve(f"w{n}.host{n % 20}.dead.test")) for n in range(2 * MIN_THREADS)]
    await until_asked(dns, MIN_THREADS // 2)
    async with asyncio.timeout(2):
        await names.resolve("good.example.test")
    assert len(dns.dead()) == MIN_THREADS // 2
    dns.answered.set()
    await asyncio.gather(*dead, return_exceptions=True)
    await names.close()


@pytest.mark.parametrize(
    ("host", "domains"),
    [
        ("a.b.Dead.test", ["dead.test", "b.dead.test"]),
        ("b.dead.test.", ["dead.test", "b.dead.test"]),
        ("dead.test.", ["dead.test"]),
        ("kafka", ["kafka"]),
        ("", [""]),
    ],
)
def test_the_domains_of_a_name(host: str, domains: list[str]) -> None:
    assert domains_of(host) == domains
