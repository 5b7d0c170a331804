"""External Secrets cannot read a credential: the cluster says so, what runs goes on, and a repair needs no restart."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.documented import blocks
from tests.e2e.alerts import Alert, Peers
from tests.e2e.cluster import RealCluster
from tests.e2e.conftest import OnCluster
from tests.e2e.test_interrupted import SERVICE, SERVICE_NAME
from tests.e2e.watching import CONFIGURATION
from tests.program.engine import Done, Project, run

NAMESPACE = "external"
EXTERNAL = "alertmanager-slack-webhook"
SECRET = "alertmanager-secrets"
SOURCE = "external/slack"
ALERTS, NOTIFY = "#external-alerts", "#external-notify"
STORE = "        store: {name: vault-backend}\n"
ROUTING = "    routing: {default_receiver: slack-lowprio}\n"
PROVIDER = "      provider: external-secrets\n"
NAMES = f"names: {{{SECRET}: {EXTERNAL}}}"
NEW, NEW_SOURCE = "alertmanager-new", "external/new"
REMOTE = f"{SOURCE}, property: webhook_url}}"
# Seconds: its group's wait, and what the rest may take on a busy machine.
GROUP_WAIT, PATIENCE = 1, 120
# How long its source is kept back.
HELD = 6
# How long `up` waits for a controller.
WAIT = 'PATIENCE: Final = "2m"'


@dataclass(frozen=True)
class Stack:
    """The stack production with one Alertmanager, up and running; `version`: of its pods before the first `up`."""

    cluster: RealCluster
    project: Project
    peers: Peers
    webhooks: dict[str, str]
    version: str

    def condition(self, external: str = EXTERNAL) -> dict[str, Any]:
        """What an ExternalSecret says about itself."""
        live = self.cluster.api.get("ExternalSecret", NAMESPACE, external) or {}
        found = [each for each in live.get("status", {}).get("conditions", []) if each["type"] == "Ready"]
        return found[0] if found else {}

    def is_ready(self) -> bool:
        return self.condition().get("status") == "True"

    def has_failed(self) -> bool:
        return self.condition().get("status") == "False"

    def mounted(self, key: str) -> str:
        """What the pod reads."""
        root = self.cluster.kubelet.pod(NAMESPACE, "alertmanager-main-0").root
        return (root / "etc/alertmanager/secrets" / SECRET / key).read_text(encoding="utf-8")

    def mounts(self) -> list[str]:
        """What the Alertmanager object has the pods mount."""
        live = self.cluster.api.get("Alertmanager", NAMESPACE, "main")
        assert live is not None
        return live["spec"]["secrets"]

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
            PATIENCE,
        )

    def verify(self) -> Done:
        return self.project.alertpath("verify", "--stack", "production")


@pytest.fixture(scope="module")
def started(cluster: RealCluster, on_cluster: OnCluster) -> Stack:
    """Its source comes while the first `up` waits for it."""
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
    cluster.wait(lambda: cluster.settled(NAMESPACE, replicas=1), "an Alertmanager runs", PATIENCE)
    version = cluster.api.version("Pod", NAMESPACE)
    stack = Stack(cluster, project, cluster.peers(NAMESPACE, replicas=1), webhooks, version)
    with ThreadPoolExecutor(1) as pool:
        update = pool.submit(project.up)
        cluster.wait(stack.has_failed, "the ExternalSecret has failed", PATIENCE)
        # Longer than what is left of an update that does not wait.
        with pytest.raises(TimeoutError):
            update.result(timeout=HELD)
        cluster.vault.write(SOURCE, webhooks)
        update.result()
    return stack


@pytest.fixture
def stack(started: Stack) -> Iterator[Stack]:
    """The stack; afterwards it is as it was, and runs."""
    files = (started.project.stack_file, started.project.project_file)
    before = [file.read_bytes() for file in files]
    yield started
    for file, content in zip(files, before, strict=True):
        file.write_bytes(content)
    started.cluster.vault.write(SOURCE, started.webhooks)


@contextmanager
def impatient(project: Project) -> Iterator[None]:
    """In the block `up` waits for a controller for 3 s."""
    program = project.root / "components" / "cluster.py"
    hasty = 'PATIENCE: Final = "3s"'
    project.edit(program, (WAIT, hasty))
    yield
    project.edit(program, (hasty, WAIT))


def assert_synchronised(stack: Stack) -> None:
    stack.cluster.wait(stack.is_ready, "the ExternalSecret is ready", PATIENCE)
    stack.cluster.wait(lambda: stack.cluster.settled(NAMESPACE, replicas=1), "the Alertmanager is ready", PATIENCE)


def assert_failed(stack: Stack, event: str, named: str, external: str = EXTERNAL) -> None:
    """The ExternalSecret says that it could not be synchronised, its events why; `verify` names what cannot be read."""
    cluster = stack.cluster

    def said() -> str:
        events = cluster.api.request("GET", f"api/v1/namespaces/{NAMESPACE}/events")["items"]
        return " ".join(each["message"] for each in events if each["involvedObject"]["name"] == external)

    cluster.wait(
        lambda: stack.condition(external).get("status") == "False" and event in said(), f"{event!r} is said", PATIENCE
    )
    assert stack.condition(external)["reason"] == "SecretSyncedError"
    verified = stack.verify().expect(1).text
    [failure] = [text for text in verified.split("\n\n")[0].split("\nfailed")[1:] if external in text.split(":")[0]]
    assert "could not be synchronised: SecretSyncedError" in failure
    assert named in failure
    assert f"Begin with: ExternalSecret {NAMESPACE}/{external}\n" in verified
    for webhook in stack.webhooks.values():
        assert webhook not in said() + verified


def assert_goes_on(stack: Stack, name: str) -> None:
    """The last value that could be read stays, for what runs, and for what restarts."""
    assert stack.cluster.api.data(NAMESPACE, SECRET)["slack_webhook_url"] == stack.webhooks["webhook_url"]
    stack.delivers(name, ALERTS)


def test_a_source_that_comes_later(stack: Stack) -> None:
    """`up` went on to the mounts once the Secret was there: no pod has waited for it."""
    assert_synchronised(stack)
    changes = stack.cluster.api.changes_since("Pod", NAMESPACE, stack.version)
    assert any("alertmanager-secrets" in json.dumps(pod["spec"]) for _, pod in changes), "no pod mounts it"
    assert not [pod for _, pod in changes if "not found" in json.dumps(pod.get("status", {}))]
    stack.delivers("Late", ALERTS)


def test_a_source_that_goes(stack: Stack) -> None:
    assert_synchronised(stack)
    before = stack.runs()
    stack.cluster.vault.delete(SOURCE)
    assert_failed(stack, "Secret does not exist", f"{SOURCE}/webhook_url")
    assert_goes_on(stack, "Gone")
    # What has nothing to do with it is delivered, and yet it does not end well.
    stack.project.edit(stack.project.catalog, SERVICE)
    with impatient(stack.project):
        assert f"ExternalSecret {NAMESPACE}/{EXTERNAL} is not synchronised" in stack.project.up(code=None).failed().text
    assert SERVICE_NAME in stack.cluster.api.data(NAMESPACE, CONFIGURATION)["alertmanager.yaml"]
    stack.project.edit(stack.project.catalog, (SERVICE[1], SERVICE[0]))
    rotated = stack.cluster.sinks.webhook("#external-new")
    stack.cluster.vault.write(SOURCE, {**stack.webhooks, "webhook_url": rotated})
    stack.cluster.wait(lambda: stack.mounted("slack_webhook_url") == rotated, "the pod has the new value")
    assert stack.is_ready()
    stack.project.up()
    stack.delivers("Restored", "#external-new")
    assert stack.runs() == before


def test_a_mistyped_name(stack: Stack) -> None:
    assert_synchronised(stack)
    stack.cluster.wait(lambda: stack.mounted("slack_webhook_url") == stack.webhooks["webhook_url"], "as it was")
    before, right = stack.runs(), stack.project.project_file.read_bytes()
    stack.project.edit(stack.project.stack_file, (REMOTE, f"{SOURCE}, property: webhook_ulr}}"))
    told = f"ExternalSecret {NAMESPACE}/{EXTERNAL} is not synchronised: SecretSyncedError: "
    with impatient(stack.project):
        # Never green: neither the update that changes it, nor one that changes nothing.
        for _ in range(2):
            assert told in stack.project.up(code=None).failed().text
    assert_failed(stack, '"webhook_ulr"', f"{SOURCE}/webhook_ulr")
    assert told in stack.project.preview().text
    assert_goes_on(stack, "Mistyped")
    stack.project.project_file.write_bytes(right)
    stack.project.up()
    assert_synchronised(stack)
    stack.delivers("Mended", ALERTS)
    assert stack.runs() == before
    stack.verify().expect(0)


def test_a_new_secret_without_its_source(stack: Stack, tool: Callable[[str], Path]) -> None:
    """`up` stops before it is mounted, and what runs goes on; it does what is left once the source is there."""
    project, cluster = stack.project, stack.cluster
    assert_synchronised(stack)
    before = stack.runs(), stack.mounts(), cluster.api.data(NAMESPACE, CONFIGURATION)
    moved = project.project_file.read_text(encoding="utf-8").replace(f"key: {SOURCE},", f"key: {NEW_SOURCE},")
    project.project_file.write_text(moved, encoding="utf-8")
    project.edit(
        project.stack_file, (NAMES, f"names: {{{NEW}: {NEW}}}"), (PROVIDER, f"{PROVIDER}      secret: {NEW}\n")
    )
    with impatient(project):
        failed = project.up(code=None).failed().text
    assert "timed out waiting for the condition" in failed
    assert f"(key: {NEW_SOURCE}), err: Secret does not exist" in failed
    assert_failed(stack, "Secret does not exist", f"{NEW_SOURCE}/webhook_url", NEW)
    assert_goes_on(stack, "Waiting")
    assert (stack.runs(), stack.mounts(), cluster.api.data(NAMESPACE, CONFIGURATION)) == before

    cluster.vault.write(NEW_SOURCE, stack.webhooks)
    [command] = [each for each in blocks("credentials.md", "Before pods mount them") if "annotate" in each]
    words = shlex.split(command.replace("NAMESPACE", NAMESPACE).replace("NAME", NEW))
    assert words[0] == "kubectl"
    run([tool("kubectl"), *words[1:]], project.root, project.env).expect(0)
    project.up()
    assert stack.condition(NEW)["status"] == "True"
    assert NEW in stack.mounts()
    cluster.wait(lambda: cluster.settled(NAMESPACE, replicas=1), "the Alertmanager is ready", PATIENCE)
    stack.delivers("Moved", ALERTS)
