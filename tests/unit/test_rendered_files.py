"""The resource that keeps a directory: each step that the engine takes, without the engine."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import dill
import pytest
from pulumi.dynamic import ResourceProvider

from alertpath.delivery import directory
from components import rendered_files
from components.rendered_files import RenderedFiles, RenderedFilesArgs
from tests.unit.recording_mocks import record

FILES = {"kustomization.yaml": directory.heading("a", ["kustomization.yaml", "a.yaml"]), "a.yaml": "a: 1\n"}


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> ResourceProvider:
    """The provider as the engine's plugin gets it, out of the resource's inputs, in a process that wrote nothing."""
    monkeypatch.setattr(rendered_files, "_WRITTEN_HERE", set[Path]())
    made = record(lambda: RenderedFiles("rendered", RenderedFilesArgs("out", FILES)))
    pickled = base64.b64decode(made.only("RenderedFiles").inputs["__provider"])
    return dill.loads(pickled)  # noqa: S301 - our own


def inputs(root: Path, **changed: str) -> dict[str, Any]:
    files = {**FILES, **changed}
    digests = {name: hashlib.sha256(text.encode()).hexdigest()[:12] for name, text in files.items()}
    return {"directory": str(root), "__files": files, **digests}


def earlier(root: Path, **changed: str) -> dict[str, Any]:
    """The inputs and outputs in a state that an earlier version made."""
    return {"directory": str(root), "files": {**FILES, **changed}}


def test_the_state_refers_to_the_module_and_holds_no_code(provider: ResourceProvider) -> None:
    assert type(provider).__module__ == "components.rendered_files"
    assert len(dill.dumps(provider)) < 200


def next_update(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done from here on is done by another process."""
    monkeypatch.setattr(rendered_files, "_WRITTEN_HERE", set[Path]())


def test_created_read_and_deleted(provider: ResourceProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "out"
    assert provider.check({}, inputs(root)).inputs == inputs(root)
    made = provider.create(inputs(root))
    assert (made.id, made.outs) == (str(root), inputs(root))
    assert provider.read(made.id, inputs(root)).outs == inputs(root)
    assert not provider.diff(made.id, inputs(root), inputs(root)).changes
    next_update(monkeypatch)
    provider.delete(made.id, inputs(root))
    assert not root.exists()
    assert provider.read(made.id, inputs(root)).id == ""


def test_the_state_of_an_earlier_version_goes_on(
    provider: ResourceProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.create(inputs(tmp_path, **{"gone.yaml": "x"}))
    next_update(monkeypatch)
    old = earlier(tmp_path, **{"gone.yaml": "x"})
    assert not provider.diff("x", old, inputs(tmp_path, **{"gone.yaml": "x"})).changes
    assert provider.diff("x", old, inputs(tmp_path)).changes
    assert provider.check(old, inputs(tmp_path)).inputs == inputs(tmp_path)
    assert provider.update("x", old, inputs(tmp_path)).outs == inputs(tmp_path)
    assert directory.content(tmp_path, old["files"]) == FILES
    assert provider.read("x", earlier(tmp_path)).outs == inputs(tmp_path)
    next_update(monkeypatch)
    provider.delete("x", earlier(tmp_path))
    assert not tmp_path.exists()


def test_what_was_restored_once_is_no_change_later(provider: ResourceProvider, tmp_path: Path) -> None:
    provider.create(inputs(tmp_path))
    (tmp_path / "a.yaml").write_text("a: 2\n")
    first = provider.check(inputs(tmp_path), inputs(tmp_path)).inputs
    provider.update("x", inputs(tmp_path), first)
    assert provider.check(first, inputs(tmp_path)).inputs == first
    (tmp_path / "a.yaml").write_text("a: 2\n")
    assert provider.check(first, inputs(tmp_path)).inputs["restored"] == {"a.yaml": "edited by hand again"}


@pytest.mark.parametrize("name", ["directory", "restored", "__files"])
def test_a_path_that_the_resource_needs_itself_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"no file may be called {name}"):
        RenderedFilesArgs("out", {name: ""})


def test_an_edit_by_hand_is_seen_without_a_refresh_and_undone(provider: ResourceProvider, tmp_path: Path) -> None:
    provider.create(inputs(tmp_path))
    (tmp_path / "a.yaml").write_text("a: 2\n")
    assert provider.diff("x", inputs(tmp_path), inputs(tmp_path)).changes
    assert provider.check(inputs(tmp_path), inputs(tmp_path)).inputs["restored"] == {"a.yaml": "edited by hand"}
    read = provider.read("x", inputs(tmp_path)).outs
    assert read is not None
    assert read["__files"]["a.yaml"] == "a: 2\n"
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


def test_another_spelling_of_the_directory_is_no_replacement(
    provider: ResourceProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("out")
    provider.create(inputs(Path("out")))
    for spelling in ("./out", "out/", "x/../out", f"{tmp_path}/out", "link"):
        (tmp_path / "x").mkdir(exist_ok=True)
        respelt = {**inputs(Path()), "directory": spelling}
        assert not provider.check(inputs(Path("out")), respelt).failures
        found = provider.diff("x", inputs(Path("out")), respelt)
        assert (found.changes, found.replaces) == (True, [])
        provider.update("x", inputs(Path("out")), respelt)
        assert directory.content(tmp_path / "out", FILES) == FILES
    made = record(lambda: RenderedFiles("rendered", RenderedFilesArgs("./out/", FILES)))
    assert made.only("RenderedFiles").inputs["directory"] == "out"


def test_what_a_replacement_wrote_in_the_same_place_stays(provider: ResourceProvider, tmp_path: Path) -> None:
    old = inputs(tmp_path, **{"old.yaml": "x"})
    (tmp_path / "old.yaml").write_text("x")
    provider.create(inputs(tmp_path))
    provider.delete("x", old)
    assert directory.content(tmp_path, old["__files"]) == FILES


def test_the_directory_of_another_stack_is_refused_and_left(
    provider: ResourceProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.create(inputs(tmp_path))
    next_update(monkeypatch)
    others = inputs(tmp_path, **{directory.INDEX: directory.heading("b", FILES)})
    [failure] = provider.check({}, others).failures
    assert "belongs to the stack a: choose another `directory`" in failure.reason
    provider.delete("x", others)
    assert directory.content(tmp_path, FILES) == FILES


def test_a_preview_says_what_is_in_the_way(provider: ResourceProvider, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("mine")
    [failure] = provider.check({}, inputs(tmp_path)).failures
    assert failure.property == "directory"
    assert "a.yaml is in the way" in failure.reason
