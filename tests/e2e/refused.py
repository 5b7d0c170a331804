"""Configurations that somebody applies past all checks, and that Alertmanager or the operator refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

from tests.e2e.cluster import RealCluster
from tests.e2e.watching import CONFIGURATION, generated, wait_until_watching
from tests.program.cluster import Refused

REPLICAS: Final = 2
# Alertmanager refuses a route to a receiver that is not there; of the operators none takes the name of an inhibition.
_GOOD: Final = "route: {{receiver: {0}}}\nreceivers: [{{name: {0}}}]\n"
_NO_RECEIVER: Final = "route: {receiver: missing}\nreceivers: [{name: first}]\n"
_NAMED: Final = _GOOD.format("named") + "inhibit_rules: [{name: a, source_matchers: [b=c], target_matchers: [d=e]}]\n"


@final
@dataclass(frozen=True)
class Case:
    """Who refuses `text`: Alertmanager, the operator, or both, where its object has an `alertmanagerConfigSelector`."""

    name: str
    text: str
    selector: bool
    operator_refuses: bool
    alertmanager_refuses: bool

    @property
    def step(self) -> str:
        """The step of `alertpath verify` that names it; "": nothing is refused."""
        if self.operator_refuses:
            return "operator"
        return "running" if self.alertmanager_refuses else ""


CASES: Final = (
    Case("selector-no-receiver", _NO_RECEIVER, selector=True, operator_refuses=True, alertmanager_refuses=True),
    Case("selector-named", _NAMED, selector=True, operator_refuses=True, alertmanager_refuses=False),
    Case("no-receiver", _NO_RECEIVER, selector=False, operator_refuses=False, alertmanager_refuses=True),
    Case("named", _NAMED, selector=False, operator_refuses=False, alertmanager_refuses=False),
)


def good(name: str) -> str:
    """A configuration with one receiver."""
    return _GOOD.format(name)


def force(cluster: RealCluster, namespace: str, text: str) -> None:
    """Makes it the configuration, as somebody with kubectl does."""
    cluster.put_secret(namespace, CONFIGURATION, {"alertmanager.yaml": text})


def start(cluster: RealCluster, namespace: str, *, selector: bool) -> None:
    """Two Alertmanagers that run a good configuration."""
    cluster.new_namespace(namespace)
    force(cluster, namespace, good("first"))
    cluster.put_alertmanager(namespace, REPLICAS, **({"alertmanagerConfigSelector": {}} if selector else {}))
    cluster.wait(lambda: cluster.settled(namespace, REPLICAS), f"{namespace} is ready")
    for number in range(REPLICAS):
        wait_until_watching(cluster, namespace, f"alertmanager-main-{number}", 1)


def operator_says(cluster: RealCluster, namespace: str) -> str:
    """Why the operator does not reconcile; "" if it does."""
    live = cluster.api.get("Alertmanager", namespace, "main") or {}
    conditions = live.get("status", {}).get("conditions", [])
    return "".join(each["message"] for each in conditions if (each["type"], each["status"]) == ("Reconciled", "False"))


def answered(cluster: RealCluster, namespace: str, case: Case) -> Callable[[], bool]:
    """Whether the operator, and the pods, have met the forced configuration and said what they think of it."""

    def logged() -> bool:
        logs = cluster.processes.logs.glob(f"{namespace}.alertmanager-main-*.alertmanager.log")
        return all("Loading configuration file failed" in log.read_text(encoding="utf-8") for log in logs)

    def met() -> bool:
        if case.operator_refuses:
            return bool(operator_says(cluster, namespace))
        return generated(cluster, namespace) == case.text and (not case.alertmanager_refuses or logged())

    return met


def restart(cluster: RealCluster, namespace: str, pod: str) -> None:
    """Deletes a pod, and waits until its successor is there."""
    path = f"api/v1/namespaces/{namespace}/pods/{pod}"
    before = cluster.api.request("GET", path)["metadata"]["uid"]
    cluster.api.request("DELETE", path)

    def replaced() -> bool:
        try:
            return cluster.api.request("GET", path)["metadata"]["uid"] != before
        except Refused:
            return False

    cluster.wait(replaced, f"{pod} is made anew")
