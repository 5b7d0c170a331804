"""What the Alertmanager pods may reach follows from where the receivers are."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any

import pytest

from alertpath.alertmanager.config import Config, Receiver, Route
from alertpath.delivery.manifests.network_policy import Destination, destinations, network_policy
from alertpath.documents.problems import InvalidInput
from tests.unit.samples import compiled

PROXY = "http://10.1.2.3:3128"


def to(integration: str, namespace: str = "monitoring", proxy_known: bool = False, **config: Any) -> list[Destination]:
    receivers = (Receiver(name="r", integrations={integration: [config]}),)
    found = destinations(Config(route=Route(receiver="r"), receivers=receivers), namespace, proxy_known=proxy_known)
    return sorted(found)


PUBLIC = Destination(443)


@pytest.mark.parametrize(
    ("integration", "config", "expected"),
    [
        ("slack_configs", {"api_url_file": "/x"}, [PUBLIC]),
        ("slack_configs", {"app_url": "https://slack.example.com:8443/api"}, [Destination(8443)]),
        ("pagerduty_configs", {"routing_key_file": "/x"}, [PUBLIC]),
        ("webhook_configs", {"url_file": "/x"}, [PUBLIC]),
        ("webhook_configs", {"url": "https://hooks.example.com/a"}, [PUBLIC]),
        ("webhook_configs", {"url": "http://hooks.example.com/a"}, [Destination(80)]),
        ("webhook_configs", {"url": "https://{{ .CommonLabels.host }}/a"}, [PUBLIC]),
        ("webhook_configs", {"url": "http://bot.chat.svc:8080/a"}, [Destination(8080, namespace="chat")]),
        ("webhook_configs", {"url": "http://bot.chat.svc.cluster.local/a"}, [Destination(80, namespace="chat")]),
        ("webhook_configs", {"url": "http://pod-0.karma.tools.svc:8080/x"}, [Destination(8080, namespace="tools")]),
        (
            "webhook_configs",
            {"url": "http://pod-0.karma.tools.svc.cluster.local.:8080"},
            [Destination(8080, namespace="tools")],
        ),
        ("webhook_configs", {"url": "http://10-0-0-1.tools.pod.cluster.local"}, [Destination(80, namespace="tools")]),
        # NAME.NAMESPACE or NAME.DOMAIN: nobody can tell.
        (
            "webhook_configs",
            {"url": "http://karma.tools:8080/x"},
            [Destination(8080), Destination(8080, namespace="tools")],
        ),
        (
            "webhook_configs",
            {"url": "https://karma.tools:8443"},
            [Destination(8443), Destination(8443, namespace="tools")],
        ),
        ("webhook_configs", {"url": "https://example.com/a"}, [PUBLIC]),
        ("webhook_configs", {"url": "https://example.com:443/a"}, [PUBLIC]),
        (
            "webhook_configs",
            {"url": "https://bot.chat.svc.corp.example/a"},
            [PUBLIC, Destination(443, namespace="chat")],
        ),
        ("email_configs", {"smarthost": "mail.infra:25"}, [Destination(25), Destination(25, namespace="infra")]),
        ("webhook_configs", {"url": "http://[::ffff:10.0.0.1]:9000"}, [Destination(9000, address="10.0.0.1")]),
        ("webhook_configs", {"url": "http://[fe80::1%25eth0]:9000"}, [Destination(9000, address="fe80::1")]),
        # What cannot be parsed opens nothing.
        ("slack_configs", {"http_config": {"proxy_url": "http://h:70000/"}}, []),
        ("slack_configs", {"http_config": {"proxy_url": "http://h:abc/"}}, []),
        ("slack_configs", {"http_config": {"proxy_url": "http://[::1"}}, []),
        ("slack_configs", {"http_config": {"proxy_url": "http://h:0"}}, []),
        ("email_configs", {"smarthost": "h:99999"}, []),
        ("email_configs", {"smarthost": "h:0"}, []),
        ("email_configs", {"smarthost": f"h:{'9' * 5000}"}, []),
        ("email_configs", {"smarthost": "h:²"}, []),
        ("email_configs", {"smarthost": "h"}, []),
        ("email_configs", {"smarthost": "mail.example.com:submission"}, [Destination(587)]),
        ("email_configs", {}, []),
        ("slack_configs", {"api_url_file": "/x", "http_config": None}, [PUBLIC]),
        ("webhook_configs", {"url": "http://bot:9000"}, [Destination(9000, namespace="monitoring")]),
        ("webhook_configs", {"url": "http://10.9.8.7:9000"}, [Destination(9000, address="10.9.8.7")]),
        ("webhook_configs", {"url": "http://[fd00::1]:9000"}, [Destination(9000, address="fd00::1")]),
        ("webhook_configs", {"url": "http://127.0.0.1:9000"}, []),
        ("webhook_configs", {"url": "http://localhost:9000"}, []),
        ("email_configs", {"smarthost": "smtp.example.com:587"}, [Destination(587)]),
        ("email_configs", {"smarthost": "mail.infra.svc:25"}, [Destination(25, namespace="infra")]),
        ("email_configs", {"smarthost": "[fd00::2]:465"}, [Destination(465, address="fd00::2")]),
        ("slack_configs", {"http_config": {"proxy_url": PROXY}}, [Destination(3128, address="10.1.2.3")]),
        (
            "slack_configs",
            {"http_config": {"proxy_url": PROXY, "no_proxy": "hooks.slack.com"}},
            [PUBLIC, Destination(3128, address="10.1.2.3")],
        ),
        ("slack_configs", {"http_config": {"proxy_from_environment": True}}, []),
        (
            "webhook_configs",
            {"url_file": "/x", "http_config": {"oauth2": {"token_url": "https://10.0.0.5/token"}}},
            [PUBLIC, Destination(443, address="10.0.0.5")],
        ),
    ],
)
def test_where_an_integration_sends_to(integration: str, config: dict[str, Any], expected: list[Destination]) -> None:
    assert to(integration, **config) == expected


def test_a_proxy_that_settings_give_is_not_opened_a_second_time() -> None:
    assert to("slack_configs", proxy_known=True, http_config={"proxy_url": "http://proxy.corp:3128"}) == []


def test_the_global_section_counts_where_a_receiver_says_nothing() -> None:
    receiver = Receiver(name="r", integrations={"email_configs": [{}], "slack_configs": [{"api_url_file": "/x"}]})
    given = {"smtp_smarthost": "smtp.example.com:2525", "http_config": {"proxy_url": PROXY}}
    config = Config(route=Route(receiver="r"), receivers=(receiver,), global_=given)
    assert destinations(config, "monitoring") == {Destination(2525), Destination(3128, address="10.1.2.3")}


def egress(where: Path, **settings: Any) -> list[dict[str, Any]]:
    found, text = compiled(where, **settings)
    policy = network_policy(found, text)
    assert policy is not None
    assert policy["spec"]["policyTypes"] == ["Egress"]
    assert policy["spec"]["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "alertmanager"}}
    return policy["spec"]["egress"]


def allows(rules: list[dict[str, Any]], address: str, port: int) -> bool:
    """Whether the rules let TCP out to an address, as Kubernetes reads `ipBlock`."""
    target = ipaddress.ip_address(address)

    def within(cidr: str) -> bool:
        network = ipaddress.ip_network(cidr)
        return network.version == target.version and target in network

    return any(
        within(peer["ipBlock"]["cidr"]) and not any(map(within, peer["ipBlock"].get("except", [])))
        for rule in rules
        for peer in rule["to"]
        if "ipBlock" in peer and {"protocol": "TCP", "port": port} in rule.get("ports", [])
    )


@pytest.mark.parametrize("address", ["3.5.140.1", "140.82.112.3", "2606:4700::1"])
def test_the_public_internet_only_by_https(tmp_path: Path, address: str) -> None:
    rules = egress(tmp_path)
    assert allows(rules, address, 443)
    assert not allows(rules, address, 80)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "0.0.0.1",
        "fd00:ec2::254",
        "fe80::1",
        "::1",
        "ff02::1",
    ],
)
def test_nothing_that_is_not_public(tmp_path: Path, address: str) -> None:
    assert not allows(egress(tmp_path), address, 443)


def test_dns_and_the_other_pods(tmp_path: Path) -> None:
    dns, mesh = egress(tmp_path)[:2]
    assert dns["to"] == [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ]
    assert mesh["to"] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "alertmanager"}}}]
    for rule, port in ((dns, 53), (mesh, 9094)):
        assert rule["ports"] == [{"protocol": "UDP", "port": port}, {"protocol": "TCP", "port": port}]


def test_other_dns_and_further_egress(tmp_path: Path) -> None:
    settings = {
        "dns": {"cidrs": ["169.254.20.10/32"], "port": 5353},
        "extra": [{"cidr": "10.20.0.0/16", "ports": [8443]}, {"namespace": "chat", "ports": [80, 8080]}],
    }
    rules = egress(tmp_path, network_policy=settings)
    assert rules[0]["to"][1] == {"ipBlock": {"cidr": "169.254.20.10/32"}}
    assert rules[0]["ports"][0]["port"] == 5353
    assert allows(rules, "10.20.3.4", 8443)
    assert not allows(rules, "10.20.3.4", 443)
    assert rules[-1] == {
        "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "chat"}}}],
        "ports": [{"protocol": "TCP", "port": 80}, {"protocol": "TCP", "port": 8080}],
    }


@pytest.mark.parametrize(
    ("given", "rendered"),
    [
        ("10.0.0.1", "10.0.0.1/32"),
        ("FD00:0::/8", "fd00::/8"),
        ("fd00::1", "fd00::1/128"),
    ],
)
def test_addresses_as_kubernetes_takes_them(tmp_path: Path, given: str, rendered: str) -> None:
    settings = {
        "dns": {"cidrs": [given]},
        "proxy": {"cidr": given, "port": 3128},
        "extra": [{"cidr": given, "ports": [8443]}],
    }
    rules = egress(tmp_path, network_policy=settings)
    expected = {"ipBlock": {"cidr": rendered}}
    assert rules[0]["to"][1] == rules[2]["to"][0] == rules[-1]["to"][0] == expected


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({"ports": [80]}, "names neither a range of addresses nor a namespace"),
        ({"cidr": "10.0.0.0/8", "namespace": "a", "ports": [80]}, "names both a range of addresses and a namespace"),
        ({"cidr": "10.0.0.0/8", "pod_labels": {"a": "b"}, "ports": [80]}, "has `pod_labels` beside `cidr`"),
    ],
)
def test_further_egress_names_one_peer(tmp_path: Path, extra: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=rf"network_policy\.extra\[?\.?0\]?: .*{told}"):
        egress(tmp_path, network_policy={"extra": [extra]})


def test_behind_a_proxy_the_internet_stays_closed(tmp_path: Path) -> None:
    receivers = {
        "page": {"pagerduty": {"routing_key": "key", "proxy_url": "http://proxy.corp:3128"}},
        "chat": {"slack": {"channel": "#a", "webhook": "hook", "proxy_url": "http://proxy.corp:3128"}},
    }
    proxy = {"proxy": {"cidr": "10.1.2.3/32", "port": 3128}}
    found, text = compiled(tmp_path, {"receivers": receivers}, network_policy=proxy)
    policy = network_policy(found, text)
    assert policy is not None
    rules = policy["spec"]["egress"]
    assert allows(rules, "10.1.2.3", 3128)
    assert not allows(rules, "3.5.140.1", 443)


def test_open_is_the_guides_rule(tmp_path: Path) -> None:
    rules = egress(tmp_path, network_policy={"egress": "open"})
    assert {"to": [{"namespaceSelector": {}}]} in rules
    assert allows(rules, "10.0.0.1", 443)


def test_disabled(tmp_path: Path) -> None:
    assert network_policy(*compiled(tmp_path, network_policy={"enabled": False})) is None
