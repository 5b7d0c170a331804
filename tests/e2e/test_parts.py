"""The parts of the test cluster do what they do elsewhere: what the other tests here rely on."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.alerts import PORT
from tests.e2e.cluster import STORE, RealCluster
from tests.e2e.controllers import SEALED_SECRETS_NAMESPACE


@pytest.fixture(scope="module")
def namespace(cluster: RealCluster) -> str:
    """One with a single Alertmanager."""
    name = cluster.new_namespace("parts")
    cluster.put_alertmanager(name, replicas=1)
    cluster.wait(lambda: cluster.settled(name, replicas=1), "an Alertmanager is ready")
    return name


@contextmanager
def kubectl(cluster: RealCluster, tool: Callable[[str], Path], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [tool("kubectl"), f"--kubeconfig={cluster.api.kubeconfig}", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_port_forward_and_logs(cluster: RealCluster, namespace: str, tool: Callable[[str], Path]) -> None:
    words = "port-forward", "--namespace", namespace, "pod/alertmanager-main-0", f":{PORT}"
    with kubectl(cluster, tool, *words) as forward:
        assert forward.stdout is not None
        line = forward.stdout.readline()
        port = re.match(r"Forwarding from 127\.0\.0\.1:(\d+) -> 9093", line)
        assert port, line
        for _ in range(3):
            with urllib.request.urlopen(f"http://127.0.0.1:{port[1]}/api/v2/status", timeout=10) as answer:
                assert 'receiver: "null"' in json.load(answer)["config"]["original"]
    with kubectl(cluster, tool, "logs", "--namespace", namespace, "alertmanager-main-0") as logs:
        assert "Starting Alertmanager" in logs.communicate(timeout=30)[0]


def test_a_pod_waits_for_a_secret(cluster: RealCluster, namespace: str) -> None:
    def waiting() -> list[dict[str, Any]]:
        statuses = (pod.get("status", {}).get("containerStatuses", []) for pod in cluster.pods(namespace))
        return [each["state"]["waiting"] for status in statuses for each in status if "waiting" in each["state"]]

    cluster.put_alertmanager(namespace, replicas=1, secrets=["late"])
    cluster.wait(lambda: any(each.get("message") == 'secret "late" not found' for each in waiting()), "it waits")
    cluster.put_secret(namespace, "late", {"key": "one"})
    cluster.wait(lambda: cluster.settled(namespace, replicas=1), "it goes on")
    file = cluster.kubelet.pod(namespace, "alertmanager-main-0").root / "etc/alertmanager/secrets/late/key"
    assert file.read_text() == "one"
    cluster.put_secret(namespace, "late", {"key": "two"})
    cluster.wait(lambda: file.read_text() == "two", "the mounted file changes")
    cluster.put_alertmanager(namespace, replicas=1)
    cluster.wait(lambda: not file.exists() and cluster.settled(namespace, replicas=1), "it is unmounted")


def test_external_secrets_copies_from_vault(cluster: RealCluster, namespace: str) -> None:
    cluster.vault.write("parts/sample", {"word": "one"})
    spec = {
        "refreshInterval": "1s",
        "secretStoreRef": {"name": STORE, "kind": "SecretStore"},
        "target": {"name": "copied"},
        "data": [{"secretKey": "key", "remoteRef": {"key": "parts/sample", "property": "word"}}],
    }
    manifest = {"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": {"name": "copied"}}
    cluster.api.put({**manifest, "spec": spec}, namespace, "tests")

    def copied(word: str) -> bool:
        return "copied" in cluster.api.names("Secret", namespace) and cluster.api.data(namespace, "copied") == {
            "key": word
        }

    cluster.wait(lambda: copied("one"), "the Secret is there")
    cluster.vault.write("parts/sample", {"word": "two"})
    cluster.wait(lambda: copied("two"), "the Secret changes")


def test_sealed_secrets_unseals(
    cluster: RealCluster, namespace: str, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    path = cluster.api.path("Secret", SEALED_SECRETS_NAMESPACE)
    label = "sealedsecrets.bitnami.com/sealed-secrets-key=active"
    cluster.wait(lambda: bool(cluster.api.request("GET", f"{path}?labelSelector={label}")["items"]), "it has a key")
    [key] = cluster.api.request("GET", f"{path}?labelSelector={label}")["items"]
    certificate = tmp_path / "certificate.pem"
    certificate.write_bytes(base64.b64decode(key["data"]["tls.crt"]))
    sealed = subprocess.run(
        [tool("kubeseal"), "--raw", f"--cert={certificate}", "--namespace", namespace, "--name", "unsealed"],
        input="word",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    metadata = {"name": "unsealed", "namespace": namespace}
    manifest = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": metadata}
    spec = {"encryptedData": {"key": sealed}, "template": {"metadata": metadata}}
    cluster.api.put({**manifest, "spec": spec}, namespace, "tests")
    cluster.wait(lambda: "unsealed" in cluster.api.names("Secret", namespace), "the Secret is there")
    assert cluster.api.data(namespace, "unsealed") == {"key": "word"}


def test_the_api_server_comes_back(cluster: RealCluster, namespace: str) -> None:
    """Killed: what runs goes on, and what it was told is kept."""
    pods = [pod["metadata"]["uid"] for pod in cluster.pods(namespace)]
    cluster.plane.apiserver.kill()
    assert cluster.peers(namespace, 1).settled()
    cluster.plane.apiserver.start()
    cluster.wait(cluster.api.is_ready, "the API server is back")
    assert [pod["metadata"]["uid"] for pod in cluster.pods(namespace)] == pods
