"""Changed copies of modules: what is built from them, and what a text that is not there does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import patched, recipes
from tools.progress import StepError
from tools.recipes import Patch, Tool

MODULE = "example.com/upstream"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An upstream module as in Go's cache; beside it the directory of a tool that needs it."""
    monkeypatch.setattr(recipes, "HERE", tmp_path)
    (tmp_path / "sample").mkdir()
    (tmp_path / "sample" / "go.mod").write_text(f"module sample\n\ngo 1.26\n\nrequire {MODULE} v1.0.0\n")
    (tmp_path / "sample" / "go.sum").write_text("sums\n")
    directory = tmp_path / "cache"
    directory.mkdir()
    (directory / "a.go").write_text("one two\n")
    (directory / "a.go").chmod(0o444)
    directory.chmod(0o555)
    return directory


def flags(module: Path, *patches: Patch) -> list[str]:
    scratch = module.parent / "scratch"
    scratch.mkdir()
    return patched.flags(Tool("x", "1", "x", "sample", 1, patches=patches), lambda _: module, scratch)


def test_without_patches_nothing_is_copied(module: Path) -> None:
    assert flags(module) == []


def test_the_build_takes_the_changed_copy(module: Path) -> None:
    scratch = module.parent / "scratch"
    new = Patch(MODULE, "dist/index.html", "", "page\n")
    assert flags(module, Patch(MODULE, "a.go", "two", "three"), new) == [f"-modfile={scratch / 'go.mod'}"]
    assert f"\nreplace {MODULE} => {scratch / 'module-0'}\n" in (scratch / "go.mod").read_text()
    assert (scratch / "go.sum").read_text() == "sums\n"
    assert (scratch / "module-0" / "a.go").read_text() == "one three\n"
    assert (scratch / "module-0" / "dist" / "index.html").read_text() == "page\n"
    assert (module / "a.go").read_text() == "one two\n"


@pytest.mark.parametrize("old", ["four", "o"])
def test_a_text_that_is_not_there_once_is_an_error(module: Path, old: str) -> None:
    with pytest.raises(StepError, match=r"example.com/upstream: a.go has no single '\w+': has its version changed\?"):
        flags(module, Patch(MODULE, "a.go", old, "x"))
