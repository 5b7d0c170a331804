"""Edits, renames, another delivery, `destroy`: no Secret is ever away, and every alert arrives."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.alerts import Peers
from tests.e2e.cluster import RealCluster
from tests.e2e.conftest import OnCluster
from tests.e2e.history import History, watched
from tests.e2e.stream import Stream, streaming
from tests.e2e.watching import CONFIGURATION, is_null, wait_until_watching
from tests.program.engine import Project, run

PAGES = "0123456789abcdef0123456789abcdef"
ALERTS, NOTIFY = "#edits-alerts", "#edits-notify"
# Where each of the stream's alerts belongs.
TARGETS = (
    ({"service": "seedtest-api", "severity": "critical", "namespace": "seedtest"}, PAGES),
    ({"service": "seedtest-api", "severity": "warning", "namespace": "seedtest"}, ALERTS),
    ({"service": "seedtest-web", "severity": "warning", "namespace": "seedtest"}, NOTIFY),
)
KEYS = {
    CONFIGURATION: ["alertmanager.yaml"],
    "alertmanager-secrets": ["slack_webhook_url", "slack_webhook_url_notify"],
    "pagerduty-routing-key": ["routing_key"],
}
EDITS = 20
GROUP_WAIT = "group_wait: 1s"
# How long an alert may take: a reload begins its wait anew, the second Alertmanager's turn comes after 15 s.
PATIENCE = 120
# Seconds after which what has not arrived is said to be missing.
MARGIN = 5
DELIVERY = "    delivery: cluster\n"
FILES = "    delivery: files\n    alertmanager: {mounts: none}\n"
# What Pulumi does if nobody tells it otherwise.
DEFAULTS = (
    ("enable_secret_mutable=True", "enable_secret_mutable=False"),
    ("retain_on_delete=kept and self._retain", "retain_on_delete=False"),
)


@dataclass(frozen=True)
class Stack:
    """The stack production, up and running in a namespace of its own."""

    cluster: RealCluster
    project: Project
    kubectl: Path
    namespace: str
    peers: Peers

    def edit(self) -> None:
        """Something harmless, never the same: whom a message mentions, and every second time one more service."""
        text = self.project.catalog.read_text(encoding="utf-8")
        [last] = mentions(text)
        number = int(last[3:-1]) + 1
        changes = [(last, f"<@U{number}>")]
        if number % 2:
            changes.append(("\nservices:\n", f"\nservices:\n  added-{number}:\n    warning: slack-seedtest\n"))
        self.project.edit(self.project.catalog, *changes)

    def render(self) -> None:
        """What `pulumi up` writes, byte for byte."""
        words = ("compile", "--stack", self.project.stack, "--out", str(self.project.rendered))
        self.project.alertpath(*words).expect(0)

    def apply_files(self) -> None:
        """What Argo CD does."""
        command = [self.kubectl, f"--kubeconfig={self.cluster.api.kubeconfig}", "apply", "-k", self.project.rendered]
        run(command, self.project.root, self.project.env).expect(0)

    def destroy(self) -> None:
        self.project.pulumi("destroy", "--yes", "--skip-preview").expect(0)

    def take_back(self) -> None:
        """The update that the docs give for what somebody else has applied: a plain one."""
        self.project.up()

    def declared(self) -> str:
        return self.project.alertpath("compile", "--stack", self.project.stack).expect(0).out

    @property
    def manager(self) -> str:
        return f"alertpath-{self.project.stack}"

    def owners(self, kind: str, name: str, field: str = "") -> set[str]:
        """The managers of an object's content, or of one field of its `spec`."""
        live = self.cluster.api.get(kind, self.namespace, name)
        assert live is not None
        return {
            entry["manager"]
            for entry in live["metadata"]["managedFields"]
            if (
                field in entry["fieldsV1"].get("f:spec", {})
                if field
                else entry["fieldsV1"].keys() & {"f:data", "f:spec"}
            )
        }

    def set_delivery(self, old: str, new: str) -> None:
        self.project.edit(self.project.stack_file, (old, new))

    def live(self) -> str:
        return self.cluster.api.data(self.namespace, CONFIGURATION)["alertmanager.yaml"]

    def stream(self) -> Stream:
        return Stream(self.peers, self.cluster.sinks, TARGETS)

    def wait_until_it_runs(self) -> None:
        """Until every Alertmanager runs what is in the Secret, by whom its messages mention."""
        live = mentions(self.live())
        self.cluster.wait(
            lambda: all(mentions(each) == live for each in self.peers.configurations()),
            "every Alertmanager runs it",
            PATIENCE,
        )


