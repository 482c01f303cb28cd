"""The address guard: every disguise of a closed address."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_executor.http.address_policy import refusal_reason

PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8"]
CLOSED = {
    "127.0.0.1": "loopback",
    "127.255.0.9": "loopback",
    "0.0.0.0": "unspecified",
    "0.1.2.3": "unspecified",
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "100.64.0.1": "carrier-grade",
    "100.127.255.255": "carrier-grade",
    "169.254.1.1": "link-local",
    "224.0.0.1": "multicast",
    "239.255.255.255": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "192.0.0.8": "reserved",
    "192.0.2.1": "documentation",
    "198.18.0.1": "benchmarking",
    "::": "unspecified",
    "::1": "loopback",
    "fc00::1": "private",
    "fd12::1": "private",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
    "2001:db8::1": "documentation",
    "2001:20::1": "reserved",
    "4000::1": "reserved",
    "::ffff:127.0.0.1": "loopback",
    "::ffff:10.0.0.1": "private",
    "::127.0.0.1": "loopback",
    "64:ff9b::7f00:1": "loopback",
    "64:ff9b::a00:1": "private",
    "64:ff9b:1::1": "local NAT64",
    "2002:7f00:1::": "loopback",
    "2002:c0a8:101::1": "private",
    "2001:0:808:808::80ff:fffe": "loopback",  # Teredo: the client is stored inverted
    "2001:0:a00:1::f7f7:f7f7": "private",  # Teredo: the server
    "2606:4700::5efe:10.0.0.1": "private",  # ISATAP
    "2606:4700::200:5efe:127.0.0.1": "loopback",
}
METADATA = [
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd20:ce::254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "64:ff9b:1:a9fe:a9:fe00::",
    "2002:a9fe:a9fe::",
    "2606:4700::5efe:169.254.169.254",
]
EVERYTHING = [ip_network("0.0.0.0/0"), ip_network("::/0")]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address: str) -> None:
    assert refusal_reason(address) is None


@pytest.mark.parametrize(("address", "what"), CLOSED.items())
def test_closed_ones_may_not_unless_their_network_is_opened(address: str, what: str) -> None:
    reason = refusal_reason(address)
    assert reason is not None
    assert what in reason
    assert "TASKER_EXECUTOR_ALLOW_NETWORKS" in reason
    assert refusal_reason(address, EVERYTHING) is None


@pytest.mark.parametrize("address", METADATA)
def test_metadata_services_never(address: str) -> None:
    reason = refusal_reason(address, EVERYTHING)
    assert reason is not None
    assert "metadata" in reason


def test_opening_a_network_opens_what_leads_there_and_nothing_else() -> None:
    loopback = [ip_network("127.0.0.0/8")]
    assert refusal_reason("127.0.0.1", loopback) is None
    assert refusal_reason("::ffff:127.0.0.1", loopback) is None
    assert refusal_reason("2002:7f00:1::", loopback) is None
    assert refusal_reason("::1", loopback) is not None
    assert refusal_reason("10.0.0.1", loopback) is not None


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_is_public_that_python_knows_as_closed(address: object) -> None:
    known = ip_address(str(address))
    if known.is_private or known.is_multicast or known.is_reserved or known.is_link_local or known.is_unspecified:
        assert refusal_reason(str(known)) is not None
        assert refusal_reason(f"::ffff:{known}") is not None


@given(st.ip_addresses(v=6))
def test_no_ipv6_address_is_public_that_python_knows_as_closed(address: object) -> None:
    known = ip_address(str(address))
    if known.is_private or known.is_multicast or known.is_link_local or known.is_unspecified:
        assert refusal_reason(str(known)) is not None
