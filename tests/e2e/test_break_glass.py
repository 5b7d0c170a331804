"""docs/break-glass.md, its commands as they stand there: the old configuration runs again, later `up` takes over."""

from __future__ import annotations

import base64
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.documented import blocks
from tests.e2e.cluster import RealCluster
from tests.e2e.conftest import OnCluster
from tests.e2e.documented import BREAK_GLASS, Shell
from tests.e2e.refused import CASES, answered, operator_says
from tests.e2e.test_interrupted import KEY, KEYS, SERVICE, SERVICE_NAME, compiled, live, prepare, wait_until_it_runs
from tests.e2e.watching import CONFIGURATION, generated, nothing_deleted, wait_until_watching
from tests.program.engine import Project

NAMESPACE = "break-glass"
SECRETS = "etc/alertmanager/secrets"


@pytest.fixture(scope="module")
def shell(cluster: RealCluster, tool: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(cluster.api.kubeconfig, tool("kubectl"), tmp_path_factory.mktemp("on-call"), NAMESPACE)


@pytest.fixture(scope="module")
def project(cluster: RealCluster, on_cluster: OnCluster) -> Project:
    """The stack production, up."""
    prepare(cluster, NAMESPACE)
    cluster.put_alertmanager(NAMESPACE, replicas=0)
    project = on_cluster("production", NAMESPACE)
    project.up()
    return project


def test_back_to_what_ran_before(cluster: RealCluster, project: Project, shell: Shell) -> None:
    """Two updates ago, by when a credential is not mounted any more; then `up` takes over."""
    good = compiled(project)
    shell.run(Shell.keep()).expect(0)
    changes = [(project.catalog, SERVICE), (project.project_file, KEY)]
    for file, change in changes:
        project.edit(file, change)
    project.up()
    project.up()
    cluster.put_alertmanager(NAMESPACE, 1)
    wait_until_it_runs(cluster, project, NAMESPACE, 1)
    wait_until_watching(cluster, NAMESPACE, "alertmanager-main-0")
    [see] = blocks(BREAK_GLASS, "See what runs")
    seen = shell.run(see).expect(0).out
    assert seen.count(SERVICE_NAME) == 2
    assert "alertpath-production" in seen
    assert "Reconciled=True" in seen
    assert "Completed loading of configuration file" in seen

    back, _, compare, mount = blocks(BREAK_GLASS, "Roll back")
    with nothing_deleted(cluster, NAMESPACE):
        shell.run(back).expect(0)
        assert live(cluster, NAMESPACE) == good
        shown = shell.run(compare).expect(0).out
        assert KEYS[0] in shown
        assert f'["alertmanager-secrets","{KEYS[1]}"]' in shown
        shell.run(f"{compare}\n{mount}").expect(0)
        cluster.wait(lambda: old_runs(cluster), "the old one runs, with its credential", 240)

        for file, (old, new) in changes:
            project.edit(file, (new, old))
        before, after = blocks(BREAK_GLASS, "Afterwards")[0].splitlines()
        project.pulumi(*before.split()[1:]).expect(0)
        project.up(*after.split()[2:])
    assert live(cluster, NAMESPACE) == good
    project.up("--expect-no-changes", "--refresh")


def old_runs(cluster: RealCluster) -> bool:
    """On all pods, with the credential that it reads."""
    if not cluster.settled(NAMESPACE, 1):
        return False
    pods = [cluster.kubelet.pod(NAMESPACE, pod["metadata"]["name"]) for pod in cluster.pods(NAMESPACE)]
    texts = cluster.peers(NAMESPACE, 1).configurations()
    return all((pod.root / SECRETS / KEYS[0]).exists() for pod in pods) and not any(
        SERVICE_NAME in text for text in texts
    )


@pytest.mark.usefixtures("project")
def test_without_a_copy_nothing_is_changed(cluster: RealCluster, shell: Shell) -> None:
    [back, *_] = blocks(BREAK_GLASS, "Roll back")
    before = cluster.api.get("Secret", NAMESPACE, CONFIGURATION)
    assert "not found" in shell.run(back.replace("-before", "-never-made")).failed().text
    cluster.put_secret(NAMESPACE, f"{CONFIGURATION}-empty", {})
    shell.run(back.replace("-before", "-empty")).failed()
    assert cluster.api.get("Secret", NAMESPACE, CONFIGURATION) == before


def test_back_to_what_the_operator_kept(cluster: RealCluster, project: Project, shell: Shell) -> None:
    """Nobody made a copy, and the operator refuses what is there."""
    cluster.put_alertmanager(NAMESPACE, 1, alertmanagerConfigSelector={})
    cluster.wait(lambda: generated(cluster, NAMESPACE) != live(cluster, NAMESPACE), "the operator writes it anew")
    case = next(case for case in CASES if case.operator_refuses)
    broken = base64.b64encode(case.text.encode()).decode()
    cluster.api.merge("Secret", NAMESPACE, CONFIGURATION, {"data": {"alertmanager.yaml": broken}}, "kubectl-edit")
    cluster.wait(answered(cluster, NAMESPACE, case), "the operator refuses it")
    assert "Reconciled=False" in shell.run(blocks(BREAK_GLASS, "See what runs")[0]).expect(0).out
    kept, _ = blocks(BREAK_GLASS, "Nobody kept a copy")
    shell.run(kept).expect(0)
    assert live(cluster, NAMESPACE) == generated(cluster, NAMESPACE)
    cluster.wait(lambda: not operator_says(cluster, NAMESPACE), "the operator is content")
    project.up()
    assert live(cluster, NAMESPACE) == compiled(project)


def test_back_to_a_revision_of_git(cluster: RealCluster, project: Project, shell: Shell) -> None:
    good = compiled(project)
    project.edit(project.catalog, SERVICE)
    project.up()
    assert live(cluster, NAMESPACE) != good
    project.edit(project.catalog, (SERVICE[1], SERVICE[0]))
    _, commands = blocks(BREAK_GLASS, "Nobody kept a copy")
    worktree, compile_there, apply = commands.splitlines()
    assert worktree.startswith("git worktree add ../good ")
    # The tests' copy is no repository: it stands in for the revision that was checked out.
    (shell.home / "main").mkdir()
    shutil.copytree(project.root, shell.home / "good", symlinks=True)
    prefix = f'cd main; alertpath() {{ PYTHONPATH=. "{sys.executable}" -m alertpath "$@"; }}'
    shell.run("\n".join([prefix, compile_there, apply])).expect(0)
    assert live(cluster, NAMESPACE) == good
    project.up()
    assert live(cluster, NAMESPACE) == good
    project.up("--expect-no-changes", "--refresh")
