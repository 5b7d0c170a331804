"""What must hold while a test breaks something: what runs, what is generated for it, what is not deleted."""

from __future__ import annotations

import base64
import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Final, cast

import yaml

from tests.e2e.alerts import Peers
from tests.e2e.cluster import RealCluster

CONFIGURATION: Final = "alertmanager-main"
_GENERATED: Final = f"{CONFIGURATION}-generated"
_PERIOD: Final = 0.2


def is_null(text: str) -> bool:
    """Whether it is what the operator makes where there is no configuration: one receiver, which tells nobody."""
    receivers = cast("list[dict[str, object]]", yaml.safe_load(text)["receivers"])
    return [each["name"] for each in receivers] == ["null"]


def generated(cluster: RealCluster, namespace: str) -> str:
    """The configuration that the operator gives to the pods."""
    secret = cluster.api.get("Secret", namespace, _GENERATED)
    assert secret is not None, "the operator has generated nothing"
    return _unpacked(secret["data"]["alertmanager.yaml.gz"])


@contextmanager
def never_silent(cluster: RealCluster, namespace: str, replicas: int = 3) -> Iterator[list[str]]:
    """While the block runs some Alertmanager of `main` always answers, and none runs the operator's null configuration.

    Gives all configurations that were seen to run, each once. A pod that restarts may be away.
    """
    peers = cluster.peers(namespace, replicas).addresses
    seen: list[str] = []
    silent: list[str] = []
    stopped = threading.Event()

    def look() -> None:
        while not stopped.wait(_PERIOD):
            found = [text for address in peers for text in _running(address)]
            seen.extend(dict.fromkeys(text for text in found if text not in seen))
            if not found:
                silent.append("nobody answered")

    thread = threading.Thread(target=look, name="watching", daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        stopped.set()
        thread.join()
    assert seen, "it was too short to see anything"
    assert not silent, silent
    assert not any(map(is_null, seen)), seen


@contextmanager
def nothing_deleted(cluster: RealCluster, namespace: str) -> Iterator[None]:
    """In the block no Secret of a namespace is deleted, and the operator never generates its null configuration."""
    version = cluster.api.version("Secret", namespace)
    yield
    changes = [
        (event, live["metadata"]["name"], live.get("data", {}))
        for event, live in cluster.api.changes_since("Secret", namespace, version)
    ]
    deleted = [(event, name) for event, name, _ in changes if event not in {"ADDED", "MODIFIED"}]
    assert not deleted, deleted
    texts = [_unpacked(data["alertmanager.yaml.gz"]) for _, name, data in changes if name == _GENERATED]
    assert not any(map(is_null, texts)), texts


def wait_until_watching(cluster: RealCluster, namespace: str, pod: str, times: int = 1) -> None:
    """Waits until the config-reloader of a pod that was started so often looks for changes.

    What changes in its first seconds, before Alertmanager listens, it sees only three minutes later.
    """
    log = cluster.processes.logs / f"{namespace}.{pod}.config-reloader.log"
    cluster.wait(lambda: log.read_text(encoding="utf-8").count("started watching") >= times, f"{pod} looks for changes")


def _running(address: str) -> list[str]:
    try:
        return Peers((address,)).configurations()
    except (OSError, HTTPException):
        return []


def _unpacked(data: str) -> str:
    return gzip.decompress(base64.b64decode(data)).decode()