def mentions(configuration: str) -> list[str]:
    return re.findall(r"<@U\d+>", configuration)


def new_stack(
    cluster: RealCluster, project: Project, kubectl: Path, namespace: str, replicas: int, *changes: tuple[str, str]
) -> Stack:
    cluster.new_namespace(namespace)
    webhooks = {"webhook_url": cluster.sinks.webhook(ALERTS), "webhook_url_notify": cluster.sinks.webhook(NOTIFY)}
    cluster.vault.write("monitoring/alertmanager/slack", webhooks)
    cluster.put_secret(namespace, "pagerduty-routing-key", {"routing_key": PAGES})
    cluster.put_alertmanager(namespace, replicas=0)
    default = "default_receiver: slack-lowprio"
    project.edit(project.stack_file, (default, f"{default}, {GROUP_WAIT}"))
    webhook = "webhook: slack-seedtest-alerts"
    project.edit(project.catalog, (webhook, f'{webhook}, mention: "<@U0>"'))
    project.edit(project.root / "components" / "cluster.py", *changes)
    project.up()
    # Only now: they start once.
    cluster.put_alertmanager(namespace, replicas)
    stack = Stack(cluster, project, kubectl, namespace, cluster.peers(namespace, replicas))
    cluster.wait(lambda: cluster.settled(namespace, replicas), "every Alertmanager is ready", 120)
    for number in range(replicas):
        wait_until_watching(cluster, namespace, f"alertmanager-main-{number}")
    return stack


@pytest.fixture(scope="module")
def stack(cluster: RealCluster, on_cluster: OnCluster, tool: Callable[[str], Path]) -> Stack:
    """Every test leaves it up, with delivery `cluster`."""
    return new_stack(cluster, on_cluster("production", "edits"), tool("kubectl"), "edits", 3)


@pytest.fixture(scope="module")
def with_defaults(cluster: RealCluster, on_cluster: OnCluster, tool: Callable[[str], Path]) -> Stack:
    """The same with Pulumi's defaults instead of our settings."""
    project = on_cluster("production", "defaults")
    return new_stack(cluster, project, tool("kubectl"), "defaults", 1, *DEFAULTS)


@pytest.fixture
def defaults(with_defaults: Stack) -> Stack:
    """It; what the test before has lost is there again."""
    if CONFIGURATION not in with_defaults.cluster.api.names("Secret", with_defaults.namespace):
        with_defaults.project.up("--refresh")
    return with_defaults


@contextmanager
def nothing_lost(stack: Stack) -> Iterator[History]:
    """In the block, and until it is in force, no Secret is away and every alert of a stream arrives."""
    stream = stack.stream()
    with streaming(stream):
        with watched(stack.cluster.api, stack.namespace) as history:
            yield history
        # What is lost now would not run later.
        assert_nothing_lost(history)
        stack.wait_until_it_runs()
    history.look()
    assert_nothing_lost(history)
    assert len(stream.posted) >= len(TARGETS)
    stack.cluster.wait(lambda: not stream.missing(), f"all of {len(stream.posted)} alerts", PATIENCE)
    assert not stream.astray()


def assert_nothing_lost(history: History) -> None:
    losses = history.losses(KEYS)
    assert not losses, ", ".join(losses)


# --- what is done, and with our settings nothing is lost by it


def edits(stack: Stack, count: int) -> None:
    with nothing_lost(stack) as history:
        for _ in range(count):
            stack.edit()
            stack.project.up()
    assert history.of(CONFIGURATION) == ["MODIFIED"] * count
    assert stack.live() == stack.declared()


def rename(stack: Stack, *parts: str, alias: bool) -> None:
    """Other types of the components in files of components/, and back."""
    texts = {file: file.read_text(encoding="utf-8") for file in (stack.project.root / "components" / p for p in parts)}
    with nothing_lost(stack):
        for back in (False, True):
            for file, text in texts.items():
                file.write_text(renamed(text, back=back, alias=alias), encoding="utf-8")
            done = stack.project.up().out
            assert (" created\n" in done, " deleted\n" in done) == (not alias, not alias), done
    for file, text in texts.items():
        file.write_text(text, encoding="utf-8")


