"""Updates that are killed, cut off or crossed by somebody else: no page is lost, and what the docs say mends it."""

from __future__ import annotations

import base64
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.documented import blocks
from tests.e2e.alerts import Peers
from tests.e2e.cluster import RealCluster
from tests.e2e.conftest import OnCluster
from tests.e2e.watching import CONFIGURATION, generated, is_null, never_silent, nothing_deleted, wait_until_watching
from tests.program.engine import Project, run

NAMESPACE = "interrupted"
KEYS = ("pagerduty-routing-key", "pagerduty-new")
SERVICE_NAME = "seedtest-web"
SERVICE = "services:\n", f"services:\n  {SERVICE_NAME}:\n    warning: slack-seedtest\n"
DELIVERY = "    delivery: cluster\n"
KEY = f"secret: {KEYS[0]}", f"secret: {KEYS[1]}"
# What each of the three parts that follow one another has at least: a checkpoint before and one after.
CHECKPOINTS = 6
# A kube-prometheus of 2025 (manifests/alertmanager-secret.yaml), as a team has changed it.
THEIRS = """\
route:
  receiver: Default
  group_by: [namespace]
  routes:
    - {receiver: Watchdog, matchers: [alertname = Watchdog]}
    - {receiver: "null", matchers: [alertname = InfoInhibitor]}
    - {receiver: Critical, matchers: [severity = critical]}
receivers:
  - name: Default
  - name: Watchdog
  - name: Critical
    webhook_configs: [{url: "http://127.0.0.1:9/"}]
  - name: "null"
"""


@dataclass(frozen=True)
class Stack:
    """The stack production in a namespace with three Alertmanagers, which it and others change to and fro."""

    cluster: RealCluster
    project: Project
    peers: Peers

    def toggle(self, *, mounts: bool = False) -> str:
        """Edits the catalog, and where a credential is, or undoes it; the configuration that is then declared."""
        changes = [(self.project.catalog, SERVICE), (self.project.project_file, KEY)]
        for file, change in changes if mounts else changes[:1]:
            old, new = change if change[1] not in file.read_text(encoding="utf-8") else reversed(change)
            self.project.edit(file, (old, new))
        return self.declared()

    def declared(self) -> str:
        return compiled(self.project)

    def assert_as_declared(self) -> None:
        assert live(self.cluster, NAMESPACE) == self.declared()
        self.project.up("--expect-no-changes", "--refresh")

    def wait_until_it_runs(self) -> None:
        """Until every Alertmanager runs what is declared."""
        wait_until_it_runs(self.cluster, self.project, NAMESPACE)


def compiled(project: Project) -> str:
    return project.alertpath("compile", "--stack", project.stack).expect(0).out


def live(cluster: RealCluster, namespace: str) -> str:
    return cluster.api.data(namespace, CONFIGURATION)["alertmanager.yaml"]


def wait_until_it_runs(cluster: RealCluster, project: Project, namespace: str, replicas: int = 3) -> None:
    web = SERVICE_NAME in compiled(project)
    peers = cluster.peers(namespace, replicas)
    cluster.wait(
        lambda: (
            cluster.settled(namespace, replicas)
            and all((SERVICE_NAME in text) == web and "seedtest-api" in text for text in peers.configurations())
        ),
        "every Alertmanager runs what is declared",
        # A config-reloader that has just started looks again after three minutes.
        240,
    )


@pytest.fixture(scope="module")
def stack(cluster: RealCluster, on_cluster: OnCluster) -> Stack:
    prepare(cluster, NAMESPACE)
    cluster.put_alertmanager(NAMESPACE, replicas=0)
    stack = Stack(cluster, on_cluster("production", NAMESPACE), cluster.peers(NAMESPACE))
    stack.project.up()
    # Only now: they start once.
    cluster.put_alertmanager(NAMESPACE)
    stack.wait_until_it_runs()
    return stack


def prepare(cluster: RealCluster, namespace: str) -> None:
    """A namespace with all that the stack reads there."""
    cluster.new_namespace(namespace)
    webhooks = {"webhook_url": cluster.sinks.webhook("#a"), "webhook_url_notify": cluster.sinks.webhook("#b")}
    cluster.vault.write("monitoring/alertmanager/slack", webhooks)
    for number, key in enumerate(KEYS):
        cluster.put_secret(namespace, key, {"routing_key": str(number) * 32})


