"""Another provider for a credential: its Secret and its keys are always there, and new values come by the new one."""

from __future__ import annotations

import itertools
import json
import secrets
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from alertpath.inputs.credentials import Provider
from tests.documented import blocks
from tests.e2e.alerts import Alert
from tests.e2e.cluster import STORE, RealCluster
from tests.e2e.history import watched
from tests.e2e.test_edits_lose_nothing import DEFAULTS
from tests.program.conftest import NewProject
from tests.program.engine import Project, run, share_nothing
from tests.program.test_credentials import encrypt, tools_env, with_tools  # noqa: F401

SECRET, POD = "switched", "alertmanager-main-0"
# The credentials, each the key of its name: what a message of PagerDuty and of Slack goes by.
PAGES, SLACK = "pages", "slack"
RECEIVERS = {PAGES: {"pagerduty": {"routing_key": PAGES}}, SLACK: {"slack": {"channel": "#c", "webhook": SLACK}}}
SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "external-secrets": {"external_secrets": {"store": {"name": STORE}, "refresh_interval": "2s"}},
    "sops": {"sops": {"file": "credentials.enc.yaml"}},
}
HEADING = "Changing a credential's provider"
# Those whose values a controller brings, and those whose values `up` brings.
CONTROLLERS, WRITTEN = {"external-secrets", "sealed-secrets"}, {"sops", "pulumi-config", "generated"}
# One after the other; the first Secret is one that somebody has made.
ORDER: Final[tuple[Provider, ...]] = (
    "existing",
    "external-secrets",
    "sealed-secrets",
    "sops",
    "pulumi-config",
    "generated",
    "sealed-secrets",
    "external-secrets",
    "existing",
    "sealed-secrets",
)
SWITCHES = list(itertools.pairwise(ORDER))
SALT = "\nencryptionsalt: "
PATIENCE = 120


@dataclass
class Stack:
    """A stack with two credentials in one Secret, whose values the provider of the moment brings.

    `values`: by credential; `targets`: the channel or routing key that messages then go to.
    """

    cluster: RealCluster
    project: Project
    kubectl: Path
    certificate: Path
    namespace: str
    provider: Provider = "existing"
    values: dict[str, str] = field(default_factory=dict[str, str])
    targets: dict[str, str] = field(default_factory=dict[str, str])

    def choose(self, provider: Provider) -> None:
        """Writes the stack's file anew, with nothing left over from the provider before."""
        salt = self.project.stack_file.read_text(encoding="utf-8").partition(SALT)[2].splitlines()[0]
        text = settings(provider, self.namespace) + SALT.lstrip("\n") + salt + "\n"
        self.project.stack_file.write_text(text, encoding="utf-8")
        share_nothing(self.project.project_file)
        self.provider = provider

    def renew(self) -> None:
        """New values, given to who keeps them, as docs/credentials.md says; nothing is applied."""
        self.targets = {PAGES: secrets.token_hex(16), SLACK: f"#{secrets.token_hex(4)}"}
        self.values = {PAGES: self.targets[PAGES], SLACK: self.cluster.sinks.webhook(self.targets[SLACK])}
        match self.provider:
            case "external-secrets":
                self.cluster.vault.write(self.namespace, self.values)
            case "existing":
                self.cluster.api.merge("Secret", self.namespace, SECRET, {"stringData": self.values}, "kubectl-edit")
            case "sops":
                encrypt(self.project, self.project.root / "credentials.enc.yaml", self.values)
            case "pulumi-config":
                for name, value in self.values.items():
                    self.project.set_secret(name, value)
            case "sealed-secrets":
                for name, value in self.values.items():
                    words = ("seal", name, "--stack", self.project.stack, "--certificate", str(self.certificate))
                    self.project.alertpath(*words, stdin=value).expect(0)
            case "generated":
                # The update draws them; a webhook by chance leads nowhere.
                self.values = {}

    def switch(self, provider: Provider) -> None:
        """What the docs say, with new values at once."""
        before = self.provider
        if before in CONTROLLERS:
            self.choose("existing")
            self.project.up()
            if provider != "sealed-secrets":
                self.make_foreign()
        elif before == "existing" and provider == "sealed-secrets":
            self.annotate()
        self.choose(provider)
        self.renew()
        if provider in WRITTEN and before not in WRITTEN:
            assert f"Secret {self.namespace}/{SECRET} was changed by " in self.project.preview().text
        self.project.up()

    def make_foreign(self) -> None:
        """The Secret as one that alertpath's providers have not made."""
        self.cluster.api.merge("Secret", self.namespace, SECRET, {"metadata": {"annotations": None}}, "kubectl-edit")

    def annotate(self) -> None:
        """The docs' command for a Secret that somebody else has made."""
        [command] = [each for each in blocks("credentials.md", HEADING) if each.startswith("kubectl ")]
        ours = {"monitoring": self.namespace, "alertmanager-secrets": SECRET}
        program, *words = [ours.pop(word, word) for word in shlex.split(command)]
        assert (program, ours) == ("kubectl", {})
        run([self.kubectl, *words], self.project.root, self.project.env).expect(0)

    def rotate(self) -> None:
        """New values by the provider of the moment."""
        if self.provider == "generated":
            [command] = blocks("credentials.md", "generated")
            program, _, *words = shlex.split(command.replace("slack-seedtest-alerts", "*"))
            assert program == "pulumi"
            self.project.up(*words)
            return
        self.renew()
        if self.provider not in {"existing", "external-secrets"}:
            self.project.up()

    def settle(self) -> dict[str, str]:
        """Waits until the Secret and the pod have what was given; what that is."""
        live: dict[str, str] = {}

        def arrived() -> bool:
            live.clear()
            live.update(self.cluster.api.data(self.namespace, SECRET))
            return live == (self.values or live) and all(self.mounted(name) == live[name] for name in RECEIVERS)

        self.cluster.wait(arrived, f"{self.provider} brings the new values", PATIENCE)
        if not self.values:
            self.targets = {PAGES: live[PAGES]}
        return live

    def mounted(self, name: str) -> str:
        """What the pod reads."""
        root = self.cluster.kubelet.pod(self.namespace, POD).root
        return (root / "etc/alertmanager/secrets" / SECRET / name).read_text(encoding="utf-8")

    def delivers(self) -> None:
        """Posts an alert for each receiver whose service is here, and waits until it is there."""
        title = f"Switched{secrets.token_hex(4)}"
        peers = self.cluster.peers(self.namespace, replicas=1)
        peers.post(*(Alert({"alertname": title, "service": name}) for name in self.targets))
        sinks = self.cluster.sinks
        self.cluster.wait(
            lambda: all(any(title in json.dumps(each.body) for each in sinks.to(to)) for to in self.targets.values()),
            f"{title} arrives at {self.targets}",
            PATIENCE,
        )


