"""Random credentials of every provider, used, refused and mistyped on real parts, are in the cluster's Secrets alone.

tests/program/test_no_leak.py looks at what people run and keep; this at what the parts of a cluster say.
"""

from __future__ import annotations

import json
import secrets
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from alertpath.cluster.report import FORMATS
from tests.e2e.alerts import PORT, Alert
from tests.e2e.cluster import RealCluster
from tests.e2e.provided import MIXED, PATIENCE, POD, Stack
from tests.e2e.sinks import SLACK, Fault
from tests.program.leaks import Leak, leaks

# What the service of each receiver answers, and what Alertmanager says of it.
FAULTS: Mapping[str, Fault] = {"by-sops": Fault(403), "by-sealing": Fault(500), "by-config-pages": Fault(400)}
FAILURES = ("unexpected status code 403", "unexpected status code 500", "unexpected status code 400")
# The credential that leads to where nobody listens, and the one that the store has under another name.
CLOSED, MISTYPED = "by-others", "by-store"
# By format the receivers to which `verify` sends; what is tried again takes it its time.
TOLD: Mapping[str, Sequence[str]] = {
    "text": ("by-sops", "by-config-pages", "by-chance-pages"),
    "json": ("by-sealing",),
    "junit": (CLOSED,),
}
ANSWERS = ("api/v2/status", "api/v2/alerts", "api/v2/alerts/groups", "api/v2/receivers", "api/v2/silences", "metrics")


@dataclass(frozen=True)
class Scene:
    """What was planted, by name, and what Alertmanager and `verify` answered while notifications failed.

    `objects`: all of the cluster after that, by the path of their kind.
    """

    cluster: RealCluster
    stack: Stack
    planted: dict[str, str]
    answers: dict[str, bytes] = field(default_factory=dict[str, bytes])
    reports: dict[str, bytes] = field(default_factory=dict[str, bytes])
    objects: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])

    def found(self, contents: Mapping[str, bytes]) -> dict[str, set[Leak]]:
        """What the search finds in each of these, where it finds anything."""
        return {name: hits for name, content in contents.items() if (hits := leaks(self.planted, content))}

    def log(self, name: str) -> str:
        """What a process has printed so far."""
        return (self.cluster.processes.logs / f"{name}.log").read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="module")
def scene(cluster: RealCluster, stacks: Mapping[str, Stack]) -> Scene:
    planted = {"token of Vault": cluster.vault.token}
    for stack in stacks.values():
        values = {**stack.targets, **stack.values}
        planted |= {f"{stack.name}, {name}": value.rsplit("/")[-1] for name, value in values.items()}
    scene = Scene(cluster, stacks[MIXED], planted)
    with failing(scene):
        scene.answers.update(asked(scene))
        with ThreadPoolExecutor(len(TOLD)) as pool:
            scene.reports.update(pool.map(lambda form: verified(scene, form), TOLD))
    scene.objects.update(cluster.api.objects())
    return scene


@contextmanager
def failing(scene: Scene) -> Iterator[None]:
    """In the block services refuse notifications, a webhook leads nowhere, and a value is not in its store."""
    stack, cluster = scene.stack, scene.cluster
    with ExitStack() as faults:
        for receiver, fault in FAULTS.items():
            faults.enter_context(cluster.sinks.failing(stack.targets[receiver], fault))
        scene.planted["lost"] = secrets.token_hex(12)
        lost = f"https://{SLACK}:1/services/T00000000/B00000000/{scene.planted['lost']}"
        cluster.put_secret(stack.namespace, stack.secret(CLOSED), {CLOSED: lost})
        cluster.vault.write(stack.namespace, {"mistyped": stack.values[MISTYPED]})
        cluster.wait(lambda: stack.mounted(CLOSED) == lost, "the pod has the webhook that leads nowhere", PATIENCE)
        stack.peers.post(*(Alert({"alertname": f"Leak-{name}", "service": name}) for name in stack.receivers))
        for words in (*FAILURES, "connection refused"):
            cluster.wait(log_says(scene, words), f"Alertmanager says {words!r}", PATIENCE)
        cluster.wait(lambda: not synchronised(stack), "External Secrets has failed", PATIENCE)
        yield
    cluster.put_secret(stack.namespace, stack.secret(CLOSED), {CLOSED: stack.values[CLOSED]})
    cluster.vault.write(stack.namespace, {MISTYPED: stack.values[MISTYPED]})
    # It looks again ever more seldom.
    at_once = {"metadata": {"annotations": {"force-sync": secrets.token_hex(4)}}}
    cluster.api.merge("ExternalSecret", stack.namespace, stack.secret(MISTYPED), at_once, "kubectl-annotate")
    cluster.wait(stack.mounts, "the pod has what is meant", PATIENCE)
    cluster.wait(lambda: synchronised(stack), "External Secrets goes on", PATIENCE)


