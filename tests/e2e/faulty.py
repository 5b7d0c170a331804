"""Three Alertmanagers with a receiver for each fault of Slack and PagerDuty, for the tests of what arrives then."""

from __future__ import annotations

import json
import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pytest

from bench import load
from tests.e2e.alerts import Alert, Peers
from tests.e2e.cluster import RealCluster
from tests.e2e.sinks import Fault, Received
from tests.program.conftest import NewProject
from tests.program.engine import Project

NAMESPACE: Final = "faults"
_SECRET: Final = "receivers"
# In seconds. An attempt to notify goes on for group_interval, but for at least 10 (Alertmanager 0.34.2,
# notify/notify.go, MinTimeout).
GROUP_WAIT, GROUP_INTERVAL = 1, 10
# How long an Alertmanager waits for the one before it; 15 by default.
PEER_TIMEOUT = 5
# How late a message may be, for reasons of this machine's.
MARGIN = 10

# What each receiver's service does until it recovers.
LASTING: Final[Mapping[str, Fault]] = {
    "slack-500": Fault(500),
    "slack-hangs": Fault(500, hangs=True),
    "slack-429": Fault(429),
    "slack-403": Fault(403),
    "slack-404": Fault(404),
    "pagerduty-500": Fault(500),
    "pagerduty-hangs": Fault(500, hangs=True),
    "pagerduty-429": Fault(429),
}
# The same, but it has recovered before another Alertmanager's turn.
SHORT: Final[Mapping[str, Fault]] = {"slack-blinks": Fault(503), "pagerduty-blinks": Fault(429)}
# As in `LASTING`, and the alert ends before the service recovers.
ENDED = "slack-ended"
STREAM, PAGE, CLOSED = "slack-stream", "pagerduty-kills", "slack-closed"
_RECEIVERS: Final = (*LASTING, *SHORT, ENDED, STREAM, PAGE, CLOSED)


@dataclass(frozen=True)
class Faulty:
    """The Alertmanagers and the project that configured them; channel or routing key, and credential, by receiver."""

    cluster: RealCluster
    project: Project
    peers: Peers
    targets: Mapping[str, str]
    credentials: Mapping[str, str]

    def accepted(self, receiver: str, name: str = "") -> list[Received]:
        """What the receiver's service took; only what names an alert."""
        return [each for each in self.cluster.sinks.to(self.targets[receiver]) if name in json.dumps(each.body)]

    def refused(self, receiver: str) -> list[Received]:
        """What it did not take."""
        received = list(self.cluster.sinks.received)
        return [each for each in received if each.to == self.targets[receiver] and each.code >= 300]

    def failures(self) -> dict[str, Counter[str]]:
        """The notifications that failed for good, by receiver and reason, all Alertmanagers together."""
        return self.by_receiver("alertmanager_notifications_failed_total", "reason")

    def by_receiver(self, metric: str, label: str = "integration") -> dict[str, Counter[str]]:
        """A metric by receiver, which the feature receiver-name-in-metrics counts apart, and by another label."""
        found = defaultdict[str, Counter[str]](Counter)
        for samples in self.peers.counters(metric):
            for text, value in samples.items():
                given = dict(re.findall(r'(\w+)="([^"]*)"', text))
                found[given["receiver_name"]][given[label]] += round(value)
        return found

    def wait_until_settled(self) -> None:
        """All Alertmanagers run and have found each other, whatever a test has done to them."""
        self.cluster.wait(lambda: self.cluster.settled(NAMESPACE), "the Alertmanagers have found each other", 180)


@pytest.fixture(scope="package")
def faulty(cluster: RealCluster, new_project: NewProject) -> Faulty:
    cluster.new_namespace(NAMESPACE)
    targets = {name: secrets.token_hex(16) if is_page(name) else f"#{name}" for name in _RECEIVERS}
    targets |= {load.SERVICE: load.CHANNEL}
    credentials = {name: to if is_page(name) else cluster.sinks.webhook(to) for name, to in targets.items()}
    cluster.put_secret(NAMESPACE, _SECRET, credentials)
    cluster.put_alertmanager(
        NAMESPACE, enableFeatures=["receiver-name-in-metrics"], clusterPeerTimeout=f"{PEER_TIMEOUT}s"
    )
    project = new_project("faults", _stack_text(), providers=["kubernetes"])
    (project.root / "catalog.yaml").write_text(_catalog_text(), encoding="utf-8")
    project = project.with_env(KUBECONFIG=str(cluster.api.kubeconfig))
    project.up()
    peers = cluster.peers(NAMESPACE)
    cluster.wait(
        lambda: cluster.settled(NAMESPACE) and all(STREAM in each for each in peers.configurations()),
        "three Alertmanagers run the configuration",
        180,
    )
    return Faulty(cluster, project, peers, targets, credentials)


def is_page(receiver: str) -> bool:
    """Whether it is PagerDuty's."""
    return receiver.startswith("pagerduty")


def labels(receiver: str) -> dict[str, str]:
    """The labels that lead to a receiver."""
    return {"service": receiver, "severity": "critical", "namespace": "seedtest"}


def alert(receiver: str, name: str, *, resolved: bool = False) -> Alert:
    """An alert for a receiver; each name is a group of its own."""
    return Alert({**labels(receiver), "alertname": name}, resolved=resolved)


def _catalog_text() -> str:
    slack, page = '{{slack: {{channel: "#{0}", webhook: {0}}}}}', "{{pagerduty: {{routing_key: {0}}}}}"
    receivers = (f"  {name}: {(page if is_page(name) else slack).format(name)}\n" for name in _RECEIVERS)
    services = (f"  {name}: {{any: {name}}}\n" for name in (*_RECEIVERS, load.SERVICE))
    return f"team: faults\nreceivers:\n{''.join(receivers)}{load.RECEIVER}services:\n{''.join(services)}"


def _stack_text() -> str:
    settings = {
        "delivery": "cluster",
        "namespace": {"name": NAMESPACE},
        "catalog": ["catalog.yaml"],
        "receivers": [*_RECEIVERS, load.SERVICE],
        "routing": {
            "default_receiver": "slack-500",
            "group_wait": f"{GROUP_WAIT}s",
            "group_interval": f"{GROUP_INTERVAL}s",
        },
        "credentials": {
            "provider": "existing",
            "secret": _SECRET,
            "values": {name: {"key": name} for name in (*_RECEIVERS, load.SERVICE)},
        },
    }
    return f"config:\n  alertpath:settings: {json.dumps(settings)}\n"
