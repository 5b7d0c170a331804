"""The evaluator of NetworkPolicies, and with it the flow matrix of the policies that the stacks render."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from alertpath.compiling.compile import compile_stack
from alertpath.delivery.egress import Flow, Policy, verdict
from alertpath.delivery.manifests.network_policy import network_policy
from alertpath.documents.manifests import selects
from alertpath.inputs.stack import load
from tests.unit.flows import ALERTMANAGER, MATRIX, OTHER, PEER, SLACK, SOURCE

ROOT = Path(__file__).resolve().parents[2]


def policy(name: str = "p", namespace: str = "monitoring", **spec: Any) -> Policy:
    return {"metadata": {"name": name, "namespace": namespace}, "spec": spec}


def lets(flow: Flow, *policies: Policy) -> bool:
    return verdict(policies, SOURCE, flow).allowed


@pytest.mark.parametrize("stack", ["production", "staging"])
@pytest.mark.parametrize(("flow", "allowed"), MATRIX, ids=str)
def test_the_flow_matrix_of_the_stacks(stack: str, flow: Flow, allowed: bool) -> None:
    found = load(ROOT / f"Pulumi.{stack}.yaml")
    rendered = network_policy(found, compile_stack(found))
    assert rendered is not None
    assert lets(flow, rendered) == allowed


def test_another_policy_that_opens_everything_cancels_ours() -> None:
    ours = policy("ours", podSelector={"matchLabels": ALERTMANAGER}, policyTypes=["Egress"], egress=[])
    shipped = policy("alertmanager-main", podSelector={}, policyTypes=["Ingress", "Egress"], egress=[{}])
    assert not lets(SLACK, ours)
    assert verdict([ours, shipped], SOURCE, SLACK).by == ("alertmanager-main",)


def test_who_is_restricted_at_all() -> None:
    assert lets(SLACK)
    assert lets(SLACK, policy(podSelector={}, policyTypes=["Ingress"], ingress=[]))
    assert lets(SLACK, policy(namespace="other", podSelector={}, policyTypes=["Egress"]))
    assert lets(SLACK, policy(podSelector={"matchLabels": {"app": "other"}}, policyTypes=["Egress"]))
    assert not lets(SLACK, policy(podSelector={}, policyTypes=["Egress"]))
    assert not lets(SLACK, policy(podSelector={}, egress=[{"to": [{"podSelector": {}}]}]))
    assert lets(SLACK, policy(podSelector={}, ingress=[{}]))


@pytest.mark.parametrize(
    ("rule", "flow", "allowed"),
    [
        ({}, SLACK, True),
        ({"ports": [{}]}, SLACK, True),
        ({"ports": [{"protocol": "UDP"}]}, SLACK, False),
        ({"ports": [{"port": 443}]}, SLACK, True),
        ({"ports": [{"port": "443"}]}, SLACK, True),
        ({"ports": [{"port": 400, "endPort": 500}]}, SLACK, True),
        ({"ports": [{"port": 444, "endPort": 500}]}, SLACK, False),
        ({"ports": [{"port": "web"}]}, Flow("TCP", 8080, "", OTHER), True),
        ({"ports": [{"port": "web"}]}, Flow("TCP", 8081, "", OTHER), False),
        ({"ports": [{"port": "web"}]}, SLACK, False),
        ({"to": [{"namespaceSelector": {}}]}, SLACK, False),
        ({"to": [{"namespaceSelector": {}}]}, Flow("TCP", 1, "", OTHER), True),
        ({"to": [{"namespaceSelector": {"matchLabels": {"team": "seedtest"}}}]}, Flow("TCP", 1, "", OTHER), True),
        ({"to": [{"podSelector": {}}]}, Flow("TCP", 1, "", OTHER), False),
        ({"to": [{"podSelector": {}}]}, Flow("TCP", 1, "", PEER), True),
        ({"to": [{"podSelector": {}, "namespaceSelector": {}}]}, Flow("TCP", 1, "", OTHER), True),
        (
            {"to": [{"podSelector": {"matchLabels": {"app": "x"}}, "namespaceSelector": {}}]},
            Flow("TCP", 1, "", OTHER),
            False,
        ),
        ({"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["3.0.0.0/8"]}}]}, SLACK, False),
        ({"to": [{"ipBlock": {"cidr": "::/0"}}]}, SLACK, False),
        ({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}, Flow("TCP", 1, "", OTHER), False),
    ],
)
def test_rules(rule: dict[str, Any], flow: Flow, allowed: bool) -> None:
    assert lets(flow, policy(podSelector={}, policyTypes=["Egress"], egress=[rule])) == allowed


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("{}", True),
        ("{matchLabels: {app: a}}", True),
        ("{matchLabels: {app: a, tier: x}}", False),
        ("{matchExpressions: [{key: app, operator: In, values: [a, b]}]}", True),
        ("{matchExpressions: [{key: app, operator: NotIn, values: [a, b]}]}", False),
        ("{matchExpressions: [{key: tier, operator: NotIn, values: [a]}]}", True),
        ("{matchExpressions: [{key: app, operator: Exists}]}", True),
        ("{matchExpressions: [{key: app, operator: DoesNotExist}]}", False),
        ("{matchLabels: {app: a}, matchExpressions: [{key: app, operator: DoesNotExist}]}", False),
        ("null", False),
    ],
)
def test_label_selectors(selector: str, expected: bool) -> None:
    assert selects(yaml.safe_load(selector), {"app": "a"}) == expected
