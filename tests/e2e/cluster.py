"""A cluster of real parts on this machine's loopback; see README.md for what is real and what stands in."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final, final

from tests.e2e import control_plane, controllers, sinks
from tests.e2e.alerts import Peers
from tests.e2e.control_plane import ControlPlane
from tests.e2e.controllers import Vault
from tests.e2e.image import Image
from tests.e2e.kubelet import Kubelet
from tests.e2e.network import Network
from tests.e2e.processes import Process, Processes, until
from tests.e2e.sinks import Sinks
from tests.program.cluster import Cluster

STORE: Final = "vault-backend"
_VAULT_TOKEN: Final = "vault-token"


@final
@dataclass(frozen=True)
class RealCluster:
    """A running cluster."""

    api: Cluster
    plane: ControlPlane
    operator: Process
    vault: Vault
    kubelet: Kubelet
    sinks: Sinks
    network: Network
    processes: Processes

    def new_namespace(self, name: str) -> str:
        """A namespace with the SecretStore of the guide, which reads this cluster's Vault."""
        self.api.new_namespace(name)
        self.put_secret(name, _VAULT_TOKEN, {"token": self.vault.token})
        self.api.put(self.vault.store(STORE, _VAULT_TOKEN), name, "platform")
        return name

    def put_secret(self, namespace: str, name: str, values: Mapping[str, str]) -> None:
        """Makes or changes a Secret, as somebody with kubectl does."""
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}
        self.api.put(secret, namespace, "platform")

    def put_alertmanager(self, namespace: str, replicas: int = 3, **spec: object) -> None:
        """Makes or changes the Alertmanager `main`, as a chart does."""
        manifest = {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "Alertmanager",
            "metadata": {"name": "main"},
            "spec": {"replicas": replicas, "version": "v0.34.2", **spec},
        }
        self.api.put(manifest, namespace, "helm")

    def peers(self, namespace: str, replicas: int = 3) -> Peers:
        """The Alertmanagers of `main`."""
        names = [f"alertmanager-main-{number}" for number in range(replicas)]
        return Peers(tuple(self.network.pod(namespace, name) for name in names))

    def wait(self, condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
        """Waits until `condition` holds; where nobody answers it does not hold yet."""
        refused: list[str] = []

        def checked() -> bool:
            if self.kubelet.error is not None:
                raise self.kubelet.error
            try:
                return condition()
            except (OSError, HTTPException) as error:
                refused[:] = [f" ({error})"]
                return False

        until(checked, lambda: f"{what}{''.join(refused)}; logs: {self.processes.logs}", seconds)

    def pods(self, namespace: str) -> list[dict[str, Any]]:
        """The Pod objects of a namespace."""
        return self.api.request("GET", f"api/v1/namespaces/{namespace}/pods")["items"]

    def settled(self, namespace: str, replicas: int = 3) -> bool:
        """Whether the roll-out of `main` is over, its pods are ready, and they have found each other.

        An Alertmanager notifies nobody before that, and forgets alerts that no other peer has when it restarts.
        """
        return self.rolled_out(namespace, replicas) and self.peers(namespace, replicas).settled()

    def rolled_out(self, namespace: str, replicas: int = 3) -> bool:
        """What `kubectl rollout status` waits for."""
        path = f"apis/apps/v1/namespaces/{namespace}/statefulsets"
        listed = self.api.request("GET", path)["items"]
        if not listed:
            return False
        [live] = listed
        status = live["status"]
        return (
            status.get("observedGeneration") == live["metadata"]["generation"]
            and status.get("currentRevision") == status.get("updateRevision")
            and status.get("updatedReplicas") == status.get("readyReplicas") == replicas
        )


@contextmanager
def running(work: Path, tool: Callable[[str], Path]) -> Iterator[RealCluster]:
    """A cluster, its files in the empty directory `work`; its processes, and no others, are ended with the block.

    `tool` gives the binaries of tools/recipes.py.
    """
    network = Network()
    with (
        Processes(work / "log") as processes,
        sinks.running(work, network.outside) as received,
        control_plane.running(work, tool, processes) as plane,
    ):
        image = Image(tool, received.certificate)
        operator = controllers.prometheus_operator(plane, tool, processes)
        vault = Vault(work, tool, processes)
        secrets = controllers.external_secrets(plane, tool, processes)
        sealed = controllers.sealed_secrets(plane, image, work / "sealed-secrets", processes)
        processes.wait(vault.is_ready, "Vault is ready", vault.process, operator, secrets, sealed)
        with Kubelet(plane.api, work / "pods", image, network, processes) as kubelet:
            yield RealCluster(plane.api, plane, operator, vault, kubelet, received, network, processes)
