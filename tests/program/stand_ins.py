"""What External Secrets and Sealed Secrets do where they do not run: they say that an object's work is done.

`pulumi up` waits for that word. There is no Secret for it; tests/e2e has the real ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from tests.program.cluster import Cluster, Refused
from tests.program.repeating import every

_PERIOD: Final = 0.2
_CONDITIONS: Final = {
    "apis/external-secrets.io/v1": ("externalsecrets", "Ready"),
    "apis/bitnami.com/v1alpha1": ("sealedsecrets", "Synced"),
}


@contextmanager
def saying_ready(cluster: Cluster) -> Iterator[None]:
    """In the block every new object gets its condition, once: what a test then makes of it stays."""
    known = set[str]()

    def look() -> None:
        # It may be stopping, or the object was deleted meanwhile.
        with suppress(OSError, Refused):
            _say(cluster, known)

    with every(_PERIOD, look, "stand-ins"):
        yield


def _say(cluster: Cluster, known: set[str]) -> None:
    for group, (plural, condition) in _CONDITIONS.items():
        for live in cluster.request("GET", f"{group}/{plural}")["items"]:
            metadata = live["metadata"]
            if metadata["uid"] in known:
                continue
            status = {"conditions": [{"type": condition, "status": "True"}]}
            subject = {name: live[name] for name in ("apiVersion", "kind")}
            subject |= {"metadata": {"name": metadata["name"]}, "status": status}
            path = f"{group}/namespaces/{metadata['namespace']}/{plural}/{metadata['name']}/status"
            cluster.apply(subject, path, "controllers")
            known.add(metadata["uid"])
