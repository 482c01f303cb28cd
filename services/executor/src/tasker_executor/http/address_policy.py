"""PURE. Which addresses may be called: public ones, those that the allow-list names, never a metadata service.

Addresses that carry another one inside (IPv4-mapped, 6to4, NAT64, Teredo, ISATAP) are checked for all that they carry.
Sources: IANA's special-purpose address registries, RFC 6890, 6052, 8215, 3056, 4380, 5214.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_METADATA = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254",  # AWS, Google Cloud, Azure, OpenStack, DigitalOcean, ...
            "169.254.170.2",  # AWS ECS
            "169.254.170.23",  # AWS EKS
            "168.63.129.16",  # Azure's wire server: a public address
            "100.100.100.200",  # Alibaba Cloud
            "192.0.0.192",  # Oracle Cloud
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",
        ),
    )
)
_CLOSED_V4 = [
    (IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "an unspecified"),
        ("10.0.0.0/8", "a private"),
        ("100.64.0.0/10", "a shared (carrier-grade NAT)"),
        ("127.0.0.0/8", "a loopback"),
        ("169.254.0.0/16", "a link-local"),
        ("172.16.0.0/12", "a private"),
        ("192.0.0.0/24", "a reserved"),
        ("192.0.2.0/24", "a documentation"),
        ("192.88.99.0/24", "a reserved"),
        ("192.168.0.0/16", "a private"),
        ("198.18.0.0/15", "a benchmarking"),
        ("198.51.100.0/24", "a documentation"),
        ("203.0.113.0/24", "a documentation"),
        ("224.0.0.0/4", "a multicast"),
        ("240.0.0.0/4", "a reserved"),
    )
]
_TEREDO, _SIX_TO_FOUR = IPv6Network("2001::/32"), IPv6Network("2002::/16")
_NAT64, _NAT64_LOCAL = IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48")
_MAPPED, _COMPATIBLE = IPv6Network("::ffff:0:0/96"), IPv6Network("::/96")
_CLOSED_V6 = [
    (IPv6Network(network), what)
    for network, what in (
        ("::/128", "an unspecified"),
        ("::1/128", "a loopback"),
        ("64:ff9b:1::/48", "a local NAT64"),
        ("fc00::/7", "a private"),
        ("fe80::/10", "a link-local"),
        ("fec0::/10", "a site-local"),
        ("ff00::/8", "a multicast"),
        ("2001:db8::/32", "a documentation"),
        ("3fff::/20", "a documentation"),
    )
]
_PROTOCOLS, _GLOBAL = IPv6Network("2001::/23"), IPv6Network("2000::/3")
_LOW = 0xFFFFFFFF


def refusal_reason(text: str, allowed: Sequence[Network] = ()) -> str | None:
    """Why the address that is about to be connected to may not be called; None when it may.

    `text` is a numeric address as the operating system gives it. `allowed` opens networks that are closed; addresses
    of metadata services stay closed. Raises ValueError when `text` is no address.
    """
    address = ip_address(text.partition("%")[0])
    carried = list(_carried_addresses(address))
    if not _METADATA.isdisjoint([*carried, *_possible_addresses(address)]):
        return f"{address} is the address of a metadata service, which is never called"
    for inner in carried:
        what = _closed(inner)
        if what and not any(inner in network for network in allowed):
            within = "" if inner is address else f", which leads to {inner}"
            return (
                f"{address}{within} is {what} address; if this is meant, the operator can open its network with "
                "TASKER_EXECUTOR_ALLOW_NETWORKS"
            )
    return None


def _carried_addresses(address: Address) -> Iterable[Address]:
    """The address itself and every address that it carries; for a mapped IPv4 address only what it carries."""
    if isinstance(address, IPv4Address):
        yield address
        return
    bits = int(address)
    low = IPv4Address(bits & _LOW)
    if address in _MAPPED or (address in _COMPATIBLE and bits > 1):
        yield low
        return
    yield address
    if address in _NAT64:
        yield low
    elif address in _SIX_TO_FOUR:
        yield IPv4Address(bits >> 80 & _LOW)
    elif address in _TEREDO:
        yield IPv4Address(bits >> 64 & _LOW)
        yield IPv4Address(~bits & _LOW)
    if (bits >> 32 & _LOW) | 0x02000000 == 0x02005EFE:  # ISATAP
        yield low


def _possible_addresses(address: Address) -> Iterable[Address]:
    """What an address of a local NAT64 may carry; where depends on a prefix length that is unknown."""
    if isinstance(address, IPv6Address) and address in _NAT64_LOCAL:
        bits = int(address)
        yield IPv4Address(bits & _LOW)
        yield IPv4Address((bits >> 64 & 0xFFFF) << 16 | (bits >> 40 & 0xFFFF))


def _closed(address: Address) -> str | None:
    """What kind of closed address this is; None for a public one."""
    closed: Sequence[tuple[Network, str]] = _CLOSED_V4 if isinstance(address, IPv4Address) else _CLOSED_V6
    for network, what in closed:
        if address in network:
            return what
    if isinstance(address, IPv4Address) or address in _NAT64 or address in _TEREDO:
        return None
    return None if address in _GLOBAL and address not in _PROTOCOLS else "a reserved"
