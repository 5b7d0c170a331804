"""What NetworkPolicies let a pod reach, as Kubernetes decides it.

Policies add up: a pod that no egress policy selects may reach everything, one that some select, what any of them
allows. Ports are those of the destination's pods, after a Service's translation. Whether an `ipBlock` takes in pods
depends on the network plugin; here it takes in whatever has that address.
Source: Kubernetes 1.37, networking.k8s.io/v1 NetworkPolicy, and apimachinery's label selectors.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast, final

from alertpath.documents.manifests import selects

Policy = Mapping[str, Any]
Protocol = Literal["TCP", "UDP", "SCTP"]


@final
@dataclass(frozen=True, slots=True)
class Pod:
    """A pod: its labels, its namespace and that one's labels, and its ports' numbers by name."""

    namespace: str
    labels: Mapping[str, str]
    namespace_labels: Mapping[str, str] = field(default_factory=dict[str, str])
    ports: Mapping[str, int] = field(default_factory=dict[str, int])

    def belongs_to(self, namespace_selector: Any) -> bool:
        """Whether a selector of namespaces takes in its namespace; each carries its name as a label."""
        labels = {**self.namespace_labels, "kubernetes.io/metadata.name": self.namespace}
        return selects(namespace_selector, labels)


@final
@dataclass(frozen=True, slots=True)
class Flow:
    """What is to be reached: a protocol and port at an address, of a pod in the cluster or of none."""

    protocol: Protocol
    port: int
    address: str = ""
    pod: Pod | None = None

    def __str__(self) -> str:
        where = self.address or (f"a pod of {self.pod.namespace}" if self.pod else "anywhere")
        return f"{self.protocol} {self.port} to {where}"


@final
@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a flow is let out, and by which policies; `isolated`: whether any policy restricts the pod at all."""

    allowed: bool
    isolated: bool
    by: tuple[str, ...]


def verdict(policies: Iterable[Policy], source: Pod, flow: Flow) -> Verdict:
    """Whether the policies of a cluster let `flow` out of the pod `source`."""
    selecting = selecting_egress(policies, source)
    by = tuple(_name(policy) for policy in selecting if lets_out(policy, flow))
    return Verdict(bool(by) or not selecting, bool(selecting), by)


def selecting_egress(policies: Iterable[Policy], pod: Pod) -> list[Policy]:
    """The policies that restrict what the pod may reach."""
    return [policy for policy in policies if _restricts_egress(policy) and _selects_pod(policy, pod)]


def lets_out(policy: Policy, flow: Flow) -> bool:
    """Whether one egress policy allows a flow from the pods that it selects."""
    namespace = _namespace(policy)
    return any(
        _any_or_none(rule.get("ports"), lambda port: _is_port(port, flow))
        and _any_or_none(rule.get("to"), lambda peer: _is_peer(peer, flow, namespace))
        for rule in _list(_spec(policy).get("egress"))
    )


def _restricts_egress(policy: Policy) -> bool:
    spec = _spec(policy)
    types = cast("Sequence[str] | None", spec.get("policyTypes"))
    # Without `policyTypes` a policy is about egress if it has such rules.
    return "Egress" in types if types else bool(spec.get("egress"))


def _selects_pod(policy: Policy, pod: Pod) -> bool:
    return _namespace(policy) == pod.namespace and selects(_spec(policy).get("podSelector") or {}, pod.labels)


def _is_port(port: Mapping[str, Any], flow: Flow) -> bool:
    if port.get("protocol", "TCP") != flow.protocol:
        return False
    number: object = port.get("port")
    if number is None:
        return True
    if isinstance(number, str) and not number.isdecimal():
        return flow.pod is not None and flow.pod.ports.get(number) == flow.port
    first = int(cast("int", number))
    return first <= flow.port <= int(cast("int", port.get("endPort") or first))


def _is_peer(peer: Mapping[str, Any], flow: Flow, namespace: str) -> bool:
    if block := cast("Mapping[str, Any] | None", peer.get("ipBlock")):
        return _within(block["cidr"], flow.address) and not any(
            _within(excluded, flow.address) for excluded in _list(block.get("except"))
        )
    pod = flow.pod
    if pod is None:
        return False
    namespaces, pods = peer.get("namespaceSelector"), peer.get("podSelector")
    here = pod.namespace == namespace if namespaces is None else pod.belongs_to(namespaces)
    return here and (pods is None or selects(pods, pod.labels))


def _within(cidr: Any, address: str) -> bool:
    if not address:
        return False
    network, target = ipaddress.ip_network(str(cidr), strict=False), ipaddress.ip_address(address)
    # Packets to ::ffff:10.0.0.1 leave as IPv4.
    target = getattr(target, "ipv4_mapped", None) or target
    return network.version == target.version and target in network


def _any_or_none(entries: Any, fits: Callable[[Mapping[str, Any]], bool]) -> bool:
    # What a rule does not say is not restricted.
    found = _list(entries)
    return not found or any(fits(entry) for entry in found)


def _spec(policy: Policy) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", policy.get("spec") or {})


def _namespace(policy: Policy) -> str:
    return cast("Mapping[str, str]", policy["metadata"]).get("namespace", "default")


def _name(policy: Policy) -> str:
    return cast("Mapping[str, str]", policy["metadata"])["name"]


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
