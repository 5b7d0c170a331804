"""etcd, kube-apiserver and kube-controller-manager on the loopback, each to be killed, paused and started again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

import yaml

from tests.e2e import certificates
from tests.e2e.processes import Process, Processes, free_ports
from tests.program.cluster import CRDS, Cluster
from tools import gotools

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
_CRD_PATH: Final = "apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_CONTROLLERS: Final = "garbage-collector-controller,namespace-controller,statefulset-controller"


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
    tokens = work / "tokens.csv"
    tokens.write_text(f'{token},tests,tests,"system:masters"\n', encoding="utf-8")
    etcd = processes.start(
        "etcd",
        tool("etcd"),
        f"--data-dir={work / 'etcd'}",
        f"--listen-client-urls=http://127.0.0.1:{client}",
        f"--advertise-client-urls=http://127.0.0.1:{client}",
        f"--listen-peer-urls=http://127.0.0.1:{peer}",
        f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
        f"--initial-cluster=default=http://127.0.0.1:{peer}",
        "--unsafe-no-fsync",
    )
    apiserver = processes.start(
        "kube-apiserver",
        tool("kube-apiserver"),
        f"--etcd-servers=http://127.0.0.1:{client}",
        "--bind-address=127.0.0.1",
        f"--secure-port={secure}",
        f"--cert-dir={work / 'certificates'}",
        f"--service-account-key-file={account_key}",
        f"--service-account-signing-key-file={account_key}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--token-auth-file={tokens}",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.0.0.0/24",
        # No controller makes the accounts of namespaces here.
        "--disable-admission-plugins=ServiceAccount",
    )
    api = Cluster(work, secure, token)
    # While it starts: they are megabytes.
    definitions = _definitions()
    processes.wait(api.is_ready, "the API server is ready", etcd, apiserver)
    for name, definition in definitions.items():
        api.apply(definition, f"{_CRD_PATH}/{name}", "tests")
    processes.wait(lambda: _established(api) >= definitions.keys(), "the custom resources are there", etcd, apiserver)
    controller_manager = processes.start(
        # Only now: it looks for new kinds every 30 s.
        "kube-controller-manager",
        tool("kube-controller-manager"),
        f"--kubeconfig={api.kubeconfig}",
        f"--controllers={_CONTROLLERS}",
        "--leader-elect=false",
        "--secure-port=0",
    )
    yield ControlPlane(api, secure, token, etcd, apiserver, controller_manager)


class _Loader(yaml.CSafeLoader):
    """For YAML 1.2, where `=` is a text, as the operator's definitions have it."""


_Loader.add_constructor("tag:yaml.org,2002:value", _Loader.construct_yaml_str)


def _definitions() -> dict[str, Any]:
    """The custom resources by name."""
    found: dict[str, Any] = {}
    for module, patterns in _DEFINITIONS.items():
        directory = gotools.module_directory(CRDS, module)
        for file in (file for pattern in patterns for file in sorted(directory.glob(pattern))):
            definition = yaml.load(file.read_bytes(), Loader=_Loader)  # noqa: S506 - a safe one
            # No webhook answers here: the conversion that External Secrets' definitions ask for is not needed.
            definition["spec"].pop("conversion", None)
            found[definition["metadata"]["name"]] = definition
    assert len(found) == 11, found.keys()
    return found


def _established(api: Cluster) -> set[str]:
    return {
        each["metadata"]["name"]
        for each in api.request("GET", _CRD_PATH)["items"]
        if any(
            condition["type"] == "Established" and condition["status"] == "True"
            for condition in each.get("status", {}).get("conditions") or []
        )
    }
