"""Ports: whether they are free, who holds them, and free ones for tests."""

import asyncio
import contextlib
import socket

import psutil

from tasker_devstack.trouble import Trouble

HOST = "127.0.0.1"


def free_port() -> int:
    """A port that is free at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def require_free(port: int, what: str, setting: str) -> None:
    """Raise Trouble when a port is taken, with its holder and the setting that moves us elsewhere."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            way_out = f"end it, or choose another port: {setting}={free_port()} make run"
            raise Trouble(f"port {port} for {what} is in use{_holder(port)}: {way_out}") from None


def _holder(port: int) -> str:
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr[1] == port and connection.status == psutil.CONN_LISTEN:
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})" if connection.pid else ""
    return ""


async def until_listening(port: int, seconds: float) -> bool:
    """Wait until something listens on a port; False when nothing does in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while loop.time() < deadline:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(HOST, port)
            writer.close()
            return True
        await asyncio.sleep(0.1)
    return False
