"""Others change what pages depend on, by hand or by a tool: one plain `up` restores it, and all pages arrive."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cluster import RealCluster
from tests.e2e.conftest import OnCluster
from tests.e2e.test_edits_lose_nothing import PATIENCE, Stack, new_stack, nothing_lost
from tests.e2e.watching import CONFIGURATION
from tests.program.engine import run

NAMESPACE = "changed"
POLICY = "alertmanager-egress"
OWN = "alertpath-production"
# Whom it tells is nobody.
THEIRS = "route: {receiver: theirs}\nreceivers: [{name: theirs}]\n"
DATA = {"alertmanager.yaml": base64.b64encode(THEIRS.encode()).decode()}
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": CONFIGURATION}, "type": "Opaque", "data": DATA}
EGRESS: dict[str, Any] = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": POLICY},
    "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": []},
}
# How alertpath looks without what this tests.
CHECK, NO_CHECK = "if isinstance(settings.get_monitor(), mocks.MockMonitor):", "if mocks:"


@pytest.fixture(scope="module")
def stack(cluster: RealCluster, on_cluster: OnCluster, tool: Callable[[str], Path]) -> Stack:
    return new_stack(cluster, on_cluster("production", NAMESPACE), tool("kubectl"), NAMESPACE, 3)


def kubectl(stack: Stack, *words: str, stdin: str = "", editor: str = "") -> None:
    command = [stack.kubectl, f"--kubeconfig={stack.cluster.api.kubeconfig}", "--namespace", stack.namespace, *words]
    run(command, stack.project.root, {**stack.project.env, "KUBE_EDITOR": editor}, stdin=stdin).expect(0)


def edit(stack: Stack) -> None:
    value = DATA["alertmanager.yaml"]
    kubectl(
        stack,
        "edit",
        "secret",
        CONFIGURATION,
        editor=f"sed -i 's|^  alertmanager.yaml: .*|  alertmanager.yaml: {value}|'",
    )
    kubectl(stack, "edit", "networkpolicy", POLICY, editor="sed -i 's|port: 443|port: 444|'")


def patch(stack: Stack) -> None:
    kubectl(stack, "patch", "secret", CONFIGURATION, "--type=merge", f"--patch={json.dumps({'data': DATA})}")
    kubectl(stack, "patch", "networkpolicy", POLICY, "--type=merge", '--patch={"spec": {"egress": []}}')


def applied(*words: str) -> Callable[[Stack], None]:
    def change(stack: Stack) -> None:
        for manifest in (SECRET, EGRESS):
            kubectl(stack, *words, "--filename=-", stdin=json.dumps(manifest))

    return change


def merged(manager: str) -> Callable[[Stack], None]:
    def change(stack: Stack) -> None:
        api = stack.cluster.api
        api.merge("Secret", stack.namespace, CONFIGURATION, {"data": DATA}, manager)
        api.merge("NetworkPolicy", stack.namespace, POLICY, {"spec": {"egress": []}}, manager)

    return change


def forced(manager: str) -> Callable[[Stack], None]:
    def change(stack: Stack) -> None:
        api = stack.cluster.api
        for manifest in (SECRET, EGRESS):
            path = api.path(str(manifest["kind"]), stack.namespace, str(manifest["metadata"]["name"]))
            kind = "application/apply-patch+yaml"
            api.request("PATCH", f"{path}?fieldManager={manager}&force=true", manifest, kind)

    return change


WRITERS: dict[str, Callable[[Stack], None]] = {
    "kubectl-edit": edit,
    "kubectl-patch": patch,
    "kubectl-apply": applied("apply"),
    "kubectl-replace": applied("replace"),
    "kubectl-server-side": applied("apply", "--server-side", "--force-conflicts"),
    "helm": merged("helm"),
    "argocd": forced("argocd-controller"),
}


def owners(stack: Stack, kind: str, name: str) -> set[str]:
    live = stack.cluster.api.get(kind, stack.namespace, name)
    assert live is not None
    return {entry["manager"] for entry in live["metadata"]["managedFields"] if "subresource" not in entry}


def restored(stack: Stack, change: Callable[[Stack], None], *arguments: str) -> float:
    """Changes it, waits until that runs, and updates once; the seconds until every Alertmanager runs ours again."""
    change(stack)
    stack.cluster.wait(
        lambda: all("receiver: theirs" in text for text in stack.peers.configurations()), "theirs runs", PATIENCE
    )
    version = stack.cluster.api.version("Secret", stack.namespace)
    begin = time.monotonic()
    stack.project.up(*arguments)
    assert stack.live() == stack.declared()
    stack.wait_until_it_runs()
    seconds = time.monotonic() - begin
    assert "DELETED" not in {kind for kind, _ in stack.cluster.api.events_since("Secret", stack.namespace, version)}
    # What they own besides is their own: `kubectl apply` notes what it applied.
    declared = {"f:data", "f:spec", "f:type"}
    for kind, name in (("Secret", CONFIGURATION), ("NetworkPolicy", POLICY)):
        live = stack.cluster.api.get(kind, stack.namespace, name)
        assert live is not None
        of = {e["manager"] for e in live["metadata"]["managedFields"] if declared & e["fieldsV1"].keys()}
        assert of == {OWN}, of
    with nothing_lost(stack):
        time.sleep(3)
    return seconds


@pytest.mark.parametrize("writer", WRITERS)
def test_one_plain_update_restores_it(
    stack: Stack, writer: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("seconds until it runs", restored(stack, WRITERS[writer]))
    stack.project.up("--expect-no-changes")


def test_an_update_that_refreshes_restores_it(stack: Stack) -> None:
    restored(stack, edit, "--refresh")


def test_mounts_come_back(stack: Stack) -> None:
    """Pods restart one after the other, and those that run go on."""
    stack.cluster.api.merge("Alertmanager", stack.namespace, "main", {"spec": {"secrets": []}}, "kubectl-edit")
    stack.cluster.wait(lambda: not stack.cluster.rolled_out(stack.namespace), "it rolls out", PATIENCE)
    preview = stack.project.preview().text
    assert "Alertmanager changed/main was changed by kubectl-edit at " in preview
    assert "pods restart: yes" in preview
    stack.project.up()
    stack.cluster.wait(lambda: stack.cluster.settled(stack.namespace), "the mounts are back", 240)
    assert owners(stack, "Alertmanager", "main") >= {OWN}
    assert "kubectl-edit" not in owners(stack, "Alertmanager", "main")
    with nothing_lost(stack):
        time.sleep(3)
    stack.project.up("--expect-no-changes")


def test_without_the_look_at_the_cluster_it_would_be_seen(stack: Stack) -> None:
    file = stack.project.root / "components" / "live.py"
    stack.project.edit(file, (CHECK, NO_CHECK))
    with pytest.raises(AssertionError):
        restored(stack, edit)
    stack.project.edit(file, (NO_CHECK, CHECK))
    stack.project.up()
    stack.wait_until_it_runs()
