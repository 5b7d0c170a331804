"""What runs in a cluster besides: the Prometheus Operator, External Secrets with its Vault, Sealed Secrets."""

from __future__ import annotations

import json
import secrets
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, final

from tests.e2e.control_plane import ControlPlane
from tests.e2e.image import Image, inside
from tests.e2e.processes import Process, Processes
from tests.program.addresses import free_ports

SEALED_SECRETS_NAMESPACE: Final = "kube-system"
_ACCOUNT: Final = "var/run/secrets/kubernetes.io/serviceaccount"


def prometheus_operator(plane: ControlPlane, tool: Callable[[str], Path], processes: Processes) -> Process:
    """Starts the operator for all namespaces."""
    [port] = free_ports(1)
    return processes.start(
        "prometheus-operator",
        tool("prometheus-operator"),
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-tls=false",
        env={"KUBECONFIG": str(plane.api.kubeconfig)},
    )


def external_secrets(plane: ControlPlane, tool: Callable[[str], Path], processes: Processes) -> Process:
    """Starts External Secrets for all namespaces."""
    [metrics] = free_ports(1)
    return processes.start(
        "external-secrets",
        tool("external-secrets"),
        f"--metrics-addr=127.0.0.1:{metrics}",
        env={"KUBECONFIG": str(plane.api.kubeconfig)},
    )


def sealed_secrets(plane: ControlPlane, image: Image, root: Path, processes: Processes) -> Process:
    """Starts the controller of Sealed Secrets; as a pod, because it looks nowhere else for its cluster."""
    image.unpack(root, {})
    account = root / _ACCOUNT
    account.mkdir(parents=True)
    (account / "token").write_text(plane.token, encoding="utf-8")
    (account / "ca.crt").write_bytes(plane.api.certificate.read_bytes())
    (account / "namespace").write_text(SEALED_SECRETS_NAMESPACE, encoding="utf-8")
    serving, metrics = free_ports(2)
    command = [
        "/bin/sealed-secrets-controller",
        f"--listen-addr=127.0.0.1:{serving}",
        f"--listen-metrics-addr=127.0.0.1:{metrics}",
        "--key-size=2048",
    ]
    env = {
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": str(plane.port),
        "POD_NAMESPACE": SEALED_SECRETS_NAMESPACE,
    }
    process = processes.add("sealed-secrets-controller", inside(root, command), env)
    process.start()
    return process


@final
class Vault:
    """A Vault in development mode: unsealed, in memory, its key-value store (version 2) at `secret/`."""

    def __init__(self, work: Path, tool: Callable[[str], Path], processes: Processes) -> None:
        [port] = free_ports(1)
        self.url: Final = f"http://127.0.0.1:{port}"
        self.token: Final = secrets.token_hex(16)
        self.process: Final = processes.start(
            "vault",
            *(tool("vault"), "server", "-dev", "-dev-no-store-token"),
            f"-dev-listen-address=127.0.0.1:{port}",
            env={"VAULT_DEV_ROOT_TOKEN_ID": self.token, "HOME": str(work)},
        )

    def is_ready(self) -> bool:
        """Whether it answers and is unsealed."""
        try:
            self._request("GET", "sys/health")
        except OSError:
            return False
        return True

    def write(self, key: str, values: Mapping[str, str]) -> None:
        """A new version of the secret at `key`."""
        self._request("POST", f"secret/data/{key}", {"data": dict(values)})

    def delete(self, key: str) -> None:
        """Removes the secret at `key` with all versions."""
        self._request("DELETE", f"secret/metadata/{key}")

    def store(self, name: str, token_secret: str) -> dict[str, Any]:
        """The SecretStore that reads it with the token in the key `token` of a Secret."""
        auth = {"tokenSecretRef": {"name": token_secret, "key": "token"}}
        provider = {"vault": {"server": self.url, "path": "secret", "version": "v2", "auth": auth}}
        return {
            "apiVersion": "external-secrets.io/v1",
            "kind": "SecretStore",
            "metadata": {"name": name},
            "spec": {"provider": provider},
        }

    def _request(self, method: str, path: str, body: object = None) -> None:
        request = urllib.request.Request(  # noqa: S310 - always the loopback
            f"{self.url}/v1/{path}",
            None if body is None else json.dumps(body).encode(),
            {"X-Vault-Token": self.token},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            answer.read()
