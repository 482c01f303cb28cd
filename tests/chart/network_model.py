"""Who may talk to whom by the network policies, as the specification of NetworkPolicy has it.

A pod that no policy selects for a direction is open in it; one that some select may do what any of them allows. A
connection needs both sides: the egress of its source and the ingress of its destination.
"""

from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any, cast

from tests.chart.rendering import NAMESPACE, Manifest


@dataclass(frozen=True)
class Peer:
    """One end of a connection: a pod (labels, namespace and its labels), or an address outside of the cluster."""

    labels: dict[str, str] = field(default_factory=dict[str, str])
    namespace: str = NAMESPACE
    address: str | None = None


def may_connect(policies: list[Manifest], source: Peer, destination: Peer, port: int, protocol: str = "TCP") -> bool:
    """Whether a connection is allowed."""
    return _side(policies, source, destination, "egress", port, protocol) and _side(
        policies, destination, source, "ingress", port, protocol
    )


def _side(policies: list[Manifest], pod: Peer, other: Peer, direction: str, port: int, protocol: str) -> bool:
    if pod.address is not None:
        return True
    selecting: list[dict[str, Any]] = [
        policy["spec"]
        for policy in policies
        if pod.namespace == policy["metadata"].get("namespace", NAMESPACE)
        and direction.capitalize() in policy["spec"]["policyTypes"]
        and _selects(policy["spec"]["podSelector"], pod.labels)
    ]
    if not selecting:
        return True
    rules = [rule for spec in selecting for rule in cast("list[dict[str, Any]]", spec.get(direction) or [])]
    end = "to" if direction == "egress" else "from"
    return any(_ports(rule, port, protocol) and _has(rule.get(end) or [], other) for rule in rules)


def _has(peers: list[dict[str, Any]], other: Peer) -> bool:
    """Whether one of these is meant; none at all means everybody."""
    return not peers or any(_is(peer, other) for peer in peers)


def _ports(rule: dict[str, Any], port: int, protocol: str) -> bool:
    return not rule.get("ports") or any(
        p.get("protocol", "TCP") == protocol and p.get("port", port) == port for p in rule["ports"]
    )


def _is(peer: dict[str, Any], other: Peer) -> bool:
    if block := peer.get("ipBlock"):
        address = other.address and ip_address(other.address)
        if not address:
            return False
        inside = address in ip_network(block["cidr"])
        return inside and not any(address in ip_network(part) for part in block.get("except", []))
    if other.address is not None:
        return False
    namespaces = peer.get("namespaceSelector")
    right_namespace = (
        other.namespace == NAMESPACE
        if namespaces is None
        else _selects(namespaces, {"kubernetes.io/metadata.name": other.namespace})
    )
    return right_namespace and _selects(peer.get("podSelector", {}), other.labels)


def _selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    assert selector.keys() <= {"matchLabels", "matchExpressions"}
    if not selector.get("matchLabels", {}).items() <= labels.items():
        return False
    for expression in selector.get("matchExpressions", []):
        assert expression["operator"] == "In"
        if labels.get(expression["key"]) not in expression["values"]:
            return False
    return True
