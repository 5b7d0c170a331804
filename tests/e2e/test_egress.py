"""What policies let out, tried with packets: each arrives or is refused as `alertpath.egress` says.

Addresses of the link alone (fe80::/10) are left out: no node forwards them, whatever policies say.
"""

from __future__ import annotations

import copy
import ipaddress
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from alertpath.delivery.egress import Policy, verdict
from alertpath.delivery.manifests.network_policy import network_policy
from tests.e2e.enforced import passages
from tests.e2e.namespaces import Wire, connected
from tests.program.conftest import had
from tests.unit.flows import ALERTMANAGER, MATRIX, SOURCE
from tests.unit.samples import compiled

GOLDEN: Final = Path(__file__).resolve().parents[1] / "golden"
_LINK: Final = ipaddress.ip_network("fe80::/10")
FLOWS: Final = [flow for flow, _ in MATRIX if ipaddress.ip_address(flow.address) not in _LINK]
PODS: Final = {flow.address: flow.pod for flow in FLOWS if flow.pod}
ALL: Final = {str(flow) for flow in FLOWS}
NEEDED: Final = {str(flow) for flow, allowed in MATRIX if allowed}


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with had("network namespaces"), connected() as wire:
        yield wire


def arriving(wire: Wire, *policies: Policy) -> set[str]:
    """The flows of the matrix that arrive under these policies; they are those that the evaluator lets out."""
    wire.let_pass(passages(policies, SOURCE, PODS))
    found = {str(flow) for flow in FLOWS if wire.arrives(flow)}
    assert found == {str(flow) for flow in FLOWS if verdict(policies, SOURCE, flow).allowed}, policies
    return found


def rendered(stack: str) -> dict[str, Any]:
    return yaml.safe_load((GOLDEN / stack / "networkpolicy-alertmanager-egress.yaml").read_text(encoding="utf-8"))


def policy(pods: dict[str, str], *egress: dict[str, Any]) -> Policy:
    spec = {"podSelector": {"matchLabels": pods}, "policyTypes": ["Egress"], "egress": list(egress)}
    return {"metadata": {"name": "other", "namespace": SOURCE.namespace}, "spec": spec}


def test_without_a_policy_every_packet_arrives(wire: Wire) -> None:
    assert arriving(wire) == ALL


@pytest.mark.parametrize("stack", ["production", "staging", "dev"])
def test_what_is_rendered_lets_out_what_is_needed_and_nothing_else(wire: Wire, stack: str) -> None:
    assert arriving(wire, rendered(stack)) == NEEDED


def test_the_exceptions_are_what_keeps_metadata_closed(wire: Wire) -> None:
    wider = copy.deepcopy(rendered("production"))
    for peer in wider["spec"]["egress"][-1]["to"]:
        del peer["ipBlock"]["except"]
    assert "TCP 443 to 169.254.169.254" in arriving(wire, wider)


def test_a_policy_of_others(wire: Wire) -> None:
    ours = rendered("production")
    assert arriving(wire, ours, policy({}, {})) == ALL
    assert arriving(wire, ours, policy({"app": "other"}, {})) == NEEDED
    assert arriving(wire, policy({})) == set()


@pytest.mark.parametrize(
    ("settings", "opened"),
    [
        ({"proxy": {"cidr": "10.0.0.1/32", "port": 6443}}, "TCP 6443 to 10.0.0.1"),
        ({"dns": {"cidrs": ["8.8.8.8/32"]}}, "UDP 53 to 8.8.8.8"),
        ({"extra": [{"cidr": "192.168.0.0/16", "ports": [443]}]}, "TCP 443 to 192.168.1.1"),
        ({"extra": [{"cidr": "fd12::/16", "ports": [443]}]}, "TCP 443 to fd12::1"),
        ({"extra": [{"namespace": "seedtest", "ports": [8080]}]}, "TCP 8080 to 10.1.0.9"),
    ],
    ids=str,
)
def test_what_a_setting_opens(wire: Wire, tmp_path: Path, settings: dict[str, Any], opened: str) -> None:
    wider = network_policy(*compiled(tmp_path, network_policy=settings))
    assert wider is not None
    assert arriving(wire, wider) == NEEDED | {opened}


def test_open_egress(wire: Wire, tmp_path: Path) -> None:
    wide = network_policy(*compiled(tmp_path, network_policy={"egress": "open"}))
    assert wide is not None
    assert arriving(wire, wide) == {
        str(flow) for flow in FLOWS if flow.pod or (flow.protocol, flow.port) == ("TCP", 443)
    }


@pytest.mark.parametrize("seed", range(4))
def test_policies_at_random(wire: Wire, seed: int) -> None:
    """Ranges and exceptions cut around the addresses that are tried."""
    chance = random.Random(seed)
    outcomes = {
        frozenset(arriving(wire, *(_random_policy(chance) for _ in range(chance.randint(1, 2))))) for _ in range(10)
    }
    assert len(outcomes) > 5


def _random_policy(chance: random.Random) -> Policy:
    rules: list[dict[str, Any]] = []
    for _ in range(chance.randint(1, 3)):
        rule: dict[str, Any] = {}
        if chance.random() < 0.9:
            rule["to"] = [_random_peer(chance) for _ in range(chance.randint(1, 3))]
        if chance.random() < 0.8:
            rule["ports"] = [_random_port(chance) for _ in range(chance.randint(1, 3))]
        rules.append(rule)
    return policy(chance.choice([{}, ALERTMANAGER, ALERTMANAGER, {"app": "other"}]), *rules)


def _random_peer(chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.3:
        namespaces = chance.choice([{}, {"matchLabels": {"kubernetes.io/metadata.name": "seedtest"}}])
        pods = chance.choice([{}, {"matchLabels": ALERTMANAGER}, {"matchLabels": {"app": "seedtest-api"}}])
        return chance.choice([{"podSelector": pods}, {"namespaceSelector": namespaces, "podSelector": pods}])
    block = _random_range(chance, chance.choice([0, 7, 12, 16, 24, 32]))
    parts = [_random_range(chance, block.prefixlen + chance.randint(1, 8)) for _ in range(4)]
    # An exception is a part of the range.
    excluded = [str(part) for part in parts if part.version == block.version and part != block and part.overlaps(block)]
    return {"ipBlock": {"cidr": str(block), "except": excluded}}


def _random_range(chance: random.Random, length: int) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    target = ipaddress.ip_address(chance.choice(FLOWS).address)
    target = getattr(target, "ipv4_mapped", None) or target
    return ipaddress.ip_network(f"{target}/{min(length, target.max_prefixlen)}", strict=False)


def _random_port(chance: random.Random) -> dict[str, Any]:
    port: dict[str, Any] = {"protocol": chance.choice(["TCP", "TCP", "UDP"])}
    match chance.randrange(4):
        case 0:
            first = chance.choice([53, 79, 400, 443, 8079])
            port |= {"port": first, "endPort": first + chance.randint(0, 50)}
        case 1 | 2:
            port["port"] = chance.choice([flow.port for flow in FLOWS])
        case _:
            pass
    return port
