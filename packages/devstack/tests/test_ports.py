"""Ports that can't be had are named in one line, with the way out."""

import os
import socket
from pathlib import Path

import pytest

from tasker_devstack.errors import DevstackError
from tasker_devstack.processes.ports import (
    FIRST_PORT,
    HOST,
    OUTGOING_PORTS,
    PortShare,
    free_port,
    port_setting,
    require_free,
)


@pytest.mark.parametrize("host", [HOST, "0.0.0.0", "::1", "::"])
def test_a_port_in_use_is_named_with_its_holder_and_the_way_out(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, 0), family=family, dualstack_ipv6=host == "::")
    except OSError:  # a machine without IPv6: then the lack of it is no port in use
        assert family == socket.AF_INET6
        require_free(free_port(), "a thing", "A_PORT")
        return
    with listener:
        number = listener.getsockname()[1]
        with pytest.raises(DevstackError) as error:
            require_free(number, "the web UI", "TASKER_PORT")
    text = str(error.value)
    assert "\n" not in text
    assert f"port {number} for the web UI is in use by " in text
    assert f"(pid {os.getpid()})" in text
    assert "TASKER_PORT=" in text


def test_free_ports_are_free_and_none_that_an_outgoing_connection_may_take() -> None:
    numbers = {free_port() for _ in range(50)}
    assert len(numbers) > 40
    with socket.create_server((HOST, 0)) as listener, socket.create_connection(listener.getsockname()) as outgoing:
        first_outgoing = int(OUTGOING_PORTS.read_text().split()[0])
        assert max(numbers) < first_outgoing <= outgoing.getsockname()[1]
    for number in numbers:
        require_free(number, "a thing", "A_PORT")


def test_no_port_is_given_out_twice_in_a_process_or_beside_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasker_devstack.processes.ports._first_outgoing_port", lambda: FIRST_PORT + 40)
    shares = [PortShare(0, 2), PortShare(1, 2)]
    given = [[share.take() for _ in range(15)] for share in shares]
    assert [{number % 2 for number in one} for one in given] == [{0}, {1}]
    assert [len(set(one)) for one in given] == [15, 15]
    with pytest.raises(DevstackError, match="none is found free"):
        [shares[0].take() for _ in range(6)]


@pytest.mark.parametrize(
    ("content", "limit"), [(None, 32768), ("", 32768), ("20000\t60999\n", 20000), ("1024 9", 11000)]
)
def test_the_ports_of_outgoing_connections_are_the_system_s(
    content: str | None, limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "range"
    if content is not None:
        told.write_text(content)
    monkeypatch.setattr("tasker_devstack.processes.ports.OUTGOING_PORTS", told)
    assert FIRST_PORT <= max(free_port() for _ in range(30)) < limit


def test_a_port_that_only_its_last_connections_hold_is_free() -> None:
    with socket.create_server((HOST, 0)) as listener:
        number = listener.getsockname()[1]
        with socket.create_connection((HOST, number)), listener.accept()[0] as served:
            served.shutdown(socket.SHUT_RDWR)
    require_free(number, "the web UI", "TASKER_PORT")


@pytest.mark.parametrize("text", ["x", "0", "65536", "-1", "8²"])
def test_a_setting_that_is_no_port(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKER_PORT", text)
    with pytest.raises(DevstackError, match="is no port"):
        port_setting("TASKER_PORT", 3000)


def test_an_unset_port_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKER_PORT", "")
    assert port_setting("TASKER_PORT", 3000) == 3000
    monkeypatch.setenv("TASKER_PORT", str(number := free_port()))
    assert port_setting("TASKER_PORT", 3000) == number
