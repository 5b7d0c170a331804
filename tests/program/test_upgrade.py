"""The stack production as older versions have left it goes on under today's program; tests/recorded/README.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import recorded
from tests.program.cluster import Cluster
from tests.program.conftest import NewProject
from tests.program.engine import Project

NAMESPACE = "monitoring"
MANAGER = "pulumi.com/patchFieldManager"
KINDS = ("Secret", "Alertmanager", "ExternalSecret", "NetworkPolicy")


@pytest.fixture(scope="module", params=recorded.RECORDINGS, ids=lambda path: path.name)
def older(request: pytest.FixtureRequest, cluster: Cluster, new_project: NewProject) -> Project:
    """The recorded state, and a cluster with its objects, applied as they were then."""
    directory: Path = request.param
    project = new_project("production", providers=("kubernetes", "random"))
    recorded.restore(project, directory)
    recorded.prepare(cluster, NAMESPACE)
    for manifest in recorded.objects(directory, "production"):
        metadata = manifest["metadata"]
        manager = metadata.get("annotations", {}).get(MANAGER, "pulumi-recorded")
        cluster.put({**manifest, "kind": manifest["kind"].removesuffix("Patch")}, metadata["namespace"], manager)
    return project.with_env(KUBECONFIG=str(cluster.kubeconfig))


def uids(cluster: Cluster) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for kind in KINDS:
        for name in cluster.names(kind, NAMESPACE):
            live: Any = cluster.get(kind, NAMESPACE, name)
            found[kind, name] = live["metadata"]["uid"]
    return found


def test_an_update_replaces_deletes_and_renames_nothing(cluster: Cluster, older: Project) -> None:
    before, objects = recorded.identities(older), uids(cluster)
    assert len(objects) == 5
    versions = {kind: cluster.version(kind, NAMESPACE) for kind in KINDS}
    for arguments in ((), ("--refresh",)):
        assert recorded.lost(recorded.steps(older, *arguments)) == []
    shown = older.preview("--diff").out
    assert "[provider:" not in shown
    older.up("--refresh")
    assert recorded.identities(older) >= before
    assert uids(cluster) == objects
    for kind, version in versions.items():
        assert "DELETED" not in {event for event, _ in cluster.events_since(kind, NAMESPACE, version)}
    older.up("--expect-no-changes", "--refresh")


def test_a_rename_would_be_seen(older: Project) -> None:
    for file in (older.root / "components").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("alertpath:components:AlertDelivery", "alertpath:components:Renamed"))
    assert any("alertmanager-main" in step for step in recorded.lost(recorded.steps(older)))
