"""Stacks with credentials of every provider on its real controller or tool, up and running."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.e2e.alerts import Alert, Peers
from tests.e2e.cluster import STORE, RealCluster
from tests.e2e.controllers import SEALED_SECRETS_NAMESPACE
from tests.program.conftest import NewProject
from tests.program.engine import Project
from tests.program.test_credentials import encrypt, with_tools

# Seconds: the group's wait, what External Secrets may take to look again, and what all may take on a busy machine.
GROUP_WAIT, REFRESH, PATIENCE = 1, 2, 120
# What a stack's receivers are, and where their credentials come from; a stack that names one provider uses it for all.
MIXED: Final = "mixed"
RECEIVERS: Final[Mapping[str, Mapping[str, str]]] = {
    MIXED: {
        "by-store": "external-secrets",
        "by-sealing": "sealed-secrets",
        "by-sops": "sops",
        "by-config-pages": "pulumi-config",
        "by-chance-pages": "generated",
        "by-others": "existing",
    },
    "external-secrets": {"slack": "external-secrets", "pages": "external-secrets"},
    "sealed-secrets": {"slack": "sealed-secrets", "pages": "sealed-secrets"},
    "sops": {"slack": "sops", "pages": "sops"},
    "pulumi-config": {"slack": "pulumi-config", "pages": "pulumi-config"},
    # A webhook by chance leads nowhere.
    "generated": {"pages": "generated"},
    "existing": {"slack": "existing", "pages": "existing"},
}
SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "external-secrets": {"external_secrets": {"store": {"name": STORE}, "refresh_interval": f"{REFRESH}s"}},
    "sops": {"sops": {"file": "credentials.enc.yaml"}},
}
POD = "alertmanager-main-0"


def is_page(receiver: str) -> bool:
    return receiver.endswith("pages")


@dataclass(frozen=True)
class Stack:
    """A stack in a namespace of its own; by receiver the channel or routing key of its messages, and its credential.

    `steps`: by kind the changes that its first `up` made, in order.
    """

    cluster: RealCluster
    name: str
    project: Project
    targets: dict[str, str] = field(default_factory=dict[str, str])
    values: dict[str, str] = field(default_factory=dict[str, str])
    steps: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])

    @property
    def receivers(self) -> Mapping[str, str]:
        return RECEIVERS[self.name]

    @property
    def namespace(self) -> str:
        return f"providers-{self.name}"

    @property
    def peers(self) -> Peers:
        return self.cluster.peers(self.namespace, replicas=1)

    def secret(self, receiver: str) -> str:
        """The Secret that its credential is in."""
        return f"secret-{self.receivers[receiver]}"

    def renew(self, receiver: str) -> None:
        """A new value from the receiver's service, which messages are to come by from now on; none by chance."""
        target = secrets.token_hex(16) if is_page(receiver) else f"#{secrets.token_hex(4)}"
        self.targets[receiver] = target
        self.values[receiver] = target if is_page(receiver) else self.cluster.sinks.webhook(target)

    def give(self, certificate: Path) -> None:
        """Gives the values to who keeps them, as docs/credentials.md says; nothing is applied."""
        by_provider: dict[str, dict[str, str]] = {}
        for receiver, value in self.values.items():
            by_provider.setdefault(self.receivers[receiver], {})[receiver] = value
        for provider, values in by_provider.items():
            match provider:
                case "external-secrets":
                    self.cluster.vault.write(self.namespace, values)
                case "existing":
                    self.cluster.put_secret(self.namespace, self.secret(next(iter(values))), values)
                case "sops":
                    encrypt(self.project, self.project.root / "credentials.enc.yaml", values)
                case "pulumi-config":
                    for receiver, value in values.items():
                        self.project.set_secret(receiver, value)
                case "sealed-secrets":
                    for receiver, value in values.items():
                        command = ["seal", receiver, "--stack", self.project.stack, "--certificate", str(certificate)]
                        self.project.alertpath(*command, stdin=value).expect(0)

    def start(self, certificate: Path) -> None:
        """Its credentials where they are kept, and its first `up`."""
        for receiver, provider in self.receivers.items():
            if provider != "generated":
                self.renew(receiver)
        self.give(certificate)
        kinds = ("Secret", "Alertmanager") if self.name == MIXED else ()
        since = {kind: self.cluster.api.version(kind, self.namespace) for kind in kinds}
        self.project.up()
        for kind, version in since.items():
            self.steps[kind] = [live for _, live in self.cluster.api.changes_since(kind, self.namespace, version)]

    def mounted(self, receiver: str) -> str:
        """What the pod reads."""
        directory = self.cluster.kubelet.pod(self.namespace, POD).root / "etc/alertmanager/secrets"
        return (directory / self.secret(receiver) / receiver).read_text(encoding="utf-8")

    def delivers(self, name: str) -> None:
        """Posts an alert for each receiver and waits until all are where they belong; nowhere else is any."""
        titles = {receiver: f"{name}-{self.name}-{receiver}" for receiver in self.receivers}
        self.peers.post(*(Alert({"alertname": title, "service": each}) for each, title in titles.items()))

        def arrived() -> set[tuple[str, str]]:
            found = [(json.dumps(each.body), each.to) for each in list(self.cluster.sinks.received)]
            return {(title, to) for body, to in found for title in titles.values() if f"{title} " in body}

        wanted = {(title, self.targets[receiver]) for receiver, title in titles.items()}
        self.cluster.wait(lambda: arrived() >= wanted, f"{wanted}", PATIENCE)
        assert arrived() == wanted

    def knows_by_chance(self) -> None:
        """Takes down where generated credentials lead to."""
        for receiver, provider in self.receivers.items():
            if provider == "generated":
                self.targets[receiver] = self.cluster.api.data(self.namespace, self.secret(receiver))[receiver]

    def mounts(self) -> bool:
        """Whether the pod reads what is meant."""
        wanted = {**self.targets, **self.values}
        return wanted == {receiver: self.mounted(receiver) for receiver in wanted}

    def runs(self) -> list[tuple[str, list[int], dict[str, float]]]:
        """Pods, how often their containers were started again, and since when Alertmanager has run."""
        started = self.peers.counters("process_start_time_seconds")
        return [
            (pod["metadata"]["uid"], [each["restartCount"] for each in pod["status"]["containerStatuses"]], since)
            for pod, since in zip(self.cluster.pods(self.namespace), started, strict=True)
        ]