def renamed(text: str, *, back: bool, alias: bool) -> str:
    """The component's file with another type, or `back` with its own after it had that."""
    [(call, own)] = re.findall(r'(super\(\).__init__\((f?"alertpath:components:.*"), name, None, opts\))', text)
    other = f'{own[:-1]}Renamed"'
    now, before = (own, other) if back else (other, own)
    aliases = f"pulumi.ResourceOptions(aliases=[pulumi.Alias(type_={before})])"
    opts = f"pulumi.ResourceOptions.merge(opts, {aliases})" if alias else "opts"
    return text.replace(call, f"super().__init__({now}, name, None, {opts})")


def to_files_and_back(stack: Stack, count: int, cluster: str = DELIVERY, files: str = FILES) -> None:
    """`cluster`, `files`: the settings of each."""
    with nothing_lost(stack) as history:
        stack.set_delivery(DELIVERY, files)
        stack.project.up()
        stack.apply_files()
        for _ in range(count):
            stack.edit()
            stack.render()
            stack.apply_files()
        assert stack.live() == stack.declared()
        stack.set_delivery(files, cluster)
        stack.take_back()
        # Nobody else has it, so that the next change is in conflict with nobody.
        assert stack.owners("Secret", CONFIGURATION) == {stack.manager}
        if files != FILES or cluster != DELIVERY:
            assert stack.owners("Alertmanager", "main", "f:secrets") == {stack.manager}
        stack.edit()
        stack.project.up()
        stack.set_delivery(cluster, DELIVERY)
        stack.project.up()
        stack.project.up("--expect-no-changes")
        replicas = len(stack.peers.addresses)
        stack.cluster.wait(lambda: stack.cluster.settled(stack.namespace, replicas), "every Alertmanager is ready", 240)
    assert len(history.of(CONFIGURATION)) > count


def destroy(stack: Stack) -> None:
    with nothing_lost(stack):
        stack.destroy()
        assert stack.project.resources() == []
        stack.project.up()


def test_edits(stack: Stack) -> None:
    edits(stack, EDITS)


def test_renamed_components(stack: Stack) -> None:
    rename(stack, "alertmanager.py", "credentials/provider.py", alias=True)


def test_a_renamed_component_without_its_alias(stack: Stack) -> None:
    rename(stack, "alertmanager.py", alias=False)


def test_a_switch_to_files_and_back(stack: Stack) -> None:
    to_files_and_back(stack, EDITS)


def test_files_with_the_whole_alertmanager_and_back(stack: Stack) -> None:
    to_files_and_back(stack, 1, files=FILES.replace("none", "object"))


def test_destroy(stack: Stack) -> None:
    destroy(stack)


def test_destroy_with_files(stack: Stack) -> None:
    with nothing_lost(stack):
        stack.set_delivery(DELIVERY, FILES)
        stack.project.up()
        stack.apply_files()
        stack.destroy()
        assert not stack.project.rendered.exists()
        stack.set_delivery(FILES, DELIVERY)
        stack.take_back()


# --- with Pulumi's defaults the same is lost, and seen


GONE = f"{CONFIGURATION} was deleted"


def test_an_edit_would_be_seen(defaults: Stack) -> None:
    with pytest.raises(AssertionError, match=GONE):
        edits(defaults, 1)


def test_a_forgotten_alias_would_be_seen(defaults: Stack) -> None:
    with pytest.raises(AssertionError, match=GONE):
        rename(defaults, "alertmanager.py", alias=False)


def test_a_switch_to_files_would_be_seen(defaults: Stack) -> None:
    with pytest.raises(AssertionError, match=GONE):
        to_files_and_back(defaults, 0)


def test_destroy_would_be_seen(defaults: Stack) -> None:
    with pytest.raises(AssertionError, match=f"{GONE}.*the null configuration was generated"):
        destroy(defaults)


def test_alerts_that_do_not_arrive_would_be_seen(defaults: Stack) -> None:
    defaults.destroy()
    defaults.cluster.wait(
        # The mounts have gone, too: it starts anew.
        lambda: defaults.cluster.settled(defaults.namespace, 1) and all(map(is_null, defaults.peers.configurations())),
        "it runs null",
        PATIENCE,
    )
    stream = defaults.stream()
    for _ in TARGETS:
        stream.post()
    time.sleep(1 + MARGIN)
    assert stream.missing() == set(stream.posted.items())
