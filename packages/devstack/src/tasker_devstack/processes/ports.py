"""Ports: which are wanted, whether they are free, who holds them, and free ones for tests."""

import asyncio
import contextlib
import errno
import os
import random
import socket
from pathlib import Path

import psutil

from tasker_devstack.errors import DevstackError
from tasker_devstack.processes.child_process import ChildProcess

HOST = "127.0.0.1"
MAX_PORT = 65535
FIRST_PORT, TRIES = 10_000, 1000
OUTGOING_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")


class PortShare:
    """Gives out each port once: whoever got one may still be about to listen there, or be restarting.

    `index` of `count`: processes that give out ports at the same time have a share each, and never the same port.
    """

    def __init__(self, index: int = 0, count: int = 1) -> None:
        self._index, self._count, self._given = index, count, set[int]()

    def take(self) -> int:
        """As `free_port`."""
        share = [one for one in self._all() if one not in self._given]
        for number in random.sample(share, min(TRIES, len(share))):
            with contextlib.suppress(OSError), socket.create_server((HOST, number)):
                self._given.add(number)
                return number
        raise DevstackError(f"of {len(share)} ports none is found free in {TRIES} tries")

    def _all(self) -> range:
        return range(FIRST_PORT + self._index, _first_outgoing_port(), self._count)


_share = PortShare()


def take_share(index: int, count: int) -> None:
    """From now on this process gives out its share of the ports only; see PortShare."""
    global _share
    _share = PortShare(index, count)


def free_port() -> int:
    """A port that is free, and none of those that the system may give to an outgoing connection at any moment.

    Raises DevstackError when none is found.
    """
    return _share.take()


def _first_outgoing_port() -> int:
    """The first of the system's ephemeral ports. Where it does not tell: what most systems have."""
    try:
        first = int(OUTGOING_PORTS.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 32768
    return max(first, FIRST_PORT + TRIES)


def port_setting(setting: str, default: int, last: int = MAX_PORT) -> int:
    """A port from the environment. Raises DevstackError when it is none."""
    text = os.environ.get(setting, "") or str(default)
    if not text.isdecimal() or not 0 < int(text) <= last:
        raise DevstackError(f"{setting}={text!r} is no port: give a number from 1 to {last}")
    return int(text)


def require_free(number: int, what: str, setting: str) -> None:
    """Raise DevstackError when a port can't be had, with its holder and the setting for another port."""
    subject, other = f"port {number} for {what}", f"choose another port: {setting}={free_port()} make run"
    for family, host in ((socket.AF_INET, HOST), (socket.AF_INET6, "::1")):  # `localhost` may be either
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, number))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise DevstackError(f"{subject} is in use{_holder(number)}: end it, or {other}") from None
            if family == socket.AF_INET:  # a machine may well be without the other
                raise DevstackError(f"{subject} can't be had ({error.strerror}): {other}") from None


def _holder(number: int) -> str:
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr[1] == number and connection.status == psutil.CONN_LISTEN:
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})" if connection.pid else ""
    return ""


async def until_listening(number: int, seconds: float, child: ChildProcess) -> bool:
    """Wait until a child listens on a port; False when it does not in time, or has ended."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while child.running and loop.time() < deadline:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(HOST, number)
            writer.close()
            return child.running
        await asyncio.sleep(0.1)
    return False
