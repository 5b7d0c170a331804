"""What Alertmanager or the operator refuses: stopped before anything is applied; forced, it breaks little."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.documented import blocks
from tests.e2e.alerts import Peers
from tests.e2e.cluster import RealCluster
from tests.e2e.conftest import OnCluster
from tests.e2e.documented import BREAK_GLASS, Shell
from tests.e2e.refused import CASES, REPLICAS, Case, answered, force, good, operator_says, restart, start
from tests.e2e.test_interrupted import prepare
from tests.e2e.watching import CONFIGURATION, generated, never_silent, wait_until_watching
from tests.program.engine import Done, Project

NAMESPACE = "refusing"
RESTARTED = "alertmanager-main-0"
OBJECTS = (
    ("Secret", CONFIGURATION),
    ("Alertmanager", "main"),
    ("ExternalSecret", "alertmanager-slack-webhook"),
    ("NetworkPolicy", "alertmanager-egress"),
)
DELIVERY = "    delivery: cluster\n"
INVALID = {
    "alertmanager": (
        "    native: {routes_after: [{receiver: missing, matchers: ['a=b']}]}\n",
        "routes_after[0].receiver",
    ),
    "operator": (
        "    native: {inhibit_rules: [{name: a, source_matchers: ['b=c'], target_matchers: ['d=e'], equal: [f]}]}\n",
        "no Prometheus Operator so far takes `name` of an inhibition rule",
    ),
    "both": ("    native: {time_intervals: [{name: a, time_intervals: [{weekdays: [someday]}]}]}\n", "not a weekday"),
}


@pytest.fixture(scope="module")
def project(cluster: RealCluster, on_cluster: OnCluster) -> Project:
    """The stack production, up, with one Alertmanager."""
    prepare(cluster, NAMESPACE)
    cluster.put_alertmanager(NAMESPACE, replicas=0)
    project = on_cluster("production", NAMESPACE)
    project.up()
    cluster.put_alertmanager(NAMESPACE, replicas=1)
    return project


@pytest.mark.parametrize("who", INVALID)
def test_it_is_stopped_before_anything_is_applied(cluster: RealCluster, project: Project, who: str) -> None:
    def versions() -> list[tuple[str, str]]:
        """Of what the stack writes; what the controllers think of it they write to the status."""
        found = [cluster.api.get(kind, NAMESPACE, name) for kind, name in OBJECTS]
        return [(live["metadata"]["uid"], str(live.get("spec", live.get("data")))) for live in found if live]

    lines, words = INVALID[who]
    before, version = versions(), cluster.api.version("Secret", NAMESPACE)
    assert len(before) == len(OBJECTS)
    # Something else that is valid, and would be applied.
    valid = "services:\n", "services:\n  seedtest-web:\n    warning: slack-seedtest\n"
    project.edit(project.catalog, valid)
    project.edit(project.stack_file, (DELIVERY, DELIVERY + lines))
    try:
        assert words in project.up(code=None).failed().text
        assert versions() == before
        assert cluster.api.events_since("Secret", NAMESPACE, version) == []
    finally:
        project.edit(project.stack_file, (DELIVERY + lines, DELIVERY))
        project.edit(project.catalog, (valid[1], valid[0]))


@pytest.fixture(scope="module")
def examined(
    cluster: RealCluster, tool: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Future[None]]]:
    """All cases, each in a namespace of its own, at the same time: most of it is waiting."""
    home = tmp_path_factory.mktemp("on-call")

    def shell(case: Case) -> Shell:
        return Shell(cluster.api.kubeconfig, tool("kubectl"), home, f"forced-{case.name}")

    with ThreadPoolExecutor(len(CASES)) as pool:
        yield {case.name: pool.submit(examine, cluster, case, shell(case)) for case in CASES}


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_forced_past_the_checks(examined: Mapping[str, Future[None]], name: str) -> None:
    examined[name].result()


def examine(cluster: RealCluster, case: Case, shell: Shell) -> None:
    namespace = shell.namespace
    start(cluster, namespace, selector=case.selector)
    both = cluster.peers(namespace, REPLICAS)
    restarted, other = (Peers((address,)) for address in both.addresses)
    # Never the operator's null configuration, and one of them always answers.
    with never_silent(cluster, namespace, REPLICAS):
        force(cluster, namespace, case.text)
        cluster.wait(answered(cluster, namespace, case), "they have met it")
        if not case.step:
            # Without the selector the operator does not look: what only it would not take is in force.
            cluster.wait(lambda: runs(both, "named"), "they run it")
            return
        assert runs(both, "first")
        restart(cluster, namespace, RESTARTED)
        if case.operator_refuses:
            # The operator gives the old one on.
            assert "receiver: first" in generated(cluster, namespace)
            cluster.wait(lambda: runs(restarted, "first"), "the restarted pod runs the old one")
            wait_until_watching(cluster, namespace, RESTARTED, 2)
        else:
            # The operator has copied it: what restarts has nothing else.
            cluster.wait(lambda: crashes(cluster, namespace, RESTARTED), "the restarted pod crashes")
            assert not operator_says(cluster, namespace)
        assert runs(other, "first")

        force(cluster, namespace, good("second"))
        if not case.operator_refuses:
            # The config-reloaders go on for three minutes with what was refused: docs/break-glass.md.
            cluster.wait(lambda: generated(cluster, namespace) == good("second"), "the good one is generated")
            [_, anew, *_] = blocks(BREAK_GLASS, "Roll back")
            shell.run(anew).expect(0)
        cluster.wait(lambda: runs(both, "second"), "both run the good one")
        cluster.wait(lambda: not operator_says(cluster, namespace), "the operator is content")


def runs(peers: Peers, receiver: str) -> bool:
    return all(f"receiver: {receiver}\n" in text for text in peers.configurations())


def crashes(cluster: RealCluster, namespace: str, pod: str) -> bool:
    return any(each["restartCount"] > 0 and not each["ready"] for each in containers(cluster, namespace, pod))


def containers(cluster: RealCluster, namespace: str, pod: str) -> list[dict[str, Any]]:
    live = cluster.api.request("GET", f"api/v1/namespaces/{namespace}/pods/{pod}")
    return live.get("status", {}).get("containerStatuses", [])


@pytest.mark.parametrize("selector", [False, True], ids=["no-selector", "selector"])
def test_verify_says_who_refuses_it(cluster: RealCluster, project: Project, selector: bool) -> None:
    """Without the selector the pods do, with it the operator, which then gives them the old one on."""
    wait_until_watching(cluster, NAMESPACE, RESTARTED, 2 if selector else 1)
    cluster.put_alertmanager(NAMESPACE, 1, **({"alertmanagerConfigSelector": {}} if selector else {}))
    cluster.wait(lambda: verify(project).code == 0, "nothing is wrong")
    [case] = [case for case in CASES if case.selector == selector and case.alertmanager_refuses]
    broken = base64.b64encode(case.text.encode()).decode()
    cluster.api.merge("Secret", NAMESPACE, CONFIGURATION, {"data": {"alertmanager.yaml": broken}}, "kubectl-edit")
    cluster.wait(answered(cluster, NAMESPACE, case), "they have met it")
    done = verify(project).expect(1)
    found = {each["step"]: each["cause"] for each in done.json()["outcomes"] if each["status"] == "failed"}
    # That it is not the stack's is said too.
    assert found.keys() == {"configuration", case.step}, done.out
    assert ("invalid, for Alertmanager too" if selector else "without `spec.alertmanagerConfigSelector`") in found[
        case.step
    ]
    project.up("--refresh")
    cluster.wait(lambda: "seedtest-api" in generated(cluster, NAMESPACE), "the good one is generated")
    # Sooner than the config-reloader would look at it.
    restart(cluster, NAMESPACE, RESTARTED)
    cluster.wait(lambda: verify(project).code == 0, "nothing is wrong any more")


def verify(project: Project) -> Done:
    return project.alertpath("verify", "--stack", project.stack, "--format", "json")
