"""Real Alertmanagers that gossip, each with an address and a file system of its own, as pods have."""

from __future__ import annotations

import importlib.resources
import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, final

from tests.e2e.image import inside
from tests.program.addresses import free_range
from tools.progress import StepError

PORT: Final = 9093
CONFIGURATION: Final = "etc/alertmanager/config_out/alertmanager.env.yaml"
_ZONES: Final = "usr/share/zoneinfo"
_REQUESTS: Final = "alertmanager_notification_requests_total"


def until(condition: Callable[[], bool], what: str, seconds: float = 120) -> None:
    """Waits for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.2)


@final
class Alertmanagers:
    """`count` of them, their files below the empty directory `work`; `flags` besides those that the operator gives."""

    def __init__(self, binary: Path, work: Path, count: int, *flags: str) -> None:
        unused = free_range("127.77", PORT)
        self.addresses: Final = tuple(f"{unused}.{last}" for last in range(1, count + 1))
        self.roots: Final = [work / f"pod-{number}" for number in range(count)]
        self._flags = flags
        self._processes: list[subprocess.Popen[bytes]] = []
        for root in self.roots:
            (root / "bin").mkdir(parents=True)
            _link(binary, root / "bin" / "alertmanager")
        self.know_time_zones()

    @property
    def urls(self) -> list[str]:
        """Where each answers."""
        return [f"http://{address}:{PORT}" for address in self.addresses]

    def write(self, files: Mapping[str, str]) -> None:
        """Files into each, by their paths without the first slash."""
        for root in self.roots:
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")

    def know_time_zones(self, known: bool = True) -> None:
        """Whether their images hold time zone data."""
        for root in self.roots:
            shutil.rmtree(root / _ZONES, ignore_errors=True)
            if known:
                with importlib.resources.as_file(importlib.resources.files("tzdata") / "zoneinfo" / "Asia") as source:
                    shutil.copytree(source, root / _ZONES / "Asia", ignore=shutil.ignore_patterns("*.py", "__*"))

    def load(self, text: str, number: int | None = None) -> None:
        """Brings a configuration into all, or into one; a bad one is refused, and the one before goes on."""
        for index, (url, root) in enumerate(zip(self.urls, self.roots, strict=True)):
            if number in (None, index):
                (root / CONFIGURATION).parent.mkdir(parents=True, exist_ok=True)
                (root / CONFIGURATION).write_text(text, encoding="utf-8")
                # What Alertmanager refuses, it answers with 500.
                with suppress(urllib.error.HTTPError):
                    ask(f"{url}/-/reload", b"")

    def start(self, *, together: bool = True) -> None:
        """Starts them with empty storage and waits until they notify; `together`: each has found the others."""
        self._begin(together=together)
        wanted = len(self.addresses) if together else 1
        until(lambda: all(self._sees(url) == wanted for url in self.urls), "the Alertmanagers see each other")

    def start_slowly(self) -> None:
        """Starts them so that they see each other, and for a minute notify nobody yet."""
        # They settle after some ten times as long, or else after a minute.
        self._begin(gossip_interval="2s")
        wanted = len(self.addresses)
        until(lambda: all(self._sees(url, settled=False) == wanted for url in self.urls), "they see each other")

    def _begin(self, *, together: bool = True, gossip_interval: str = "20ms") -> None:
        for address, root in zip(self.addresses, self.roots, strict=True):
            shutil.rmtree(root / "data", ignore_errors=True)
            peers = [f"--cluster.peer={each}:9094" for each in self.addresses] if together else []
            command = [
                "/bin/alertmanager",
                f"--config.file=/{CONFIGURATION}",
                "--storage.path=/data",
                f"--web.listen-address={address}:{PORT}",
                f"--cluster.listen-address={address}:9094",
                # They settle sooner the shorter it is.
                f"--cluster.gossip-interval={gossip_interval}",
                *peers,
                *self._flags,
            ]
            with root.with_suffix(".log").open("wb") as log:
                self._processes.append(subprocess.Popen(inside(root, command), stdout=log, stderr=subprocess.STDOUT))

    def stop(self) -> None:
        """Ends them."""
        for process in self._processes:
            process.kill()
            process.wait()
        self._processes.clear()

    def restart(self, *, together: bool = True) -> None:
        """Starts them anew: they have forgotten alerts, silences, and what they counted."""
        self.stop()
        self.start(together=together)

    def sound(self, text: str) -> bool:
        """Whether all see each other, run this configuration, and have been told of nothing since they started."""
        return len(self._processes) == len(self.addresses) and all(
            root.joinpath(CONFIGURATION).read_text(encoding="utf-8") == text
            and self._sees(url) == len(self.addresses)
            and "\nalertmanager_config_last_reload_successful 1\n" in ask(f"{url}/metrics")
            and not json.loads(ask(f"{url}/api/v2/alerts"))
            and not json.loads(ask(f"{url}/api/v2/silences"))
            and not self.sum(url, _REQUESTS)
            for url, root in zip(self.urls, self.roots, strict=True)
        )

    def sum(self, url: str, metric: str) -> float:
        """All samples of a metric of one together."""
        lines = ask(f"{url}/metrics").splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{metric}{{"))

    def post(self, *alerts: Mapping[str, str]) -> None:
        """Sends alerts with these labels to all, as Prometheus does."""
        for url in self.urls:
            ask(f"{url}/api/v2/alerts", json.dumps([{"labels": labels} for labels in alerts]).encode())

    def silence(self, **labels: str) -> None:
        """Silences alerts with a label for an hour."""
        hours = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + more)) for more in (0, 3600)]
        matchers = [{"name": name, "value": value, "isRegex": False} for name, value in labels.items()]
        times = dict(zip(("startsAt", "endsAt"), hours, strict=True))
        silence = {"matchers": matchers, **times, "createdBy": "tests", "comment": "tests"}
        ask(f"{self.urls[0]}/api/v2/silences", json.dumps(silence).encode())

    def alerts(self) -> list[Any]:
        """The alerts that any of them knows."""
        return [alert for url in self.urls for alert in json.loads(ask(f"{url}/api/v2/alerts"))]

    def _sees(self, url: str, *, settled: bool = True) -> int:
        """How many peers one sees, once it notifies (`settled`): it waits for gossip to settle."""
        ended = next((process for process in self._processes if process.poll() is not None), None)
        logs = "\n".join(root.with_suffix(".log").read_text(errors="replace")[-500:] for root in self.roots)
        assert ended is None, f"an Alertmanager ended:\n{logs}"
        try:
            found = json.loads(ask(f"{url}/api/v2/status"))["cluster"]
        except OSError:
            return 0
        return len(found["peers"]) if found["status"] == "ready" or not settled else 0


@contextmanager
def running(binary: Path, work: Path, files: Mapping[str, str], count: int, *flags: str) -> Iterator[Alertmanagers]:
    """Alertmanagers with these files in each. Raises StepError where this machine does not let anybody `chroot`."""
    made = Alertmanagers(binary, work, count, *flags)
    version = inside(made.roots[0], ["/bin/alertmanager", "--version"])
    if subprocess.run(version, capture_output=True, check=False).returncode:
        raise StepError("a file system of its own for each Alertmanager needs root or user namespaces")
    made.write(files)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def ask(url: str, body: bytes | None = None) -> str:
    """What an Alertmanager answers; with a body, to it."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - always http
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return answer.read().decode()


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)
