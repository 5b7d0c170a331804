"""Every version of a namespace's Secrets while something is done to them, and what must never be among them."""

from __future__ import annotations

import base64
import gzip
import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, final

from tests.e2e.watching import CONFIGURATION, is_null
from tests.program.cluster import Cluster

_GENERATED: Final = f"{CONFIGURATION}-generated"


@final
class History:
    """What the watch of the API server tells, in order and without a gap: event, name, content."""

    def __init__(self, api: Cluster, namespace: str) -> None:
        self.changes: Final[list[tuple[str, str, Mapping[str, bytes]]]] = []
        self._api = api
        self._namespace = namespace
        self._version = api.version("Secret", namespace)

    def look(self) -> None:
        """Takes down what has happened since, and in the second that this takes."""
        for event, live in self._api.changes_since("Secret", self._namespace, self._version):
            assert event in {"ADDED", "MODIFIED", "DELETED"}, live
            content = {key: base64.b64decode(value) for key, value in live.get("data", {}).items()}
            self.changes.append((event, live["metadata"]["name"], content))
            self._version = live["metadata"]["resourceVersion"]

    def of(self, name: str) -> list[str]:
        """What has happened to a Secret."""
        return [event for event, changed, _ in self.changes if changed == name]

    def values(self, name: str, key: str, first: str) -> list[str]:
        """What a key of a Secret has held, one after the other, beginning with `first`."""
        later = (content.get(key, b"").decode() for _, changed, content in self.changes if changed == name)
        return [value for value, _ in itertools.groupby([first, *later])]

    def losses(self, keys: Mapping[str, Sequence[str]]) -> list[str]:
        """What takes a page away: each once. `keys`: by Secret those that it always has."""
        found: list[str] = []
        for event, name, content in self.changes:
            if event == "DELETED":
                found.append(f"{name} was deleted")
            elif name == _GENERATED and is_null(gzip.decompress(content["alertmanager.yaml.gz"]).decode()):
                found.append("the null configuration was generated")
            else:
                found += [f"{name} had no {key}" for key in keys.get(name, ()) if not content.get(key)]
        return list(dict.fromkeys(found))


@contextmanager
def watched(api: Cluster, namespace: str) -> Iterator[History]:
    """The history of the block, complete once the block is left."""
    history, stopped, failed = History(api, namespace), threading.Event(), list[BaseException]()

    def follow() -> None:
        try:
            while not stopped.is_set():
                history.look()
            # What the last step has led to.
            history.look()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=follow, name="history", daemon=True)
    thread.start()
    try:
        yield history
    finally:
        stopped.set()
        thread.join()
    if failed:
        raise failed[0]
