"""The only node of the cluster, and the scheduler that puts every pod there: does for pods what the kubelet does."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final, final

from tests.e2e import volumes
from tests.e2e.image import Image
from tests.e2e.network import Network
from tests.e2e.pod import Pod
from tests.e2e.processes import Processes
from tests.program.addresses import free_ports
from tests.program.cluster import Cluster, Refused

NODE: Final = "loopback"
_PATHS: Final = {"Secret": "secrets", "ConfigMap": "configmaps"}


@final
class Kubelet:
    """Looks at all pods every `period` seconds, in a thread of its own, until the block is left.

    A changed Secret is in the pods' volumes after at most that time; a real kubelet takes up to about a minute.
    """

    def __init__(self, cluster: Cluster, work: Path, image: Image, network: Network, processes: Processes) -> None:
        work.mkdir()
        self.period = 0.5
        self._cluster = cluster
        self._work = work
        self._image = image
        self._network = network
        self._processes = processes
        self._pods: dict[str, Pod] = {}
        self._said: dict[str, object] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kubelet", daemon=True)
        self.error: BaseException | None = None

    def __enter__(self) -> Kubelet:
        [port] = free_ports(1)
        addresses = self._work / "addresses.json"
        self._processes.start(
            "kubelet-streams",
            self._image.tool("kubelet-streams"),
            f"-listen=127.0.0.1:{port}",
            # The API server does not look whose it is, as with most kubelets.
            *(f"-certificate={self._cluster.certificate}", f"-key={self._cluster.key}"),
            *(f"-pods={addresses}", f"-logs={self._processes.logs}"),
        )
        status = {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
        }
        self._cluster.request("POST", "api/v1/nodes", {"metadata": {"name": NODE}, "status": status})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def pod(self, namespace: str, name: str) -> Pod:
        """The running pod of that name."""
        return next(pod for pod in list(self._pods.values()) if (pod.namespace, pod.name) == (namespace, name))

    def _run(self) -> None:
        try:
            while not self._stopped.wait(self.period):
                try:
                    self._sync()
                except (OSError, HTTPException, Refused):
                    # The API server is away, or somebody was quicker: a kubelet tries again, and its pods go on.
                    continue
        except BaseException as error:
            # A test that waits says so.
            self.error = error
            raise

    def _sync(self) -> None:
        listed = self._cluster.request("GET", "api/v1/pods")["items"]
        known: dict[str, volumes.Read] = {}
        for manifest in listed:
            namespace = manifest["metadata"]["namespace"]
            if namespace not in known:
                known[namespace] = self._reader(namespace)
            try:
                self._step(manifest, known[namespace])
            except Refused as refused:
                if refused.code not in {404, 409}:
                    raise
        for uid in self._pods.keys() - {manifest["metadata"]["uid"] for manifest in listed}:
            self._pods.pop(uid).stop(0)
            self._said.pop(uid, None)

    def _step(self, manifest: Mapping[str, Any], read: volumes.Read) -> None:
        metadata = manifest["metadata"]
        uid, path = metadata["uid"], f"api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        if "deletionTimestamp" in metadata:
            if uid in self._pods:
                self._pods.pop(uid).stop(manifest["spec"].get("terminationGracePeriodSeconds", 30))
            self._cluster.request(
                "DELETE", path, {"kind": "DeleteOptions", "gracePeriodSeconds": 0, "preconditions": {"uid": uid}}
            )
            return
        if "nodeName" not in manifest["spec"]:
            self._cluster.request(
                "POST", f"{path}/binding", {"metadata": {"name": metadata["name"]}, "target": {"name": NODE}}
            )
        if uid not in self._pods:
            root = self._work / metadata["namespace"] / metadata["name"]
            self._pods[uid] = Pod(manifest, root, self._image, self._network, self._processes)
            self._publish()
        status = self._pods[uid].step(read)
        if self._said.get(uid) != status:
            self._cluster.request("PATCH", f"{path}/status", {"status": status}, "application/merge-patch+json")
            self._said[uid] = status

    def _publish(self) -> None:
        """Tells where port-forward finds the pods."""
        addresses = {f"{pod.namespace}/{pod.name}": pod.address for pod in self._pods.values()}
        draft = self._work / "addresses.draft"
        draft.write_text(json.dumps(addresses), encoding="utf-8")
        draft.rename(self._work / "addresses.json")

    def _reader(self, namespace: str) -> volumes.Read:
        """Reads Secrets and ConfigMaps of a namespace, each kind once."""
        listed: dict[str, dict[str, Any]] = {}

        def read(kind: str, name: str) -> Mapping[str, bytes] | None:
            if kind not in listed:
                # From the API server's memory, as kubelets do: it is asked all the time.
                path = f"api/v1/namespaces/{namespace}/{_PATHS[kind]}?resourceVersion=0"
                items = self._cluster.request("GET", path)["items"]
                listed[kind] = {item["metadata"]["name"]: item for item in items}
            live = listed[kind].get(name)
            return None if live is None else volumes.decoded(kind, live)

        return read
