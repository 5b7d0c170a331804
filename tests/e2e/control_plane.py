"""etcd, kube-apiserver and kube-controller-manager on the loopback, each to be killed, paused and started again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from tests.e2e import certificates
from tests.e2e.processes import Process, Processes
from tests.program import servers
from tests.program.addresses import free_ports
from tests.program.cluster import Cluster
from tests.program.servers import DEFINITIONS

_DEFINITIONS: Final = {
    "github.com/prometheus-operator/prometheus-operator": (
        "example/prometheus-operator-crd/monitoring.coreos.com_alertmanager*.yaml",
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ),
    "github.com/external-secrets/external-secrets": (
        "config/crds/bases/external-secrets.io_*.yaml",
        "config/crds/bases/generators.external-secrets.io_generatorstates.yaml",
    ),
    "github.com/bitnami-labs/sealed-secrets": ("helm/sealed-secrets/crds/*.yaml",),
}
_CONTROLLERS: Final = ("garbage-collector-controller", "namespace-controller", "statefulset-controller")


@final
@dataclass(frozen=True)
class ControlPlane:
    """A running control plane and its processes."""

    api: Cluster
    port: int
    token: str
    etcd: Process
    apiserver: Process
    controller_manager: Process


@contextmanager
def running(work: Path, tool: Callable[[str], Path], processes: Processes) -> Iterator[ControlPlane]:
    """A control plane with the custom resources that its controllers need, its files in the directory `work`."""
    client, peer, secure = free_ports(3)
    token = secrets.token_hex(16)
    account_key = certificates.new_key(work / "account.key")
    etcd = processes.start("etcd", tool("etcd"), *servers.etcd(work, client, peer))
    arguments = servers.apiserver(work, client, secure, account_key, token)
    apiserver = processes.start("kube-apiserver", tool("kube-apiserver"), *arguments)
    api = Cluster(work, secure, token)
    # While it starts: they are megabytes.
    definitions = servers.definitions(_DEFINITIONS)
    assert len(definitions) == 11, definitions.keys()
    processes.wait(api.is_ready, "the API server is ready", etcd, apiserver)
    for name, definition in definitions.items():
        api.apply(definition, f"{DEFINITIONS}/{name}", "tests")
    processes.wait(
        lambda: servers.established(api.request("GET", DEFINITIONS)) >= definitions.keys(),
        "the custom resources are there",
        etcd,
        apiserver,
    )
    controller_manager = processes.start(
        "kube-controller-manager",
        tool("kube-controller-manager"),
        *servers.controller_manager(api.kubeconfig, _CONTROLLERS),
    )
    yield ControlPlane(api, secure, token, etcd, apiserver, controller_manager)
