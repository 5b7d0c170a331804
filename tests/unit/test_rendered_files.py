"""The resource that keeps a directory: each step that the engine takes, without the engine."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import dill
import pytest
from pulumi.dynamic import ResourceProvider

from alertpath import directory
from components.rendered_files import RenderedFiles, RenderedFilesArgs
from tests.unit.recording_mocks import record

FILES = {"kustomization.yaml": directory.heading(["kustomization.yaml", "a.yaml"]), "a.yaml": "a: 1\n"}


@pytest.fixture
def provider() -> ResourceProvider:
    """The provider as the engine's plugin gets it: out of the resource's inputs."""
    made = record(lambda: RenderedFiles("rendered", RenderedFilesArgs("out", FILES)))
    pickled = base64.b64decode(made.only("RenderedFiles").inputs["__provider"])
    return dill.loads(pickled)  # noqa: S301 - our own


def inputs(root: Path, **changed: str) -> dict[str, Any]:
    return {"directory": str(root), "files": {**FILES, **changed}}


def test_the_state_refers_to_the_module_and_holds_no_code(provider: ResourceProvider) -> None:
    assert type(provider).__module__ == "components.rendered_files"
    assert len(dill.dumps(provider)) < 200


def test_created_read_and_deleted(provider: ResourceProvider, tmp_path: Path) -> None:
    root = tmp_path / "out"
    assert provider.check({}, inputs(root)).inputs == inputs(root)
    made = provider.create(inputs(root))
    assert (made.id, made.outs) == (str(root), inputs(root))
    assert provider.read(made.id, inputs(root)).outs == inputs(root)
    assert not provider.diff(made.id, inputs(root), inputs(root)).changes
    provider.delete(made.id, inputs(root))
    assert not root.exists()
    assert provider.read(made.id, inputs(root)).id == ""


def test_an_edit_by_hand_is_seen_without_a_refresh_and_undone(provider: ResourceProvider, tmp_path: Path) -> None:
    provider.create(inputs(tmp_path))
    (tmp_path / "a.yaml").write_text("a: 2\n")
    assert provider.diff("x", inputs(tmp_path), inputs(tmp_path)).changes
    assert provider.check(inputs(tmp_path), inputs(tmp_path)).inputs["restored"] == {"a.yaml": "edited by hand"}
    read = provider.read("x", inputs(tmp_path)).outs
    assert read is not None
    assert read["files"]["a.yaml"] == "a: 2\n"
    assert (tmp_path / "a.yaml").read_text() == "a: 2\n", "only an update may write"
    provider.update("x", inputs(tmp_path), inputs(tmp_path))
    assert directory.content(tmp_path, FILES) == FILES


def test_a_file_deleted_by_hand_comes_back(provider: ResourceProvider, tmp_path: Path) -> None:
    provider.create(inputs(tmp_path))
    (tmp_path / "a.yaml").unlink()
    assert provider.diff("x", inputs(tmp_path), inputs(tmp_path)).changes
    provider.update("x", inputs(tmp_path), inputs(tmp_path))
    assert directory.content(tmp_path, FILES) == FILES


def test_a_change_of_the_settings_is_no_edit_by_hand(provider: ResourceProvider, tmp_path: Path) -> None:
    provider.create(inputs(tmp_path))
    changed = inputs(tmp_path, **{"a.yaml": "a: 3\n"})
    assert provider.check(inputs(tmp_path), changed).inputs == changed
    assert provider.diff("x", inputs(tmp_path), changed).changes


def test_another_directory_is_a_replacement(provider: ResourceProvider, tmp_path: Path) -> None:
    provider.create(inputs(tmp_path / "old"))
    found = provider.diff("x", inputs(tmp_path / "old"), inputs(tmp_path / "new"))
    assert (found.changes, found.replaces, found.delete_before_replace) == (True, ["directory"], None)


def test_a_preview_says_what_is_in_the_way(provider: ResourceProvider, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("mine")
    [failure] = provider.check({}, inputs(tmp_path)).failures
    assert failure.property == "directory"
    assert "a.yaml is in the way" in failure.reason
