"""A cluster on this machine's loopback: etcd, the API server and the controllers that finish deletions; no nodes."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, final

import urllib3

from tests.program import servers
from tests.program.addresses import free_ports
from tests.program.servers import DEFINITIONS

_DEFINITIONS: Final = {
    "github.com/prometheus-operator/prometheus-operator": ("example/prometheus-operator-crd/*_alertmanagers.yaml",),
    "github.com/external-secrets/external-secrets": (
        "config/crds/bases/external-secrets.io_externalsecrets.yaml",
        "config/crds/bases/external-secrets.io_secretstores.yaml",
    ),
    "github.com/bitnami-labs/sealed-secrets": ("helm/sealed-secrets/crds/*.yaml",),
}
_CONTROLLERS: Final = ("garbage-collector-controller", "namespace-controller")
_SECONDS: Final = 60
_PATHS: Final = {
    "Pod": "api/v1/namespaces/{namespace}/pods",
    "Secret": "api/v1/namespaces/{namespace}/secrets",
    "NetworkPolicy": "apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies",
    "Alertmanager": "apis/monitoring.coreos.com/v1/namespaces/{namespace}/alertmanagers",
    "ExternalSecret": "apis/external-secrets.io/v1/namespaces/{namespace}/externalsecrets",
    "SecretStore": "apis/external-secrets.io/v1/namespaces/{namespace}/secretstores",
    "SealedSecret": "apis/bitnami.com/v1alpha1/namespaces/{namespace}/sealedsecrets",
}


@final
class Refused(Exception):
    """The API server did not do it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code: Final = code