def catalog(receivers: Mapping[str, str]) -> str:
    kinds = {
        name: {"pagerduty": {"routing_key": name}}
        if is_page(name)
        else {"slack": {"channel": "#ignored", "webhook": name}}
        for name in receivers
    }
    return yaml.safe_dump({"team": "t", "receivers": kinds, "services": {name: {"any": name} for name in receivers}})


def settings(stack: str, namespace: str) -> str:
    receivers = RECEIVERS[stack]
    values: dict[str, dict[str, Any]] = {}
    for name, provider in receivers.items():
        values[name] = {"secret": f"secret-{provider}"}
        if stack == MIXED:
            values[name]["provider"] = provider
        if provider == "external-secrets":
            values[name]["remote"] = {"key": namespace, "property": name}
    credentials: dict[str, Any] = {"values": values}
    if stack != MIXED:
        credentials["provider"] = stack
    for provider in receivers.values():
        credentials |= SETTINGS.get(provider, {})
    content = {
        "delivery": "cluster",
        "namespace": {"name": namespace},
        "catalog": ["catalog.yaml"],
        "receivers": list(receivers),
        "routing": {"default_receiver": next(iter(receivers)), "group_wait": f"{GROUP_WAIT}s"},
        "credentials": credentials,
    }
    return yaml.safe_dump({"config": {"alertpath:settings": content}}, sort_keys=False)


@pytest.fixture(scope="package")
def certificate(cluster: RealCluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That of the Sealed Secrets controller, as `kubeseal --fetch-cert` gets it."""
    label = "sealedsecrets.bitnami.com/sealed-secrets-key=active"
    path = f"{cluster.api.path('Secret', SEALED_SECRETS_NAMESPACE)}?labelSelector={label}"
    cluster.wait(lambda: bool(cluster.api.request("GET", path)["items"]), "it has a key")
    [key] = cluster.api.request("GET", path)["items"]
    file = tmp_path_factory.mktemp("sealed-secrets") / "certificate.pem"
    file.write_bytes(base64.b64decode(key["data"]["tls.crt"]))
    return file


@pytest.fixture(scope="package")
def stacks(
    cluster: RealCluster,
    new_project: NewProject,
    tools_env: Mapping[str, str],
    certificate: Path,
) -> dict[str, Stack]:
    """All of them, after one `up` from nothing."""
    made = {name: new_stack(cluster, new_project, tools_env, name) for name in RECEIVERS}
    # As many at a time as there are cores on a small machine.
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda stack: stack.start(certificate), made.values()))
    for stack in made.values():
        # Only now: pods that start while their configuration comes see it minutes later.
        cluster.put_alertmanager(stack.namespace, replicas=1)
    for stack in made.values():
        cluster.wait(lambda stack=stack: cluster.settled(stack.namespace, 1), f"{stack.name} runs", PATIENCE)
        stack.knows_by_chance()
    return made


def new_stack(cluster: RealCluster, new_project: NewProject, tools: Mapping[str, str], name: str) -> Stack:
    namespace = f"providers-{name}"
    project = new_project(name, settings(name, namespace), providers=["kubernetes", "random"])
    project = with_tools(project, tools).with_env(KUBECONFIG=str(cluster.api.kubeconfig))
    (project.root / "catalog.yaml").write_text(catalog(RECEIVERS[name]), encoding="utf-8")
    cluster.new_namespace(namespace)
    cluster.put_alertmanager(namespace, replicas=0)
    return Stack(cluster, name, project)
