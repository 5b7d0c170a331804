"""Random credentials go through every provider; then nothing that anybody can read has one of them, in any form.

Allowed are the Secrets that are made for them. The state holds them encrypted, which the search does not see through.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.program.cluster import Cluster
from tests.program.conftest import NewProject
from tests.program.leaks import leaks
from tests.program.planted import NAMESPACE, STACK, Scene, live


@pytest.fixture(scope="module")
def scene(
    cluster: Cluster, new_project: NewProject, tool: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Scene:
    project = new_project("leaks", STACK, providers=["kubernetes", "random"])
    scene = Scene(cluster, project, project.root.parent)
    live(scene, tool, tmp_path_factory.mktemp("keys"))
    return scene


def test_the_search_finds_them_where_they_may_be(scene: Scene) -> None:
    """Without this, a search that finds nothing would prove nothing."""
    shown = scene.project.pulumi("stack", "export", "--show-secrets").expect(0).out
    found = {_rotated(leak.name) for leak in leaks(scene.planted, shown.encode())}
    assert found == {"of sops", "of sops, signs", "of config", "of config, signs", "generated"}
    assert {leak.name for leak in leaks(scene.planted, scene.keys)} == {"age key", "kubeconfig token", "kubeconfig key"}


def _rotated(name: str) -> str:
    return re.sub("^(first|second|third) ", "", name)


def test_nothing_that_was_printed_or_kept_has_one(scene: Scene) -> None:
    assert len(scene.printed) > 35
    assert scene.found(scene.printed) == {}


def test_no_file_has_one(scene: Scene) -> None:
    """The working tree and git's objects; state, history and backups; what programs wrote for themselves."""
    files = scene.files("project", "state", "home", "reports", "temporary")
    written = {name: content for name, content in files.items() if scene.program.get(name) != content}
    for part in ("project/.git/objects/", "state/.pulumi/backups/", "state/.pulumi/history/", "home/logs/", "reports/"):
        assert any(name.startswith(part) for name in written), part
    # Its versions have most of their lines, each a value, in common.
    state = [written.pop(name) for name in list(written) if name.startswith("state/")]
    written["state"] = b"".join(dict.fromkeys(line for content in state for line in content.splitlines(keepends=True)))
    assert scene.found(written) == {}


def test_no_process_had_one_in_its_arguments(scene: Scene) -> None:
    together = b"\n".join(scene.arguments)
    assert b"pulumi-language-python-exec" in together
    assert b"pulumi\0up\0--yes" in together
    assert scene.found({"arguments": together}) == {}


def test_in_the_cluster_each_is_in_its_own_secret_alone(scene: Scene) -> None:
    others: dict[str, bytes] = {}
    secrets_: dict[str, set[str]] = {}
    for path, items in scene.cluster.objects():
        for item in items:
            metadata = item.get("metadata", {})
            # Other tests have namespaces of their own on this cluster.
            name = f"{metadata.get('namespace')}/{metadata.get('name')}"
            if path == "api/v1/secrets":
                hits = leaks(scene.planted, json.dumps(item.pop("data", {})).encode())
                secrets_[name] = {_rotated(leak.name) for leak in hits}
            others[f"{path}/{name}"] = json.dumps(item).encode()
    assert {name: found for name, found in secrets_.items() if found} == {
        f"{NAMESPACE}/by-sops": {"of sops", "of sops, signs"},
        f"{NAMESPACE}/by-config": {"of config, signs"},
        f"{NAMESPACE}/by-store": {"by-store"},
        f"{NAMESPACE}/by-others": {"by-others"},
        f"{NAMESPACE}/by-chance": {"generated"},
    }
    assert f"{NAMESPACE}/alertmanager-main" in secrets_
    assert scene.found(others) == {}


def test_nothing_is_left_among_temporary_files(scene: Scene) -> None:
    assert scene.files("temporary") == {}


def test_what_pulumi_itself_shows_is_as_documented(scene: Scene, tmp_path: Path) -> None:
    """docs/credentials.md warns of these; where one of them is found clean, it need not any more."""
    project, reports = scene.project.with_env(TMPDIR=str(tmp_path)), tmp_path / "reports"
    reports.mkdir()
    project.edit(
        project.stack_file, ("{context: tests}", f"{{context: tests, kubeconfig: {project.env['KUBECONFIG']}}}")
    )
    trace = f"file:{reports / 'tracing'}"
    shown = project.with_env(PULUMI_DEBUG_GRPC=str(reports / "grpc")).pulumi(
        "preview", "--logtostderr", "-v=9", "--tracing", trace
    )
    [*copies] = tmp_path.glob("kubeconfig*")
    (reports / "kubeconfig").write_bytes(copies[0].read_bytes())
    (reports / "verbose").write_text("\n".join(line for line in shown.err.splitlines() if "by-config" in line))
    # What few of them are searched for is in each.
    names = {"kubeconfig token"} | {name for name in scene.planted if name.endswith("of config")}
    planted = {name: value for name, value in scene.planted.items() if name in names}
    found = {
        file.name: {_rotated(leak.name) for leak in leaks(planted, file.read_bytes())} for file in reports.iterdir()
    }
    assert found == {
        "verbose": {"of config"},
        "tracing": {"of config"},
        "grpc": {"of config"},
        "kubeconfig": {"kubeconfig token"},
    }
    assert {copy.stat().st_mode & 0o777 for copy in copies} == {0o600}
