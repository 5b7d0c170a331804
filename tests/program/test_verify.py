"""`alertpath verify` on a real API server, to which `pulumi up` applied the stack, and real Alertmanagers that gossip.

Here the test does what the operator, External Secrets and the kubelet do; tests/e2e has the real ones.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from alertpath.verify import sending
from alertpath.verify.expected import Expected
from alertpath.verify.observed import Observed
from alertpath.verify.peers import of_url
from tests.program.cluster import Cluster, _free_ports
from tests.program.conftest import OnCluster
from tests.program.engine import ROOT, Done, Project, assert_hidden
from tests.unit.samples import compiled

SPACE = "verify"
ALERTMANAGER_YAML = "alertmanager.yaml"
PORT = 9093
NODE = "verify"
WEBHOOKS = {
    "slack_webhook_url": "https://hooks.slack.com/services/T0EXAMPLE/B0EXAMPLE/verifyoneabcdefghijklm",
    "slack_webhook_url_notify": "https://hooks.slack.com/services/T0EXAMPLE/B1EXAMPLE/verifytwoabcdefghijklm",
}
KEY = "v0123456789abcdefghijklmnopqrst7"
PLANTED = (*WEBHOOKS.values(), KEY)


def encoded(values: Mapping[str, str]) -> dict[str, str]:
    return {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}


@dataclass(frozen=True)
class Alertmanagers:
    """Real ones that gossip, each at port 9093 of an address of its own, as pods are."""

    addresses: tuple[str, ...]
    files: tuple[Path, ...]

    @property
    def urls(self) -> list[str]:
        return [f"http://{address}:{PORT}" for address in self.addresses]

    def load(self, text: str) -> None:
        for url, file in zip(self.urls, self.files, strict=True):
            file.write_text(text, encoding="utf-8")
            # What Alertmanager refuses, it answers with 500.
            with suppress(urllib.error.HTTPError):
                urllib.request.urlopen(urllib.request.Request(f"{url}/-/reload", b""), timeout=10).close()  # noqa: S310


@contextmanager
def alertmanagers(
    tool: Callable[[str], Path], work: Path, text: str, count: int = 3, *flags: str
) -> Iterator[Alertmanagers]:
    addresses = unused_addresses(count)
    files = tuple(work / f"{number}.yaml" for number in range(count))
    peers = [f"--cluster.peer={address}:9094" for address in addresses]
    with ExitStack() as stack:
        for address, file in zip(addresses, files, strict=True):
            file.write_text(text, encoding="utf-8")
            log = stack.enter_context(file.with_suffix(".log").open("wb"))
            command = [
                str(tool("alertmanager")),
                f"--config.file={file}",
                f"--storage.path={file.with_suffix('')}",
                f"--web.listen-address={address}:{PORT}",
                f"--cluster.listen-address={address}:9094",
                *peers,
                *flags,
            ]
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
            stack.callback(process.wait)
            stack.callback(process.kill)
        found = Alertmanagers(addresses, files)
        until(lambda: all(sees(url) == count for url in found.urls), "the Alertmanagers see each other")
        yield found


def unused_addresses(count: int) -> tuple[str, ...]:
    for number in random.sample(range(1, 255), 20):
        try:
            socket.create_server((f"127.77.{number}.1", PORT)).close()
        except OSError:
            continue
        return tuple(f"127.77.{number}.{last}" for last in range(1, count + 1))
    raise AssertionError(f"port {PORT} is in use everywhere")


def sees(url: str) -> int:
    """How many peers it sees, once it notifies: it waits for gossip to settle."""
    try:
        with urllib.request.urlopen(f"{url}/api/v2/status", timeout=10) as answer:  # noqa: S310
            found = json.loads(answer.read())["cluster"]
    except OSError:
        return 0
    return len(found["peers"]) if found["status"] == "ready" else 0


def until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.2)


@dataclass(frozen=True)
class World:
    """The stack production, delivered, and what the controllers have made of it."""

    cluster: Cluster
    project: Project
    running: Alertmanagers
    text: str
    space: str = SPACE

    def verify(self, *arguments: str) -> Done:
        """The command, with port-forward to the Alertmanagers."""
        done = self.project.alertpath("verify", "--stack", self.project.stack, *arguments)
        assert_hidden(done.text, *PLANTED)
        return done

    def outcomes(self, *arguments: str, code: int) -> list[dict[str, str]]:
        return self.verify("--format", "json", *arguments).expect(code).json()["outcomes"]

    def make(self, path: str, manifest: Mapping[str, Any], status: Mapping[str, Any] | None = None) -> None:
        """An object, and its status, as controllers write them."""
        name = manifest["metadata"]["name"]
        self.cluster.apply(manifest, f"{path}/{name}", "controllers")
        if status is not None:
            kind = {name: manifest[name] for name in ("apiVersion", "kind")}
            subject = {**kind, "metadata": {"name": name}, "status": status}
            self.cluster.apply(subject, f"{path}/{name}/status", "controllers")

    def secret(self, name: str, values: Mapping[str, str]) -> None:
        manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": encoded(values)}
        self.make(f"api/v1/namespaces/{self.space}/secrets", manifest)

    def generate(self, text: str) -> None:
        data = base64.b64encode(gzip.compress(text.encode())).decode()
        name = "alertmanager-main-generated"
        manifest = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name},
            "data": {f"{ALERTMANAGER_YAML}.gz": data},
        }
        self.make(f"api/v1/namespaces/{self.space}/secrets", manifest)

    def reconciled(self, status: str, message: str = "") -> None:
        now = "2026-03-02T12:00:00Z"
        conditions = [
            {"type": kind, "status": value, "lastTransitionTime": now, "observedGeneration": 99, "message": said}
            for kind, value, said in (("Available", "True", ""), ("Reconciled", status, message))
        ]
        counts = {f"{each}eplicas": 3 for each in ("r", "updatedR", "availableR")}
        self.make(
            f"apis/monitoring.coreos.com/v1/namespaces/{self.space}/alertmanagers",
            {"apiVersion": "monitoring.coreos.com/v1", "kind": "Alertmanager", "metadata": {"name": "main"}},
            {"paused": False, **counts, "unavailableReplicas": 0, "conditions": conditions},
        )

    def synchronised(self, status: str = "True", message: str = "") -> None:
        ready = [{"type": "Ready", "status": status, "reason": "Tests", "message": message}]
        api = {"apiVersion": "external-secrets.io/v1"}
        path = f"apis/external-secrets.io/v1/namespaces/{self.space}"
        for kind, name in (("ExternalSecret", "alertmanager-slack-webhook"), ("SecretStore", "vault-backend")):
            said = {"conditions": ready if kind == "ExternalSecret" else [{**ready[0], "status": "True"}]}
            subject = {**api, "kind": kind, "metadata": {"name": name}, "status": said}
            self.cluster.apply(subject, f"{path}/{kind.lower()}s/{name}/status", "controllers")

    def stateful_set(self, mounted: list[str]) -> None:
        labels = {"app.kubernetes.io/name": "alertmanager", "alertmanager": "main"}
        containers = [{"name": "alertmanager", "image": "quay.io/prometheus/alertmanager:v0.34.2"}]
        volumes = [{"name": f"secret-{name}", "secret": {"secretName": name}} for name in mounted]
        template = {"metadata": {"labels": labels}, "spec": {"containers": containers, "volumes": volumes}}
        sts = {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {"name": "alertmanager-main"},
            "spec": {"replicas": 3, "serviceName": "o", "selector": {"matchLabels": labels}, "template": template},
        }
        revision = {
            "observedGeneration": 9,
            "replicas": 3,
            "readyReplicas": 3,
            "currentRevision": "a",
            "updateRevision": "a",
        }
        self.make(f"apis/apps/v1/namespaces/{self.space}/statefulsets", sts, revision)
        for number in range(3):
            pod = {
                "apiVersion": "v1",
                "kind": "Pod",
                **template,
                "metadata": {"name": f"alertmanager-main-{number}", "labels": labels},
            }
            ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
            self.make(f"api/v1/namespaces/{self.space}/pods", pod, ready)
            target = {"metadata": {"name": pod["metadata"]["name"]}, "target": {"name": NODE}}
            self.cluster.request(
                "POST", f"api/v1/namespaces/{self.space}/pods/{pod['metadata']['name']}/binding", target
            )


def new_world(cluster: Cluster, project: Project, running: Alertmanagers, text: str) -> World:
    made = World(cluster, project, running, text)
    made.secret("alertmanager-secrets", WEBHOOKS)
    made.secret("pagerduty-routing-key", {"routing_key": KEY})
    made.generate(text)
    made.reconciled("True")
    made.synchronised()
    made.stateful_set(["alertmanager-secrets", "pagerduty-routing-key"])
    return made


@contextmanager
def kubelet(cluster: Cluster, tool: Callable[[str], Path], work: Path, addresses: Mapping[str, str]) -> Iterator[None]:
    """A node, as far as port-forward needs one: where the Alertmanagers are, by NAMESPACE/POD."""
    [port] = _free_ports(1)
    (work / "pods.json").write_text(json.dumps(addresses), encoding="utf-8")
    command = [
        str(tool("kubelet-streams")),
        f"-listen=127.0.0.1:{port}",
        f"-certificate={cluster.certificate}",
        f"-key={cluster.key}",
        f"-pods={work / 'pods.json'}",
        f"-logs={work}",
    ]
    with subprocess.Popen(command) as process:
        status = {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
        }
        cluster.request("POST", "api/v1/nodes", {"metadata": {"name": NODE}, "status": status})
        try:
            yield
        finally:
            cluster.request("DELETE", f"api/v1/nodes/{NODE}")
            process.kill()


@pytest.fixture(scope="module")
def world(
    cluster: Cluster, on_cluster: OnCluster, tool: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    project = on_cluster("production", SPACE)
    chart = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "Alertmanager",
        "metadata": {"name": "main"},
        "spec": {"replicas": 3, "version": "v0.34.2", "alertmanagerConfigSelector": {}},
    }
    cluster.put(chart, SPACE, "helm")
    store = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "SecretStore",
        "metadata": {"name": "vault-backend"},
        "spec": {"provider": {"vault": {"server": "http://127.0.0.1:1", "path": "secret", "auth": {}}}},
    }
    cluster.put(store, SPACE, "platform")
    project.up()
    text = project.alertpath("compile", "--stack", "production").expect(0).out
    work = tmp_path_factory.mktemp("alertmanagers")
    with alertmanagers(tool, work, text) as running:
        pods = {f"{SPACE}/alertmanager-main-{number}": address for number, address in enumerate(running.addresses)}
        with kubelet(cluster, tool, work, pods):
            yield new_world(cluster, project, running, text)


def bad(outcomes: list[dict[str, str]]) -> list[dict[str, str]]:
    return [each for each in outcomes if each["status"] in ("failed", "warning")]


def test_a_sound_cluster_passes(world: World) -> None:
    outcomes = world.outcomes(code=0)
    assert bad(outcomes) == []
    assert {each["status"] for each in outcomes} == {"ok"}
    text = world.verify().expect(0).out
    assert "ok       Secret verify/alertmanager-main: holds the configuration of the stack production" in text
    assert "within 1h (refresh_interval)" in " ".join(text.split())


@dataclass(frozen=True)
class Fault:
    """Something that is wrong: how it is made and mended, and what is said of it first."""

    make: Callable[[World], object]
    mend: Callable[[World], object]
    step: str
    subject: str
    message: str
    cause: str = ""


def path_of(world: World, kind: str, name: str) -> str:
    return world.cluster.path(kind, world.space, name)


def remove(kind: str, name: str) -> Callable[[World], object]:
    return lambda world: world.cluster.request("DELETE", path_of(world, kind, name))


def merge(kind: str, name: str, changes: Mapping[str, Any]) -> Callable[[World], object]:
    return lambda world: world.cluster.merge(kind, world.space, name, changes, "kubectl-edit")


def write(text: str) -> Callable[[World], object]:
    return lambda world: merge("Secret", "alertmanager-main", {"data": encoded({ALERTMANAGER_YAML: text})})(world)


def restore(world: World) -> None:
    world.project.with_env(PULUMI_K8S_ENABLE_PATCH_FORCE="true").up("--refresh")


def rename_key(world: World) -> None:
    world.cluster.request("DELETE", path_of(world, "Secret", "pagerduty-routing-key"))
    world.secret("pagerduty-routing-key", {"routing-key": KEY})


def good_key(world: World) -> None:
    world.cluster.request("DELETE", path_of(world, "Secret", "pagerduty-routing-key"))
    world.secret("pagerduty-routing-key", {"routing_key": KEY})


def reroute(world: World) -> None:
    text = world.text.replace("receiver: pagerduty-seedtest", "receiver: slack-lowprio")
    write(text)(world)
    world.generate(text)
    world.running.load(text)


def routed_again(world: World) -> None:
    restore(world)
    world.generate(world.text)
    world.running.load(world.text)


def refused_by_all(world: World) -> None:
    broken = "route: {receiver: nobody}\n"
    write(broken)(world)
    merge("Alertmanager", "main", {"spec": {"alertmanagerConfigSelector": None}})(world)
    world.generate(broken)
    world.running.load(broken)


def taken_again(world: World) -> None:
    routed_again(world)
    merge("Alertmanager", "main", {"spec": {"alertmanagerConfigSelector": {}}})(world)


def mounted_again(world: World) -> None:
    # `up` takes the list only from nobody: whoever edited it has to let go.
    merge("Alertmanager", "main", {"spec": {"secrets": None}})(world)
    restore(world)


OPEN = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "alertmanager-main"},
    "spec": {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "alertmanager"}},
        "policyTypes": ["Ingress", "Egress"],
        "egress": [{}],
    },
}
MAIN, EXTERNAL = "alertmanager-main", "alertmanager-slack-webhook"
FAULTS = {
    "a foreign edit": Fault(
        reroute,
        routed_again,
        "configuration",
        "Secret verify/alertmanager-main",
        "lost pages: service=seedtest-api, severity=critical",
        "last written by kubectl-edit",
    ),
    "the Secret deleted": Fault(
        remove("Secret", MAIN), restore, "configuration", "Secret verify/alertmanager-main", "does not exist"
    ),
    "another Secret read": Fault(
        merge("Alertmanager", "main", {"spec": {"configSecret": "other"}}),
        merge("Alertmanager", "main", {"spec": {"configSecret": None}}),
        "alertmanager",
        "Alertmanager verify/main",
        "reads the Secret other, the stack writes alertmanager-main",
    ),
    "an ExternalSecret edited": Fault(
        merge("ExternalSecret", EXTERNAL, {"spec": {"secretStoreRef": {"name": "vault-backed"}}}),
        restore,
        "objects",
        "ExternalSecret verify/alertmanager-slack-webhook",
        "spec.secretStoreRef.name is 'vault-backed', not 'vault-backend'",
        "last changed by kubectl-edit",
    ),
    "a source without its key": Fault(
        lambda world: world.synchronised("False", "cannot find secret data for key"),
        lambda world: world.synchronised(),
        "sources",
        "ExternalSecret verify/alertmanager-slack-webhook",
        "cannot find secret data for key",
        "monitoring/alertmanager/slack/webhook_url",
    ),
    "a key mistyped": Fault(
        rename_key,
        good_key,
        "credentials",
        "Secret verify/pagerduty-routing-key, key routing_key",
        "there is no such key; the Secret has routing-key",
    ),
    "a key pasted badly": Fault(
        lambda world: world.secret("pagerduty-routing-key", {"routing_key": f"{KEY} {KEY}"}),
        good_key,
        "credentials",
        "Secret verify/pagerduty-routing-key, key routing_key",
        "its value has white space inside",
    ),
    "a credential not mounted": Fault(
        merge("Alertmanager", "main", {"spec": {"secrets": ["alertmanager-secrets"]}}),
        mounted_again,
        "mounts",
        "Alertmanager verify/main",
        "does not mount pagerduty-routing-key",
        "'kubectl-edit'",
    ),
    "the operator refuses": Fault(
        lambda world: world.reconciled("False", "failed to initialize from secret: field labels not found"),
        lambda world: world.reconciled("True"),
        "operator",
        "Alertmanager verify/main",
        "field labels not found. Pods go on with the configuration before",
        "strict parser",
    ),
    "the operator copies what Alertmanager refuses": Fault(
        refused_by_all,
        taken_again,
        "configuration",
        "Secret verify/alertmanager-main",
        "Alertmanager would refuse it",
        "kubectl-edit",
    ),
    "pods on an old configuration": Fault(
        lambda world: world.running.load(world.text.replace("group_wait: 30s", "group_wait: 50s", 1)),
        lambda world: world.running.load(world.text),
        "running",
        "alertmanager-main-0, alertmanager-main-1 and alertmanager-main-2",
        "another configuration is in force than the operator generated",
    ),
    "a policy cancelled by another": Fault(
        lambda world: world.cluster.put(OPEN, world.space, "kube-prometheus"),
        remove("NetworkPolicy", MAIN),
        "egress",
        "NetworkPolicy verify/alertmanager-main",
        "a cloud's metadata",
        "it cancels alertmanager-egress",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_cause_comes_first(world: World, name: str) -> None:
    fault = FAULTS[name]
    fault.make(world)
    try:
        outcomes = world.outcomes(code=1)
    finally:
        fault.mend(world)
        if fault.mend is restore:
            world.reconciled("True")
            world.synchronised()
    first = bad(outcomes)[0]
    assert first["step"] == fault.step, bad(outcomes)
    assert first["subject"].startswith(fault.subject)
    assert fault.message in first["message"]
    assert fault.cause in first["cause"]
    assert first["mend"]
    told = {each["step"] for each in outcomes if each["status"] == "failed"}
    unexamined = {"configuration", "running"}
    assert told == (unexamined if name == "the operator copies what Alertmanager refuses" else {fault.step})
    assert bad(world.outcomes(code=0)) == []


def account(world: World, name: str) -> Path:
    """A kubeconfig of a new service account."""
    space = f"api/v1/namespaces/{world.space}/serviceaccounts"
    world.cluster.request("POST", space, {"metadata": {"name": name}})
    token = world.cluster.request("POST", f"{space}/{name}/token", {"spec": {}})["status"]["token"]
    config = json.loads(world.cluster.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": token}
    file = world.project.root.parent / f"{name}.kubeconfig"
    file.write_text(json.dumps(config))
    return file


def test_what_may_not_be_read_is_told_with_the_rule(world: World) -> None:
    outcomes = world.outcomes("--kubeconfig", str(account(world, "nobody")), code=1)
    assert {each["step"] for each in outcomes if each["status"] == "failed"} == {"access"}
    mends = "\n".join(each["mend"] for each in outcomes)
    assert '{apiGroups: [""], resources: [secrets], resourceNames: [alertmanager-main], verbs: [get]}' in mends
    assert '{apiGroups: ["networking.k8s.io"], resources: [networkpolicies], verbs: [list]}' in mends


def test_the_documented_permissions_are_enough(world: World) -> None:
    page = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
    roles = list(yaml.safe_load_all(page.partition("```yaml\n")[2].partition("```")[0]))
    kubeconfig = account(world, "verifier")
    group = "apis/rbac.authorization.k8s.io/v1"
    for role in roles:
        kind = role["kind"]
        where = f"{group}/namespaces/{world.space}" if kind == "Role" else group
        role["metadata"].pop("namespace", None)
        world.cluster.request("POST", f"{where}/{kind.lower()}s", role)
        subject = {"kind": "ServiceAccount", "name": "verifier", "namespace": world.space}
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role["metadata"]["name"]}
        binding = {"metadata": {"name": "verifier"}, "roleRef": reference, "subjects": [subject]}
        world.cluster.request("POST", f"{where}/{kind.lower()}bindings", binding)
    until(lambda: bad(world.outcomes("--kubeconfig", str(kubeconfig), code=0)) == [], "the roles are in force", 20)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--context", "nowhere"), "nowhere"),
        (("--kubeconfig", "/does/not/exist"), "cannot be asked"),
    ],
)
def test_another_cluster(world: World, arguments: tuple[str, ...], said: str) -> None:
    outcomes = world.outcomes(*arguments, code=1)
    assert [each["step"] for each in outcomes if each["status"] == "failed"] == ["access"]
    assert said in outcomes[0]["message"]


@pytest.mark.parametrize(
    "arguments", [("--send",), ("--yes",), ("--alertmanager-url", "localhost:1"), ("--send", "--receiver", "x")]
)
def test_wrong_usage(world: World, arguments: tuple[str, ...]) -> None:
    assert "usage:" in world.verify(*arguments).expect(2).err


def test_addresses_instead_of_the_port_forward(world: World) -> None:
    urls = [word for url in world.running.urls for word in ("--alertmanager-url", url)]
    assert bad(world.outcomes(*urls, code=0)) == []
    # One that nobody answers at.
    outcomes = world.outcomes(*urls, "--alertmanager-url", "http://127.0.0.1:1/am", code=1)
    assert "cannot be asked" in bad(outcomes)[0]["message"]


def test_it_waits_while_something_fails(world: World) -> None:
    world.generate(world.text.replace("group_wait: 30s", "group_wait: 50s", 1))
    mending = threading.Timer(3, lambda: world.generate(world.text))
    mending.start()
    try:
        assert bad(world.outcomes("--wait", "60", code=0)) == []
    finally:
        mending.join()
        world.generate(world.text)


def test_a_test_alert_that_cannot_arrive(world: World) -> None:
    # Nothing is mounted into these Alertmanagers: they cannot read the file with the routing key.
    outcomes = world.outcomes("--send", "--yes", "--receiver", "pagerduty-seedtest", code=1)
    [sent] = [each for each in outcomes if each["step"] == "send"]
    assert sent["status"] == "failed"
    assert "pagerduty: the message was not accepted: other" in sent["message"]
    assert "file" in sent["cause"]
    for url in world.running.urls:
        with urllib.request.urlopen(f"{url}/api/v2/alerts", timeout=10) as answer:  # noqa: S310
            assert json.loads(answer.read()) == []
    # From then on the counters say so by themselves.
    [failure] = [each for each in world.outcomes(code=1) if each["status"] == "failed"]
    assert (failure["step"], failure["subject"]) == ("deliveries", "PagerDuty (pagerduty-seedtest)")
    assert "nothing has arrived since the pods started: other 1" in failure["message"]


class Sink(ThreadingHTTPServer):
    """A receiver that answers what its URL's path says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[tuple[str, str]] = []


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        assert isinstance(server, Sink)
        server.received.append((self.path, body["alerts"][0]["labels"]["alertname"]))
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("flags", [(), ("--enable-feature=receiver-name-in-metrics",)])
def test_what_becomes_of_test_alerts_is_told_from_real_counters(
    tool: Callable[[str], Path], tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...]
) -> None:
    base = f"http://127.0.0.1:{sink.server_address[1]}"
    names = {"good": 200, "gone": 404, "ill": 500}
    expected = Expected(
        *compiled(
            tmp_path,
            {
                "receivers": {name: {"webhook": {"url": f"{base}/{code}"}} for name, code in names.items()},
                "services": {name: {"any": name} for name in names},
            },
            receivers=list(names),
            routing={"default_receiver": "good", "group_wait": "0s"},
            credentials={},
        )
    )
    monkeypatch.setattr(sending, "_MARGIN", 6.0)
    with alertmanagers(tool, tmp_path, expected.compiled.text, 2, *flags) as running:
        addresses = [of_url(url) for url in running.urls]
        observed = Observed(
            now=datetime.now(UTC),
            alertmanager={"metadata": {}, "spec": {"replicas": 2}},
            peers=[address.read() for address in addresses],
        )
        outcomes = sending.send(expected, observed, addresses, [], frozenset(), unasked=True)
        said = {outcome.subject: (outcome.status, outcome.message) for outcome in outcomes}
        assert said.keys() == {f"receiver {name}" for name in names}
        assert said["receiver good"] == ("ok", "webhook accepted the message")
        assert said["receiver gone"] == ("failed", "webhook: the message was not accepted: clientError")
        assert said["receiver ill"][0] == "failed"
        assert re.match(r"webhook: \d+ attempts? failed, and it is tried again", said["receiver ill"][1])
        assert {path for path, _ in sink.received} == {f"/{code}" for code in names.values()}
        for url in running.urls:
            with urllib.request.urlopen(f"{url}/api/v2/alerts", timeout=10) as answer:  # noqa: S310
                assert json.loads(answer.read()) == []
