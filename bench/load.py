"""How many alerts a second three Alertmanagers take on this machine and deliver to a sink, none lost.

    python -m bench.load

A real cluster (tests/e2e) with one receiver, whose messages name every alert. The alerts are new ones, each posted once
to every Alertmanager, as Prometheus does.
"""

from __future__ import annotations

import json
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from alertpath.compiling.compile import compile_stack
from alertpath.inputs.stack import load
from bench.tables import head, printed, row, seconds
from tests.e2e import cluster as real
from tests.e2e.alerts import Alert, Peers
from tests.e2e.cluster import RealCluster
from tests.e2e.sinks import Sinks
from tools import gotools
from tools.recipes import E2E

SERVICE: Final = "load"
CHANNEL: Final = "#load"
GROUP_WAIT, GROUP_INTERVAL = 1, 10
# The templates of alertpath name the first ten alerts of a message.
RECEIVER: Final = """\
  load:
    native:
      slack_configs:
        - api_url_file: /etc/alertmanager/secrets/receivers/load
          channel: "#load"
          text: '{{ range .Alerts.Firing }}{{ .Labels.instance }} {{ end }}'
"""
_CATALOG: Final = f"team: load\nreceivers:\n{RECEIVER}services:\n  {SERVICE}: {{any: load}}\n"
_STACK: Final = f"""\
config:
  alertpath:settings:
    delivery: cluster
    namespace: {{name: load}}
    catalog: [catalog.yaml]
    receivers: [load]
    routing: {{default_receiver: load, group_wait: {GROUP_WAIT}s, group_interval: {GROUP_INTERVAL}s}}
    credentials: {{provider: existing, secret: receivers, values: {{load: }}}}
"""
_BATCH: Final = 0.1
# How long after the group's turn the last message may come where everything keeps up.
_SLACK: Final = 5
_PATIENCE: Final = 60
_RATE: Final = 100
_TITLES: Final = ("alerts/s", "groups", "posted", "in", "lost", "last came after", "messages", "of them told twice")
_SECONDS, _RAMP_SECONDS, _GROUPS = 60, 20, 500


@final
@dataclass(frozen=True)
class Result:
    """What became of `posted` alerts. `late`: seconds from the last post until the last came, or all that it waited."""

    rate: int
    seconds: int
    groups: int
    posted: int
    posting: float
    lost: int
    late: float
    messages: int
    told_twice: int

    def behind(self) -> str:
        """What did not keep up; nothing where all did."""
        if self.lost:
            return f"{self.lost} alerts had not come {self.late:.0f} s after the last was posted"
        if self.posting > self.seconds * 1.05 + 1:
            return f"posting {self.seconds} s of alerts took {self.posting:.0f} s: the API or this client is too slow"
        if self.late > GROUP_WAIT + GROUP_INTERVAL + _SLACK:
            return f"the last alert came {self.late:.0f} s after it was posted: Alertmanager or the sink is too slow"
        return ""


def run(peers: Peers, sinks: Sinks, rate: int, seconds: int, groups: int, patience: float = _PATIENCE) -> Result:
    """Posts `rate` alerts a second to all peers at once, in so many groups; then waits for them, for `patience` s."""
    name, before = f"Load{time.time_ns()}", len(sinks.received)
    count = rate * seconds
    alerts = [
        Alert({"alertname": f"{name}x{number % groups}", "service": SERVICE, "instance": f"{name}i{number}"})
        for number in range(count)
    ]
    posting = _post(peers, alerts, rate)
    end, seen = time.monotonic(), _Seen(sinks, before, name)
    while len(seen.counts()) < count and time.monotonic() < end + patience:
        time.sleep(0.1)
    waited, lost = time.monotonic() - end, count - len(seen.counts())
    return Result(
        rate=rate,
        seconds=seconds,
        groups=groups,
        posted=count,
        posting=posting,
        lost=lost,
        late=waited if lost else max(0, seen.last - seen.wall(end)),
        messages=seen.messages,
        # A message of a group says again what still fires, so only the same message twice is told twice.
        told_twice=seen.repeated(),
    )


