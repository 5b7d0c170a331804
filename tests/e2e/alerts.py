"""Alertmanagers as Prometheus and amtool see them: their API, and what their counters say."""

from __future__ import annotations

import datetime
import json
import re
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, final

PORT: Final = 9093


@final
@dataclass(frozen=True)
class Alert:
    """An alert that fires from now on; `resolved`: it has just ended."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    resolved: bool = False

    def as_posted(self) -> dict[str, Any]:
        """As Prometheus posts it."""
        now = datetime.datetime.now(datetime.UTC)
        ends = now if self.resolved else now + datetime.timedelta(hours=1)
        return {
            "labels": dict(self.labels),
            "annotations": dict(self.annotations),
            # An older alert would not wait for its group.
            "startsAt": now.isoformat(),
            "endsAt": ends.isoformat(),
            "generatorURL": "http://prometheus.example/graph",
        }


@final
@dataclass(frozen=True)
class Peers:
    """The Alertmanagers of a cluster, by their addresses."""

    addresses: tuple[str, ...]

    def post(self, *alerts: Alert) -> None:
        """Sends alerts to every one, as Prometheus does."""
        body = json.dumps([alert.as_posted() for alert in alerts]).encode()
        for address in self.addresses:
            _ask(address, "api/v2/alerts", body)

    def configurations(self) -> list[str]:
        """The configuration that each runs."""
        return [status["config"]["original"] for status in self._statuses()]

    def settled(self) -> bool:
        """Whether all answer and each has found the others."""
        try:
            found = [status["cluster"] for status in self._statuses()]
        except OSError:
            return False
        # The operator turns gossip off where there is only one.
        return all(
            each["status"] == "disabled" or (each["status"] == "ready" and len(each["peers"]) == len(self.addresses))
            for each in found
        )

    def counters(self, name: str) -> list[dict[str, float]]:
        """The samples of a metric of each, by their labels as Prometheus writes them."""
        pattern = re.compile(rf"^{re.escape(name)}(?:\{{(.*)\}})? (\S+)$", re.MULTILINE)
        return [
            {labels: float(value) for labels, value in pattern.findall(_ask(address, "metrics").decode())}
            for address in self.addresses
        ]

    def _statuses(self) -> Iterable[dict[str, Any]]:
        return [json.loads(_ask(address, "api/v2/status")) for address in self.addresses]


def _ask(address: str, path: str, body: bytes | None = None) -> bytes:
    request = urllib.request.Request(f"http://{address}:{PORT}/{path}", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return answer.read()