def log_says(scene: Scene, words: str) -> Callable[[], bool]:
    return lambda: words in scene.log(f"{scene.stack.namespace}.{POD}.alertmanager")


def synchronised(stack: Stack) -> bool:
    live = stack.cluster.api.get("ExternalSecret", stack.namespace, stack.secret(MISTYPED))
    assert live is not None
    return {each["type"]: each["status"] for each in live["status"]["conditions"]}["Ready"] == "True"


def asked(scene: Scene) -> Iterator[tuple[str, bytes]]:
    """What anybody who reaches an Alertmanager can read there."""
    [address] = scene.stack.peers.addresses
    for path in ANSWERS:
        with urllib.request.urlopen(f"http://{address}:{PORT}/{path}", timeout=10) as answer:
            yield path, answer.read()


def verified(scene: Scene, form: str) -> tuple[str, bytes]:
    """What `verify` prints when it sends."""
    project, receivers = scene.stack.project, [f"--receiver={name}" for name in TOLD[form]]
    done = project.alertpath("verify", "--stack", project.stack, "--send", "--yes", "--format", form, *receivers)
    done.expect(1)
    return form, done.text.encode()


def test_the_search_finds_them_where_they_may_be(scene: Scene) -> None:
    """In the Secret of each, and in no other; without this, finding nothing would prove nothing."""
    found: dict[tuple[str, str], set[str]] = {}
    for item in scene.objects["api/v1/secrets"]:
        metadata, rest = item["metadata"], {key: value for key, value in item.items() if key != "data"}
        hits = leaks(scene.planted, json.dumps(item.get("data", {})).encode())
        found[metadata["namespace"], metadata["name"]] = {leak.name for leak in hits}
        assert not leaks(scene.planted, json.dumps(rest).encode())
    assert (scene.stack.namespace, "alertmanager-main-generated") in found
    of_vault = {name for name, hits in found.items() if "token of Vault" in hits}
    assert {name for _, name in of_vault} == {"vault-token"}
    others = {name: hits for name, hits in found.items() if hits and name not in of_vault}
    assert set().union(*others.values()) == scene.planted.keys() - {"token of Vault", "lost"}
    for (namespace, secret), hits in others.items():
        assert secret.startswith("secret-")
        assert {f"providers-{hit.split(', ')[0]}" for hit in hits} == {namespace}


def test_no_log_has_one(scene: Scene) -> None:
    logs = {file.stem: file.read_bytes() for file in scene.cluster.processes.logs.glob("*.log")}
    parts = ("kube-apiserver", "etcd", "prometheus-operator", "external-secrets", "sealed-secrets-controller", "vault")
    pod = f"{scene.stack.namespace}.{POD}"
    assert logs.keys() >= {*parts, f"{pod}.alertmanager", f"{pod}.config-reloader"}
    assert "cannot find secret data for key" in scene.log("external-secrets")
    # In development mode Vault prints the token that it makes for its first user; a real one prints none.
    assert {leak.name for leak in leaks(scene.planted, logs.pop("vault"))} == {"token of Vault"}
    assert scene.found(logs) == {}


def test_no_object_but_a_secret_has_one(scene: Scene) -> None:
    """Events, what controllers say of their objects, and what they remember in annotations."""
    kinds = {path.rsplit("/")[-1]: items for path, items in scene.objects.items()}
    for kind in ("events", "pods", "externalsecrets", "sealedsecrets", "alertmanagers", "statefulsets"):
        assert scene.stack.namespace in {each["metadata"]["namespace"] for each in kinds[kind]}, kind
    others = {path: json.dumps(items).encode() for path, items in scene.objects.items() if path != "api/v1/secrets"}
    assert scene.found(others) == {}


def test_no_answer_of_an_alertmanager_has_one(scene: Scene) -> None:
    assert b"Leak-by-store" in scene.answers["api/v2/alerts"]
    assert b"etc/alertmanager/secrets" in scene.answers["api/v2/status"]
    assert scene.found(scene.answers) == {}


def test_no_report_of_verify_has_one(scene: Scene) -> None:
    assert scene.reports.keys() == FORMATS.keys()
    for form, report in scene.reports.items():
        assert all(f"receiver {name}".encode() in report for name in TOLD[form]), form
    # Standard error follows it.
    answer, _ = json.JSONDecoder().raw_decode(scene.reports["json"].decode())
    sent = [each for each in answer["outcomes"] if each["step"] == "send"]
    assert [each["status"] for each in sent] == ["failed"]
    assert scene.found(scene.reports) == {}
