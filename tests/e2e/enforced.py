"""What a network plugin makes of egress policies: the packets of a pod that pass.

It shares no code with `alertpath.egress`, which is compared with it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from alertpath.delivery.egress import Pod, Policy
from tests.e2e.namespaces import Passage


def passages(policies: Iterable[Policy], source: Pod, pods: Mapping[str, Pod]) -> list[Passage] | None:
    """What the policies let out of the pod `source`; None where they leave it alone. `pods`: the cluster's by address.

    Policies as API servers give them: with their defaults filled in.
    """
    about = [
        policy
        for policy in policies
        if policy["metadata"]["namespace"] == source.namespace
        and "Egress" in policy["spec"]["policyTypes"]
        and _carries(source.labels, policy["spec"]["podSelector"])
    ]
    if not about:
        return None
    rules = [rule for policy in about for rule in policy["spec"].get("egress", [])]
    return [passage for rule in rules for passage in _of_rule(rule, source.namespace, pods)]


def _of_rule(rule: Mapping[str, Any], namespace: str, pods: Mapping[str, Pod]) -> Iterator[Passage]:
    everything = [{"ipBlock": {"cidr": cidr}} for cidr in ("0.0.0.0/0", "::/0")]
    for peer in rule.get("to", everything):
        for protocol, ports in _ports(rule):
            if block := peer.get("ipBlock"):
                yield Passage(block["cidr"], tuple(block.get("except", [])), protocol, ports)
            else:
                for address, pod in pods.items():
                    if _is_meant(pod, peer, namespace):
                        yield Passage(str(ipaddress.ip_network(address)), (), protocol, ports)


def _ports(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "ports" not in rule:
        yield "", ""
    for port in rule.get("ports", []):
        first = port.get("port")
        assert not isinstance(first, str), "no port by name is rendered"
        yield port["protocol"], "" if first is None else f"{first}-{port.get('endPort', first)}"


def _is_meant(pod: Pod, peer: Mapping[str, Any], namespace: str) -> bool:
    labels = {"kubernetes.io/metadata.name": pod.namespace, **pod.namespace_labels}
    in_namespace = (
        _carries(labels, peer["namespaceSelector"]) if "namespaceSelector" in peer else pod.namespace == namespace
    )
    return in_namespace and _carries(pod.labels, peer.get("podSelector", {}))


def _carries(labels: Mapping[str, str], selector: Mapping[str, Any]) -> bool:
    assert set(selector) <= {"matchLabels"}, "no other selectors are rendered"
    return selector.get("matchLabels", {}).items() <= labels.items()