def settings(provider: Provider, namespace: str) -> str:
    values: dict[str, dict[str, Any]] = {name: {} for name in RECEIVERS}
    if provider == "external-secrets":
        values = {name: {"remote": {"key": namespace, "property": name}} for name in RECEIVERS}
    content = {
        "delivery": "cluster",
        "namespace": {"name": namespace},
        "catalog": ["catalog.yaml"],
        "receivers": list(RECEIVERS),
        "routing": {"default_receiver": SLACK, "group_wait": "1s"},
        "credentials": {"provider": provider, "secret": SECRET, "values": values, **SETTINGS.get(provider, {})},
    }
    return yaml.safe_dump({"config": {"alertpath:settings": content}}, sort_keys=False)


@pytest.fixture(scope="module")
def new_stack(
    cluster: RealCluster,
    new_project: NewProject,
    tools_env: Mapping[str, str],  # noqa: F811
    tool: Callable[[str], Path],
    certificate: Path,
) -> Callable[[str], Stack]:
    def new(namespace: str) -> Stack:
        cluster.new_namespace(namespace)
        cluster.put_alertmanager(namespace, replicas=0)
        project = new_project("production", settings("existing", namespace), providers=["kubernetes", "random"])
        project = with_tools(project, tools_env).with_env(KUBECONFIG=str(cluster.api.kubeconfig))
        services = {name: {"any": name} for name in RECEIVERS}
        catalog = yaml.safe_dump({"team": "t", "receivers": RECEIVERS, "services": services})
        (project.root / "catalog.yaml").write_text(catalog, encoding="utf-8")
        return Stack(cluster, project, tool("kubectl"), certificate, namespace)

    return new


@pytest.fixture(scope="module")
def stack(cluster: RealCluster, new_stack: Callable[[str], Stack]) -> Stack:
    """With a Secret that somebody has made, and an Alertmanager."""
    stack = new_stack("switches")
    cluster.put_secret(stack.namespace, SECRET, {})
    stack.renew()
    stack.project.up()
    # Only now: it starts once.
    cluster.put_alertmanager(stack.namespace, replicas=1)
    cluster.wait(lambda: cluster.settled(stack.namespace, 1), "Alertmanager is ready", PATIENCE)
    return stack


@pytest.mark.parametrize(("before", "after"), [pytest.param(*pair, id="-to-".join(pair)) for pair in SWITCHES])
def test_a_switch(stack: Stack, before: Provider, after: Provider) -> None:
    if stack.provider != before:
        stack.switch(before)
    old = stack.settle()
    given = {name: [old[name]] for name in RECEIVERS}
    with watched(stack.cluster.api, stack.namespace) as history:
        for step in (lambda: stack.switch(after), stack.rotate):
            step()
            for name, values in given.items():
                values.append(stack.settle()[name])
    losses = history.losses({SECRET: list(RECEIVERS)})
    assert not losses, ", ".join(losses)
    for name, values in given.items():
        # Nor did an old value ever come back.
        assert history.values(SECRET, name, old[name]) == values
    stack.delivers()


def test_with_pulumis_defaults_it_would_be_seen(new_stack: Callable[[str], Stack]) -> None:
    stack = new_stack("switches-by-default")
    stack.project.edit(stack.project.root / "components" / "cluster.py", *DEFAULTS)
    stack.choose("pulumi-config")
    stack.renew()
    stack.project.up()
    with watched(stack.cluster.api, stack.namespace) as history:
        stack.switch("generated")
    assert f"{SECRET} was deleted" in history.losses({SECRET: list(RECEIVERS)})
