"""The stack dev as older versions have left it goes on under today's program; tests/recorded/README.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import recorded
from tests.program.conftest import NewProject
from tests.program.engine import Project


@pytest.fixture(params=recorded.RECORDINGS, ids=lambda path: path.name)
def older(request: pytest.FixtureRequest, new_project: NewProject) -> Project:
    project = new_project("dev")
    recorded.restore(project, request.param)
    return project


def test_an_update_replaces_deletes_and_renames_nothing(older: Project) -> None:
    before = recorded.identities(older)
    assert len(before) == 1
    assert recorded.lost(recorded.steps(older)) == []
    assert recorded.lost(recorded.steps(older, "--refresh")) == []
    # The files that it finds are the ones it knows: none was edited or deleted by hand.
    assert "by hand" not in older.preview("--diff").out
    older.up()
    assert recorded.identities(older) >= before
    older.up("--expect-no-changes", "--refresh")


def test_a_file_deleted_by_hand_comes_back(older: Project) -> None:
    (older.rendered / "alertmanager.yaml").unlink()
    assert recorded.lost(recorded.steps(older)) == []
    older.up()
    assert "alertmanager.yaml" in older.files()


def test_what_an_older_version_wrote_can_be_destroyed(older: Project) -> None:
    """With the code that the state names, before any update."""
    older.pulumi("destroy", "--yes", "--skip-preview").expect(0)
    assert not older.rendered.exists()
    assert older.resources() == []


@pytest.mark.parametrize("name", ["type", "resource"])
def test_a_rename_would_be_seen(older: Project, name: str) -> None:
    old, new = {
        "type": ("alertpath:components:AlertDelivery", "alertpath:components:Renamed"),
        "resource": ('-rendered"', '-other"'),
    }[name]
    renamed = [file for file in (older.root / "components").glob("*.py") if re.search(old, _text(file))]
    assert renamed
    for file in renamed:
        file.write_text(_text(file).replace(old, new), encoding="utf-8")
    assert any("RenderedFiles" in step for step in recorded.lost(recorded.steps(older)))


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