def _post(peers: Peers, alerts: list[Alert], rate: int) -> float:
    """Posts to every peer by a thread of its own, at the rate or as fast as it goes; how many seconds it took."""
    size = max(1, round(rate * _BATCH))
    start = time.monotonic()

    def post(address: str) -> None:
        one = Peers((address,))
        for number, first in enumerate(range(0, len(alerts), size)):
            time.sleep(max(0, start + number * _BATCH - time.monotonic()))
            one.post(*alerts[first : first + size])

    threads = [threading.Thread(target=post, args=(address,)) for address in peers.addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - start


@final
class _Seen:
    """The alerts of a run that have come to the sink, read on from where it was."""

    def __init__(self, sinks: Sinks, start: int, name: str) -> None:
        self.messages = 0
        self.last = 0.0
        self._sinks = sinks
        self._next = start
        self._pattern = re.compile(rf"{name}i\d+")
        self._counts: Counter[str] = Counter()
        self._texts: Counter[str] = Counter()

    def counts(self) -> Counter[str]:
        """How many messages named each alert."""
        received = self._sinks.received
        while self._next < len(received):
            message = received[self._next]
            self._next += 1
            if message.to != CHANNEL or message.code >= 300:
                continue
            found = self._pattern.findall(json.dumps(message.body))
            if found:
                self.messages += 1
                self._texts[" ".join(sorted(found))] += 1
            if any(alert not in self._counts for alert in found):
                self.last = message.at
            self._counts.update(found)
        return self._counts

    def repeated(self) -> int:
        """How many messages only say what another has said already."""
        return sum(count - 1 for count in self._texts.values())

    @staticmethod
    def wall(monotonic: float) -> float:
        """A monotonic time as Unix time."""
        return time.time() - time.monotonic() + monotonic


def _prepared(cluster: RealCluster, work: Path) -> Peers:
    """Three Alertmanagers that run the configuration."""
    namespace = cluster.new_namespace("load")
    (work / "catalog.yaml").write_text(_CATALOG, encoding="utf-8")
    (work / "Pulumi.load.yaml").write_text(_STACK, encoding="utf-8")
    compiled = compile_stack(load(work / "Pulumi.load.yaml"))
    cluster.put_secret(namespace, "receivers", {"load": cluster.sinks.webhook(CHANNEL)})
    cluster.put_secret(namespace, "alertmanager-main", {"alertmanager.yaml": compiled.text, **compiled.templates})
    cluster.put_alertmanager(namespace, secrets=["receivers"])
    peers = cluster.peers(namespace)
    cluster.wait(
        lambda: cluster.settled(namespace) and all(CHANNEL in each for each in peers.configurations()),
        "three Alertmanagers run the configuration",
        180,
    )
    return peers


def _ramp(one: Callable[[int, int], Result]) -> Iterator[Result]:
    """Longer at the rate that must be had, then twice as fast each time, until it is too fast."""
    result = one(_RATE, _SECONDS)
    yield result
    while not result.behind():
        result = one(2 * result.rate, _RAMP_SECONDS)
        yield result


def _cells(result: Result) -> tuple[object, ...]:
    """A line of the table, under `_TITLES`."""
    return (
        f"{result.rate:,}",
        result.groups,
        f"{result.posted:,}",
        seconds(result.posting),
        f"{result.lost:,}",
        seconds(result.late),
        f"{result.messages:,}",
        f"{result.told_twice:,}",
    )


def tables() -> Iterator[str]:
    """The lines of the table, and at which rate it stops."""
    gotools.ensure_all(("etcd", "kube-apiserver", "kube-controller-manager", *E2E))
    with tempfile.TemporaryDirectory(prefix="alertpath-load-") as work:
        (Path(work) / "cluster").mkdir()
        with real.running(Path(work) / "cluster", gotools.ensure) as cluster:
            peers = _prepared(cluster, Path(work))
            yield head(*_TITLES)
            for each in _ramp(lambda rate, duration: run(peers, cluster.sinks, rate, duration, _GROUPS)):
                yield row(*_cells(each))
    yield ""
    yield f"At {each.rate:,} alerts/s: {each.behind()}."


if __name__ == "__main__":
    printed(tables())
