"""External Secrets cannot read a credential: the cluster says so, what runs goes on, and a repair needs no restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.alerts import Alert, Peers
from tests.e2e.cluster import RealCluster
from tests.e2e.conftest import OnCluster
from tests.program.engine import Done, Project

NAMESPACE = "external"
EXTERNAL = "alertmanager-slack-webhook"
SECRET = "alertmanager-secrets"
SOURCE = "external/slack"
ALERTS, NOTIFY = "#external-alerts", "#external-notify"
STORE = "        store: {name: vault-backend}\n"
ROUTING = "    routing: {default_receiver: slack-lowprio}\n"
REMOTE = f"{SOURCE}, property: webhook_url}}"
# Its group's wait and what the rest may take, in seconds.
GROUP_WAIT, MARGIN = 1, 10


@dataclass(frozen=True)
class Stack:
    """The stack production with one Alertmanager, up and running."""

    cluster: RealCluster
    project: Project
    peers: Peers
    webhooks: dict[str, str]

    def condition(self) -> dict[str, Any]:
        """What the ExternalSecret says about itself."""
        live = self.cluster.api.get("ExternalSecret", NAMESPACE, EXTERNAL)
        assert live is not None
        found = [each for each in live.get("status", {}).get("conditions", []) if each["type"] == "Ready"]
        return found[0] if found else {}

    def is_ready(self) -> bool:
        return self.condition().get("status") == "True"

    def mounted(self, key: str) -> str:
        """What the pod reads."""
        root = self.cluster.kubelet.pod(NAMESPACE, "alertmanager-main-0").root
        return (root / "etc/alertmanager/secrets" / SECRET / key).read_text(encoding="utf-8")

    def waits(self) -> list[str]:
        """What containers wait for."""
        return [
            each["state"].get("waiting", {}).get("message", "")
            for pod in self.cluster.pods(NAMESPACE)
            for each in pod.get("status", {}).get("containerStatuses", [])
        ]

    def runs(self) -> list[tuple[str, list[int]]]:
        """The pods, and how often their containers were started again."""
        return [
            (pod["metadata"]["uid"], [each["restartCount"] for each in pod["status"]["containerStatuses"]])
            for pod in self.cluster.pods(NAMESPACE)
        ]

    def delivers(self, name: str, channel: str) -> None:
        """Posts a new alert and waits until it is in the channel."""
        labels = {"alertname": name, "service": "seedtest-api", "severity": "warning", "namespace": "seedtest"}
        self.peers.post(Alert(labels))
        self.cluster.wait(
            lambda: any(name in json.dumps(each.body) for each in self.cluster.sinks.to(channel)),
            f"{name} in {channel}",
            GROUP_WAIT + MARGIN,
        )

    def verify(self) -> Done:
        return self.project.alertpath("verify", "--stack", "production")


@pytest.fixture(scope="module")
def started(cluster: RealCluster, on_cluster: OnCluster) -> Stack:
    """Its `up` came before its source: the first that the tests have to heal."""
    cluster.new_namespace(NAMESPACE)
    webhooks = {"webhook_url": cluster.sinks.webhook(ALERTS), "webhook_url_notify": cluster.sinks.webhook(NOTIFY)}
    cluster.put_secret(NAMESPACE, "pagerduty-routing-key", {"routing_key": "0123456789abcdef0123456789abcdef"})
    cluster.put_alertmanager(NAMESPACE, replicas=1)
    project = on_cluster(
        "production",
        NAMESPACE,
        (STORE, f"{STORE}        refresh_interval: 1s\n"),
        (ROUTING, f'    routing: {{default_receiver: slack-lowprio, group_wait: "{GROUP_WAIT}s"}}\n'),
        *(
            (f"{{key: monitoring/alertmanager/slack, property: {name}}}", f"{{key: {SOURCE}, property: {name}}}")
            for name in webhooks
        ),
    )
    project.up()
    return Stack(cluster, project, cluster.peers(NAMESPACE, replicas=1), webhooks)


@pytest.fixture
def stack(started: Stack) -> Iterator[Stack]:
    """The stack; afterwards it is as it was, and runs."""
    before = Path(started.project.stack_file).read_bytes()
    yield started
    started.project.stack_file.write_bytes(before)
    started.cluster.vault.write(SOURCE, started.webhooks)


def assert_synchronised(stack: Stack) -> None:
    stack.cluster.wait(stack.is_ready, "the ExternalSecret is ready")
    stack.cluster.wait(lambda: stack.cluster.settled(NAMESPACE, replicas=1), "the Alertmanager is ready")


def assert_failed(stack: Stack, event: str, named: str) -> None:
    """The ExternalSecret says that it could not be synchronised, its events why; `verify` names what cannot be read."""
    cluster = stack.cluster

    def said() -> str:
        events = cluster.api.request("GET", f"api/v1/namespaces/{NAMESPACE}/events")["items"]
        return " ".join(each["message"] for each in events if each["involvedObject"]["name"] == EXTERNAL)

    cluster.wait(lambda: stack.condition().get("status") == "False" and event in said(), f"{event!r} is said")
    assert stack.condition()["reason"] == "SecretSyncedError"
    verified = stack.verify().expect(1).text
    [failure] = [text for text in verified.split("\n\n")[0].split("\nfailed")[1:] if EXTERNAL in text]
    assert "could not be synchronised: SecretSyncedError" in failure
    assert named in failure
    for webhook in stack.webhooks.values():
        assert webhook not in said() + verified


def assert_goes_on(stack: Stack, name: str) -> None:
    """The last value that could be read stays, for what runs, and for what restarts."""
    assert stack.cluster.api.data(NAMESPACE, SECRET)["slack_webhook_url"] == stack.webhooks["webhook_url"]
    stack.delivers(name, ALERTS)


def test_a_source_that_comes_later(stack: Stack) -> None:
    stack.cluster.wait(lambda: stack.condition().get("status") == "False", "the ExternalSecret says so")
    stack.cluster.wait(lambda: f'secret "{SECRET}" not found' in stack.waits(), "the pod says so")
    stack.cluster.vault.write(SOURCE, stack.webhooks)
    assert_synchronised(stack)
    stack.delivers("Late", ALERTS)


def test_a_source_that_goes(stack: Stack) -> None:
    assert_synchronised(stack)
    before = stack.runs()
    stack.cluster.vault.delete(SOURCE)
    assert_failed(stack, "Secret does not exist", f"{SOURCE}/webhook_url")
    assert_goes_on(stack, "Gone")
    rotated = stack.cluster.sinks.webhook("#external-new")
    stack.cluster.vault.write(SOURCE, {**stack.webhooks, "webhook_url": rotated})
    stack.cluster.wait(lambda: stack.mounted("slack_webhook_url") == rotated, "the pod has the new value")
    assert stack.is_ready()
    stack.delivers("Restored", "#external-new")
    assert stack.runs() == before


def test_a_mistyped_name(stack: Stack) -> None:
    assert_synchronised(stack)
    stack.cluster.wait(lambda: stack.mounted("slack_webhook_url") == stack.webhooks["webhook_url"], "as it was")
    before, right = stack.runs(), stack.project.stack_file.read_bytes()
    for mistyped in (f"{SOURCE}, property: webhook_ulr", "external/slakc, property: webhook_url"):
        stack.project.edit(stack.project.stack_file, (REMOTE, f"{mistyped}}}"))
        stack.project.up()
        key, name = mistyped.split(", property: ")
        assert_failed(stack, name if key == SOURCE else "Secret does not exist", f"{key}/{name}")
        assert_goes_on(stack, f"Mistyped{name}")
        stack.project.stack_file.write_bytes(right)
    stack.project.up()
    assert_synchronised(stack)
    stack.delivers("Mended", ALERTS)
    assert stack.runs() == before
    stack.verify().expect(0)