@final
class Cluster:
    """A running cluster; `kubeconfig` leads to it, `certificate` and `key` (RSA) are the API server's own."""

    def __init__(self, work: Path, port: int, token: str) -> None:
        self.kubeconfig: Final = work / "kubeconfig"
        self.certificate: Final = work / "certificates" / "apiserver.crt"
        self.key: Final = work / "certificates" / "apiserver.key"
        self._url = f"https://127.0.0.1:{port}"
        self._token = token
        self._connections: urllib3.PoolManager | None = None
        self.kubeconfig.write_text(_kubeconfig(self._url, self.certificate, token), encoding="utf-8")

    def request(self, method: str, path: str, body: object = None, kind: str = "application/json") -> Any:
        """What the API server answers. Raises Refused."""
        return json.loads(self._answer(method, path, body, kind))

    def apply(self, manifest: Mapping[str, Any], path: str, manager: str) -> Any:
        """Server-side apply of an object by a field manager."""
        query = f"fieldManager={manager}"
        return self.request("PATCH", f"{path}?{query}", manifest, "application/apply-patch+yaml")

    def put(self, manifest: Mapping[str, Any], namespace: str, manager: str) -> Any:
        """Server-side apply of an object in `namespace` by a field manager."""
        return self.apply(manifest, self.path(manifest["kind"], namespace, manifest["metadata"]["name"]), manager)

    def merge(self, kind: str, namespace: str, name: str, changes: object, manager: str) -> Any:
        """What `kubectl edit` does: changes fields of an object."""
        path = f"{self.path(kind, namespace, name)}?fieldManager={manager}"
        return self.request("PATCH", path, changes, "application/merge-patch+json")

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        """The object, or None."""
        try:
            return self.request("GET", self.path(kind, namespace, name))
        except Refused as error:
            if error.code == 404:
                return None
            raise

    def names(self, kind: str, namespace: str) -> set[str]:
        """The names of all objects of a kind."""
        return {each["metadata"]["name"] for each in self.request("GET", self.path(kind, namespace))["items"]}

    def objects(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """All objects of the cluster, by the path of their kind."""
        groups = self.request("GET", "apis")["groups"]
        for version in ("api/v1", *(f"apis/{group['preferredVersion']['groupVersion']}" for group in groups)):
            for kind in self.request("GET", version)["resources"]:
                if "list" in kind["verbs"]:
                    path = f"{version}/{kind['name']}"
                    yield path, self.request("GET", path)["items"]

    def data(self, namespace: str, name: str) -> dict[str, str]:
        """The content of a Secret."""
        secret = self.get("Secret", namespace, name)
        assert secret is not None, f"there is no Secret {namespace}/{name}"
        return {key: base64.b64decode(value).decode() for key, value in secret.get("data", {}).items()}

    def events_since(self, kind: str, namespace: str, version: str) -> list[tuple[str, str]]:
        """What has happened to objects of a kind since a resource version: ADDED, MODIFIED or DELETED, and the name."""
        return [(event, live["metadata"]["name"]) for event, live in self.changes_since(kind, namespace, version)]

    def changes_since(self, kind: str, namespace: str, version: str) -> list[tuple[str, dict[str, Any]]]:
        """The same with the objects, as they were then."""
        path = f"{self.path(kind, namespace)}?watch=true&resourceVersion={version}&timeoutSeconds=1"
        events = [json.loads(line) for line in self._answer("GET", path).splitlines()]
        return [(event["type"], event["object"]) for event in events]

    def version(self, kind: str, namespace: str) -> str:
        """The current resource version of a kind, for `events_since`."""
        return self.request("GET", self.path(kind, namespace))["metadata"]["resourceVersion"]

    def new_namespace(self, name: str) -> str:
        """Creates a namespace."""
        self.request("POST", "api/v1/namespaces", {"metadata": {"name": name}})
        return name

    def path(self, kind: str, namespace: str, name: str = "") -> str:
        """The API path of objects of a kind, or of one."""
        return "/".join([_PATHS[kind].format(namespace=namespace), *([name] if name else [])])

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            self._answer("GET", "readyz")
        except (OSError, Refused):
            return False
        return True

    def _answer(self, method: str, path: str, body: object = None, kind: str = "application/json") -> bytes:
        if self._connections is None:
            # The server makes its certificate when it starts. Connections are kept: the kubelet asks all the time.
            self._connections = urllib3.PoolManager(
                maxsize=8, ca_certs=str(self.certificate), timeout=_SECONDS, retries=False
            )
        try:
            answer = self._connections.request(
                method,
                f"{self._url}/{path}",
                body=None if body is None else json.dumps(body).encode(),
                headers={"Authorization": f"Bearer {self._token}", "Content-Type": kind},
            )
        except urllib3.exceptions.HTTPError as error:
            raise ConnectionError(f"{method} {path}: {error}") from error
        if answer.status >= 400:
            raise Refused(answer.status, answer.data.decode(errors="replace"))
        return answer.data


@contextmanager
def running(work: Path, tool: Callable[[str], Path]) -> Iterator[Cluster]:
    """A cluster with the custom resources of the project, its files below the empty directory `work`.

    Its processes, and no others, are ended with the block.
    """
    client, peer, secure = free_ports(3)
    token = secrets.token_hex(16)
    account_key = work / "account.key"
    account_key.write_text(_elliptic_key(), encoding="utf-8")
    cluster = Cluster(work, secure, token)
    with _Processes(work) as processes:
        processes.start(tool("etcd"), *servers.etcd(work, client, peer))
        processes.start(tool("kube-apiserver"), *servers.apiserver(work, client, secure, account_key, token))
        processes.wait(cluster.is_ready, "the API server is ready")
        definitions = servers.definitions(_DEFINITIONS)
        assert len(definitions) == 4, definitions.keys()
        for name, definition in definitions.items():
            cluster.apply(definition, f"{DEFINITIONS}/{name}", "tests")
        processes.wait(
            lambda: servers.established(cluster.request("GET", DEFINITIONS)) >= definitions.keys(),
            "the custom resources are there",
        )
        processes.start(tool("kube-controller-manager"), *servers.controller_manager(cluster.kubeconfig, _CONTROLLERS))
        yield cluster


class _Processes:
    def __init__(self, work: Path) -> None:
        self._work = work
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> _Processes:
        return self

    def __exit__(self, *_: object) -> None:
        # They would take their time to stop in good order, for nothing: their files go too.
        for process in reversed(self._running):
            process.kill()
            process.wait()

    def start(self, *command: str | Path) -> None:
        with self._log(command[0]).open("wb") as log:
            # Its log is a file: nothing reads a pipe while tests run.
            self._running.append(subprocess.Popen(command, cwd=self._work, stdout=log, stderr=subprocess.STDOUT))

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + _SECONDS
        while not condition():
            for process in self._running:
                if process.poll() is not None:
                    log = self._log(Path(str(process.args[0])))  # pyright: ignore[reportArgumentType, reportIndexIssue]
                    raise AssertionError(f"{log.stem} ended: {log.read_text(errors='replace')[-2000:]}")
            assert time.monotonic() < end, f"not within {_SECONDS} s: {what}"
            time.sleep(0.1)

    def _log(self, command: str | Path) -> Path:
        return self._work / f"{Path(command).name}.log"


def _kubeconfig(url: str, certificate: Path, token: str) -> str:
    cluster = {"server": url, "certificate-authority": str(certificate)}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "tests",
        "clusters": [{"name": "tests", "cluster": cluster}],
        "users": [{"name": "tests", "user": {"token": token}}],
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "tests"}}],
    }
    return json.dumps(config)


def _elliptic_key() -> str:
    """A private key of the curve P-256 (RFC 5915), to sign the tokens of service accounts, which nobody uses."""
    # Below the order of the group, whatever the 31 bytes are.
    scalar = bytes([0x7F]) + secrets.token_bytes(31)
    curve = bytes.fromhex("a00a06082a8648ce3d030107")
    body = bytes.fromhex("0201010420") + scalar + curve
    der = bytes([0x30, len(body)]) + body
    return f"-----BEGIN EC PRIVATE KEY-----\n{base64.encodebytes(der).decode()}-----END EC PRIVATE KEY-----\n"
