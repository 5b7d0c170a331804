"""One pod: its volumes, its containers as processes in a root directory of their own, and what its status says."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, final

from tests.e2e import volumes
from tests.e2e.image import Image, inside
from tests.e2e.network import Network
from tests.e2e.processes import Process, Processes
from tests.e2e.sinks import PAGERDUTY, SLACK

# Kubernetes waits 10 s and more.
_RESTART_SECONDS: Final = 2
# Where a probe does not say (Kubernetes 1.37, pkg/apis/core/v1/defaults.go).
_PROBE_SECONDS: Final = 10
# What the images run if the pod does not say.
_ENTRYPOINTS: Final = {"alertmanager": "/bin/alertmanager", "config-reloader": "/bin/prometheus-config-reloader"}


@final
class Container:
    """A container of a pod, started again whenever it ends."""

    def __init__(self, name: str, process: Process) -> None:
        self.name: Final = name
        self.process: Final = process
        self.restarts = 0
        self.ready = False
        self._ended: float | None = None
        self._asked = 0.0
        process.start()

    @property
    def succeeded(self) -> bool:
        """Whether it has ended well."""
        return self.process.code == 0

    def keep_running(self) -> None:
        """Starts it again, a little after it has ended."""
        if self.process.running:
            return
        self.ready = False
        self._ended = self._ended or time.monotonic()
        if time.monotonic() - self._ended > _RESTART_SECONDS:
            self._ended = None
            self.restarts += 1
            self.process.start()

    def probe(self, answers: Callable[[], bool], seconds: float) -> None:
        """Notes whether it is ready. One that was is asked again after `seconds`, the period of its probe."""
        now = time.monotonic()
        if self.ready and self.process.running and now - self._asked < seconds:
            return
        self._asked = now
        self.ready = self.process.running and answers()

    def status(self) -> dict[str, Any]:
        """Its entry in the pod's status."""
        code = self.process.code
        if code is None:
            state: dict[str, Any] = {"running": {}}
        elif code == 0:
            state = {"terminated": {"exitCode": 0, "reason": "Completed"}}
        else:
            state = {"waiting": {"reason": "CrashLoopBackOff"}}
        return {
            "name": self.name,
            "image": "loopback",
            "imageID": "loopback",
            "ready": self.ready,
            "started": code is None,
            "restartCount": self.restarts,
            "state": state,
        }


@final
class Pod:
    """A pod that runs on this machine. `step` does what is to be done next and returns what its status then is."""

    def __init__(
        self, manifest: Mapping[str, Any], root: Path, image: Image, network: Network, processes: Processes
    ) -> None:
        self.namespace: Final[str] = manifest["metadata"]["namespace"]
        self.name: Final[str] = manifest["metadata"]["name"]
        self.root: Final = root
        self.address: Final = network.pod(self.namespace, self.name)
        self._spec: Final[Mapping[str, Any]] = manifest["spec"]
        self._processes = processes
        self._initial: list[Container] = []
        self.containers: Final[list[Container]] = []
        volumes.empty(root, self._spec)
        hosts = {self.address: ["localhost", self.name], network.outside: [SLACK, PAGERDUTY]}
        for peer in self._peers():
            # <pod>.<service>[.<namespace>.svc...]
            hosts.setdefault(network.pod(self.namespace, peer.split(".")[0]), []).append(peer)
        image.unpack(root, hosts)

    def step(self, read: volumes.Read) -> dict[str, Any]:
        """Brings volumes and containers nearer to what the pod is to be; its status."""
        try:
            volumes.place(self.root, self._spec, read)
        except volumes.Missing as missing:
            if not self._initial and not self.containers:
                return self._status("ContainerCreating", str(missing))
            # A running pod keeps the files that it has.
        if self._initialise() and not self.containers:
            self.containers.extend(self._start(container) for container in self._spec["containers"])
        for container, spec in zip(self.containers, self._spec["containers"], strict=bool(self.containers)):
            container.keep_running()
            seconds = spec.get("readinessProbe", {}).get("periodSeconds", _PROBE_SECONDS)
            container.probe(partial(self._answers, spec), seconds)
        return self._status()

    def stop(self, grace: float) -> None:
        """Ends its containers, those that it started last first."""
        for container in reversed([*self._initial, *self.containers]):
            container.process.stop(grace)

    def _initialise(self) -> bool:
        """Runs the init containers one after the other; whether all have succeeded."""
        wanted = self._spec.get("initContainers", [])
        if self._initial and not self._initial[-1].succeeded:
            self._initial[-1].keep_running()
            return False
        if len(self._initial) < len(wanted):
            self._initial.append(self._start(wanted[len(self._initial)]))
            return False
        return True

    def _start(self, container: Mapping[str, Any]) -> Container:
        name = container["name"]
        env = {each["name"]: self._value(each) for each in container.get("env", [])}
        words = [*(container.get("command") or [_ENTRYPOINTS[name]]), *container.get("args", [])]
        command = [self._own_address(_expand(word, env)) for word in words]
        log = f"{self.namespace}.{self.name}.{name}"
        return Container(name, self._processes.add(log, inside(self.root, command), {**env, "HOME": "/tmp"}))  # noqa: S108

    def _value(self, variable: Mapping[str, Any]) -> str:
        if "value" in variable or "valueFrom" not in variable:
            return variable.get("value", "")
        path = variable["valueFrom"]["fieldRef"]["fieldPath"]
        own = {"metadata.name": self.name, "metadata.namespace": self.namespace, "status.podIP": self.address}
        return own[path]

    def _own_address(self, word: str) -> str:
        """Pods share this machine's network: each listens on its own address only."""
        return re.sub(r"^(--[\w.-]*listen-address=):(\d+)$", rf"\g<1>{self.address}:\2", word)

    def _peers(self) -> Sequence[str]:
        arguments = [word for container in self._spec["containers"] for word in container.get("args", [])]
        return [found[1] for word in arguments if (found := re.fullmatch(r"--cluster\.peer=(.*):\d+", word))]

    def _answers(self, container: Mapping[str, Any]) -> bool:
        probe = container.get("readinessProbe", {}).get("httpGet")
        if probe is None:
            return True
        ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
        port = ports.get(probe["port"], probe["port"])
        try:
            with urllib.request.urlopen(f"http://{self.address}:{port}{probe['path']}", timeout=2):
                return True
        except OSError:
            return False

    def _status(self, waiting: str = "", message: str = "") -> dict[str, Any]:
        ready = bool(self.containers) and all(container.ready for container in self.containers)
        initialised = bool(self.containers)
        conditions = {
            "PodScheduled": True,
            "Initialized": initialised,
            "ContainersReady": ready,
            "Ready": ready,
        }
        statuses = [container.status() for container in self.containers] or [
            {
                "name": spec["name"],
                "image": "loopback",
                "imageID": "",
                "ready": False,
                "restartCount": 0,
                "state": {"waiting": {"reason": waiting or "PodInitializing", "message": message}},
            }
            for spec in self._spec["containers"]
        ]
        return {
            "phase": "Running" if self.containers else "Pending",
            "podIP": self.address,
            "podIPs": [{"ip": self.address}],
            "conditions": [{"type": kind, "status": str(holds)} for kind, holds in conditions.items()],
            "initContainerStatuses": [container.status() for container in self._initial],
            "containerStatuses": statuses,
        }


def _expand(text: str, env: Mapping[str, str]) -> str:
    return re.sub(r"\$\((\w+)\)", lambda found: env.get(found[1], found[0]), text)
