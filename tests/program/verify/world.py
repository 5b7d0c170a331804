"""The stack production, delivered by `pulumi up`, and all that runs for it: what `alertpath verify` looks at.

The tests do what the operator, External Secrets and the kubelet do; tests/e2e has the real ones.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, final

from alertpath.cluster.expected import Expected
from alertpath.cluster.outcomes import Outcome
from alertpath.cluster.report import FORMATS
from alertpath.cluster.run import examine
from alertpath.compiling.compile import compile_stack
from alertpath.delivery.manifests.alertmanager import configuration_files
from alertpath.inputs.stack import load
from tests.program.addresses import free_ports
from tests.program.cluster import Cluster
from tests.program.conftest import OnCluster
from tests.program.engine import Done, Project, assert_hidden
from tests.program.verify import sink as sinks
from tests.program.verify.alertmanagers import CONFIGURATION, Alertmanagers, running
from tests.program.verify.objects import NODE, Namespace, encoded
from tests.program.verify.sink import Sink

SPACE: Final = "verify"
SLACK: Final = "alertmanager-secrets"
PAGERDUTY: Final = "pagerduty-routing-key"
WEBHOOKS: Final = {
    "slack_webhook_url": "https://hooks.slack.com/services/T0EXAMPLE/B0EXAMPLE/verifyoneabcdefghijklm",
    "slack_webhook_url_notify": "https://hooks.slack.com/services/T0EXAMPLE/B1EXAMPLE/verifytwoabcdefghijklm",
}
KEY: Final = "v0123456789abcdefghijklmnopqrst7"
PLANTED: Final = (*WEBHOOKS.values(), KEY)
GROUP_WAIT: Final = "2s"


@final
class World:
    """`text`: the configuration. `reset` undoes whatever a test has done to it."""

    def __init__(
        self, space: Namespace, project: Project, running: Alertmanagers, sink: Sink, mounted: Mapping[str, str]
    ) -> None:
        self.space: Final = space
        self.project: Final = project
        self.running: Final = running
        self.sink: Final = sink
        self.text: Final = self.expected.compiled.text
        self._mounted = mounted
        self._files = {file: file.read_bytes() for file in (project.stack_file, project.project_file, project.catalog)}
        self._objects = space.read()

    @property
    def expected(self) -> Expected:
        """The stack as its files are now."""
        stack = load(self.project.stack_file)
        return Expected(stack, compile_stack(stack))

    def command(self, *arguments: str) -> Done:
        """`alertpath verify`."""
        done = self.project.alertpath("verify", "--stack", self.project.stack, *arguments)
        assert_hidden(done.text, *PLANTED)
        return done

    def outcomes(self, kubeconfig: Path | None = None, **options: Any) -> list[Outcome]:
        """The same in this process, which is faster; in no format it tells a credential."""
        found = examine(self.expected, str(kubeconfig or self.space.cluster.kubeconfig), None, **options)
        for form in FORMATS.values():
            assert_hidden(form(found), *PLANTED)
        return found

    def deliver(self, text: str) -> None:
        """A configuration as it comes to the Alertmanagers by way of the Secret, without Pulumi."""
        self.write(text)
        self.space.generate(text)
        self.running.load(text)

    def write(self, text: str) -> None:
        """A configuration in the Secret, by somebody else."""
        self.space.merge("Secret", "alertmanager-main", {"data": encoded({"alertmanager.yaml": text})})

    def reset(self) -> None:
        """Everything as it was when this was made."""
        for file, content in self._files.items():
            file.write_bytes(content)
        self.space.restore(self._objects)
        self.sink.answers.clear()
        self.sink.received.clear()
        self.running.know_time_zones()
        self.running.write(self._mounted)
        if not self.running.sound(self.text):
            self.running.write({CONFIGURATION: self.text})
            self.running.restart()


@contextmanager
def delivered(on_cluster: OnCluster, cluster: Cluster, tool: Callable[[str], Path], work: Path) -> Iterator[World]:
    """A world, its files below the empty directory `work`."""
    with ExitStack() as stack:
        sink = stack.enter_context(sinks.serving())
        project = _project(on_cluster, sink)
        space = Namespace(cluster, SPACE)
        _surroundings(space)
        project.up()
        loaded = load(project.stack_file)
        compiled = compile_stack(loaded)
        files = {f"etc/alertmanager/config/{name}": text for name, text in configuration_files(compiled).items()}
        mounted = _mounted(sink)
        files |= {CONFIGURATION: compiled.text, **mounted}
        alertmanagers = stack.enter_context(running(tool("alertmanager"), work, files, 3))
        stack.enter_context(_kubelet(cluster, tool, work, alertmanagers))
        space.secret(SLACK, WEBHOOKS)
        # Until here it was that of `on_cluster`.
        space.delete("Secret", PAGERDUTY)
        space.secret(PAGERDUTY, {"routing_key": KEY})
        space.generate(compiled.text)
        space.condition("Alertmanager", "main", "Reconciled", "True")
        space.condition("ExternalSecret", "alertmanager-slack-webhook", "Ready", "True")
        space.condition("SecretStore", "vault-backend", "Ready", "True")
        space.stateful_set([SLACK, PAGERDUTY])
        yield World(space, project, alertmanagers, sink, mounted)


def _project(on_cluster: OnCluster, sink: Sink) -> Project:
    routing = "routing: {default_receiver: slack-lowprio"
    # Nobody waits for half a minute here.
    soon = f"{routing}, group_wait: {GROUP_WAIT}, group_interval: 5s"
    project = on_cluster("production", SPACE, (routing, soon))
    key = "pagerduty: {routing_key: pagerduty-seedtest"
    project.edit(project.catalog, (key, f"{key}, url: {sink.url}{sinks.PAGERDUTY}"))
    return project


def _surroundings(space: Namespace) -> None:
    """What is there before the stack: the Alertmanager object of the chart, and the platform's store."""
    spec = {"replicas": 3, "version": "v0.34.2", "alertmanagerConfigSelector": {}}
    chart = {"apiVersion": "monitoring.coreos.com/v1", "kind": "Alertmanager", "metadata": {"name": "main"}}
    space.put("Alertmanager", {**chart, "spec": spec}, "helm")
    provider = {"vault": {"server": "http://127.0.0.1:1", "path": "secret", "auth": {}}}
    store = {"apiVersion": "external-secrets.io/v1", "kind": "SecretStore", "metadata": {"name": "vault-backend"}}
    space.put("SecretStore", {**store, "spec": {"provider": provider}}, "platform")


def _mounted(sink: Sink) -> Mapping[str, str]:
    """What pods have of the Secrets: the webhooks are the sink's, else messages would leave this machine."""
    secrets = "etc/alertmanager/secrets"
    return {
        f"{secrets}/{SLACK}/slack_webhook_url": f"{sink.url}{sinks.SLACK}",
        f"{secrets}/{SLACK}/slack_webhook_url_notify": f"{sink.url}{sinks.SLACK_LOW}",
        f"{secrets}/{PAGERDUTY}/routing_key": KEY,
    }


@contextmanager
def _kubelet(cluster: Cluster, tool: Callable[[str], Path], work: Path, pods: Alertmanagers) -> Iterator[None]:
    """A node, as far as port-forward needs one: where the Alertmanagers are, by NAMESPACE/POD."""
    [port] = free_ports(1)
    addresses = {f"{SPACE}/alertmanager-main-{number}": address for number, address in enumerate(pods.addresses)}
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