@contextmanager
def started(project: Project, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A `pulumi up` that runs. At the end all that it has started is ended: killed, it leaves its plugins behind."""
    command = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", project.stack, *arguments]
    log = project.root.parent / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=project.root, env=project.env, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for left in session(process.pid):
            with suppress(ProcessLookupError):
                os.kill(left, signal.SIGKILL)


def session(leader: int) -> list[int]:
    """The processes of a session (proc_pid_stat(5): the sixth field)."""
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[3] == str(leader):
            found.append(int(stat.parent.name))
    return found


def wait_for_checkpoint(project: Project, process: subprocess.Popen[bytes], number: int) -> bool:
    """Waits until the state was written so often; False if the update ended before.

    The file backend writes it before and after each step.
    """
    file = project.root.parent / "state" / ".pulumi" / "stacks" / "alertpath" / f"{project.stack}.json"
    last = version(file)
    while process.poll() is None:
        if (now := version(file)) != last:
            last, number = now, number - 1
            if number == 0:
                return True
        time.sleep(0.0005)
    return False


def version(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_ino, status.st_mtime_ns


def killed(project: Project, checkpoint: int) -> bool:
    """`pulumi up`, killed at that checkpoint; False if it has none, and so ended well."""
    with started(project) as process:
        if wait_for_checkpoint(project, process, checkpoint):
            return True
        assert process.returncode == 0, (project.root.parent / "up.log").read_text(encoding="utf-8")
        return False


def resume(project: Project, *, until: str = "") -> None:
    """What the docs say; `until`: the first command that is left out, with all that follow."""
    commands, find, *_ = blocks("delivery.md", "When an update was killed")
    if "failed to load checkpoint: EOF" in project.pulumi("stack").text:
        state = project.root.parent / "state"
        run(shlex.split(find.replace("STATE", str(state))), state, project.env).expect(0)
    for line in commands.splitlines():
        program, command, *options = shlex.split(line)
        assert program == "pulumi"
        if command == until:
            return
        # Nobody is there to be asked.
        further = [] if command == "cancel" else ["--yes", "--skip-preview"]
        project.pulumi(command, *dict.fromkeys([*options, *further])).expect(0)


def test_killed_at_each_checkpoint(stack: Stack) -> None:
    """An edit of the catalog and of a credential's Secret: the mounts change, then the configuration, then the note."""
    stopped: list[int] = []
    before, after = stack.declared(), stack.toggle(mounts=True)
    assert before != after
    with never_silent(stack.cluster, NAMESPACE), nothing_deleted(stack.cluster, NAMESPACE):
        for checkpoint in range(1, 100):
            if not killed(stack.project, checkpoint):
                break
            stopped.append(checkpoint)
            # In one step from one to the other.
            assert live(stack.cluster, NAMESPACE) in {before, after}
            if checkpoint == 1:
                assert "the stack is currently locked" in stack.project.up(code=None).failed().text
            resume(stack.project)
            assert live(stack.cluster, NAMESPACE) == after
            before, after = after, stack.toggle(mounts=True)
    assert len(stopped) >= CHECKPOINTS, stopped
    # What is no longer needed is unmounted.
    stack.project.up()
    stack.assert_as_declared()


def test_killed_again_and_again_while_it_creates(cluster: RealCluster, on_cluster: OnCluster) -> None:
    """The first `up` of a stack, killed three checkpoints later each time; only the last one gets to its end."""
    namespace = "killed"
    prepare(cluster, namespace)
    cluster.put_alertmanager(namespace, replicas=1)
    project = on_cluster("production", namespace)
    for checkpoint in range(1, 100, 3):
        if not killed(project, checkpoint):
            break
        resume(project, until="up")
    assert checkpoint > CHECKPOINTS
    assert live(cluster, namespace) == compiled(project)
    assert "seedtest-api" in generated(cluster, namespace)
    project.up("--expect-no-changes", "--refresh")


def test_killed_before_it_notes_the_content_type(stack: Stack) -> None:
    """Of the state: then Pulumi cannot read it (gocloud.dev 0.46, blob/fileblob/attrs.go)."""
    [note] = (stack.project.root.parent / "state").rglob(f"stacks/alertpath/{stack.project.stack}.json.attrs")
    note.write_bytes(b"")
    stack.project.pulumi("stack").failed()
    resume(stack.project)
    stack.assert_as_declared()


def test_the_api_server_restarts_in_an_update(stack: Stack) -> None:
    plane, before = stack.cluster.plane, uid(stack)
    with never_silent(stack.cluster, NAMESPACE):
        stack.toggle()
        with started(stack.project) as process:
            assert wait_for_checkpoint(stack.project, process, 1)
            plane.apiserver.kill()
            time.sleep(1)
            plane.apiserver.start()
            process.wait(120)
        stack.cluster.wait(stack.cluster.api.is_ready, "the API server is back")
        stack.project.up()
        stack.assert_as_declared()
        stack.wait_until_it_runs()
    assert uid(stack) == before


def test_etcd_stands_still_in_an_update(stack: Stack) -> None:
    before = uid(stack)
    with never_silent(stack.cluster, NAMESPACE), nothing_deleted(stack.cluster, NAMESPACE):
        stack.toggle()
        with started(stack.project) as process:
            assert wait_for_checkpoint(stack.project, process, 1)
            stack.cluster.plane.etcd.send(signal.SIGSTOP)
            try:
                time.sleep(3)
            finally:
                stack.cluster.plane.etcd.send(signal.SIGCONT)
            process.wait(120)
        stack.project.up()
        stack.assert_as_declared()
        stack.wait_until_it_runs()
    assert uid(stack) == before


def uid(stack: Stack) -> str:
    secret = stack.cluster.api.get("Secret", NAMESPACE, CONFIGURATION)
    assert secret is not None
    return secret["metadata"]["uid"]


def test_a_foreign_edit_is_shown_and_undone(stack: Stack) -> None:
    foreign = base64.b64encode(THEIRS.encode()).decode()
    with never_silent(stack.cluster, NAMESPACE) as seen, nothing_deleted(stack.cluster, NAMESPACE):
        change = {"data": {"alertmanager.yaml": foreign}}
        stack.cluster.api.merge("Secret", NAMESPACE, CONFIGURATION, change, "dashboard")
        stack.cluster.wait(lambda: any("receiver: Default" in text for text in seen), "it runs")
        assert f"Secret {NAMESPACE}/{CONFIGURATION} was changed by dashboard at " in stack.project.preview().text
        stack.project.up()
        assert live(stack.cluster, NAMESPACE) == stack.declared()
        stack.wait_until_it_runs()
    stack.assert_as_declared()


def test_deleted_by_hand(stack: Stack) -> None:
    """The operator takes its null configuration, and the pods run it at once: nobody is told until it is back."""
    api = stack.cluster.api
    api.request("DELETE", api.path("Secret", NAMESPACE, CONFIGURATION))
    stack.cluster.wait(lambda: all(map(is_null, stack.peers.configurations())), "they run null")
    assert f"Secret {NAMESPACE}/{CONFIGURATION} is not in the cluster" in stack.project.preview().text
    stack.project.up()
    assert live(stack.cluster, NAMESPACE) == stack.declared()
    assert not is_null(generated(stack.cluster, NAMESPACE))
    stack.wait_until_it_runs()
    stack.assert_as_declared()


def test_what_runs_is_taken_over(
    cluster: RealCluster, on_cluster: OnCluster, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    """By the setting `adopt`, from somebody who made it with kubectl."""
    namespace = "taken-over"
    prepare(cluster, namespace)
    file = tmp_path / "alertmanager.yaml"
    file.write_text(THEIRS, encoding="utf-8")
    kubectl = [tool("kubectl"), f"--kubeconfig={cluster.api.kubeconfig}", "--namespace", namespace]
    create = [*kubectl, "create", "secret", "generic", CONFIGURATION, f"--from-file={file}"]
    manifest = subprocess.run([*create, "--dry-run=client", "--output=yaml"], check=True, capture_output=True).stdout
    subprocess.run([*kubectl, "apply", "--filename=-"], check=True, input=manifest, capture_output=True)
    cluster.put_alertmanager(namespace, replicas=1)
    peers = cluster.peers(namespace, 1)
    cluster.wait(
        lambda: cluster.settled(namespace, 1) and all("receiver: Default" in text for text in peers.configurations()),
        "theirs runs",
    )
    wait_until_watching(cluster, namespace, "alertmanager-main-0")
    # Mounts would restart the only pod.
    project = on_cluster("production", namespace, (DELIVERY, f"{DELIVERY}    alertmanager: {{mounts: none}}\n"))
    version = cluster.api.version("Secret", namespace)
    with never_silent(cluster, namespace, 1) as seen, nothing_deleted(cluster, namespace):
        refused = project.up(code=None).failed().text
        assert f"Secret {namespace}/{CONFIGURATION}: there already, written by kubectl-client-side-apply" in refused
        assert "alertmanager: {adopt: true}" in refused
        assert live(cluster, namespace) == THEIRS
        assert cluster.api.events_since("Secret", namespace, version) == []
        project.edit(project.stack_file, ("{mounts: none}", "{mounts: none, adopt: true}"))
        project.up()
        # First the fields' ownership, then the content.
        events = {
            kind for kind, name in cluster.api.events_since("Secret", namespace, version) if name == CONFIGURATION
        }
        assert events == {"MODIFIED"}
        wait_until_it_runs(cluster, project, namespace, 1)
    assert any("receiver: Default" in text for text in seen)
    project.up("--expect-no-changes", "--refresh")
