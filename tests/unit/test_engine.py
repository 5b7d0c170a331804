"""Which engine is chosen and how it is run. Nothing is fetched or built here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tools import cache, engine, gotools, progress
from tools.engine import Engine
from tools.progress import StepError
from tools.recipes import TOOLS

SetUp = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def cache_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a cache and a PATH of its own, on a machine that reaches no site."""
    monkeypatch.setenv("ALERTPATH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> SetUp:
    """A machine where only the named steps succeed; returns the log of the steps tried."""

    def set_up(*, reachable: bool = False) -> list[str]:
        tried: list[str] = []

        def run(name: str, command: Sequence[str | Path], **_: Any) -> float:
            if "-c" in command:
                tried.append("installer")
                target = Path(command[3]) / "bin" / "pulumi"
            else:
                tried.append(f"download {name}")
                target = None
            if not reachable:
                raise StepError(f"{name}: exit code 1", "Name or service not known")
            if target:
                program(target, engine.MINIMUM)
            return 1.0

        def ensure(name: str) -> Path:
            tried.append(f"build {name}")
            return program(gotools.binary(TOOLS[name]), engine.MINIMUM)

        monkeypatch.setattr(progress, "run", run)
        monkeypatch.setattr(gotools, "ensure", ensure)
        return tried

    return set_up


def program(path: Path, version: engine.Version) -> Path:
    """A stand-in for `pulumi`: prints its version, or the environment that it got."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = ".".join(map(str, version))
    path.write_text(f'#!/bin/sh\n[ "$1" = version ] && echo v{shown} || env\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.255.0\n", (3, 255, 0)),
        ("3.272.1", (3, 272, 1)),
        ("v3.256.0-dev.0", None),
        ("", None),
    ],
)
def test_parse_version(text: str, version: engine.Version | None) -> None:
    assert engine.parse_version(text) == version


def test_what_is_built_is_new_enough() -> None:
    assert engine.parse_version(TOOLS["pulumi"].version) == engine.MINIMUM


@pytest.mark.parametrize("name", ["pulumi", *(f"pulumi-{name}" for name in engine.PROVIDERS)])
def test_engine_and_python_packages_have_the_same_versions(name: str) -> None:
    tool = TOOLS[name if name == "pulumi" else name.replace("pulumi-", "pulumi-resource-")]
    requirements = (Path(__file__).parents[2] / "requirements.txt").read_text()
    assert f"\n{name}=={tool.version} " in requirements


def test_pulumi_on_path_comes_first(tmp_path: Path, machine: SetUp) -> None:
    tried = machine(reachable=True)
    pulumi = program(tmp_path / "bin" / "pulumi", (4, 0, 0))
    assert engine.find() == Engine(pulumi, "path", (4, 0, 0))
    assert tried == []


@pytest.mark.parametrize("version", [(3, 254, 9), (2, 999, 0)])
def test_an_old_pulumi_on_path_is_not_used(
    version: engine.Version,
    tmp_path: Path,
    machine: SetUp,
    capsys: pytest.CaptureFixture[str],
) -> None:
    machine(reachable=True)
    program(tmp_path / "bin" / "pulumi", version)
    assert engine.find().origin == "installer"
    assert "is not used" in capsys.readouterr().err


def test_our_launcher_on_path_is_passed_over(tmp_path: Path, machine: SetUp) -> None:
    machine()
    launcher = tmp_path / "bin" / "pulumi"
    assert engine.main(["launcher", str(launcher)]) == 0
    assert engine.find().origin == "built"


def test_the_installer_comes_before_a_build(machine: SetUp) -> None:
    tried = machine(reachable=True)
    assert engine.find().origin == "installer"
    assert engine.find().origin == "installer"
    assert tried == ["installer"]


def test_an_unreachable_installer_falls_through_to_a_build(machine: SetUp, capsys: pytest.CaptureFixture[str]) -> None:
    tried = machine()
    assert engine.find().origin == "built"
    assert tried == ["installer", "build pulumi"]
    assert "does not work here (Name or service not known)" in capsys.readouterr().err


def test_what_is_built_already_is_used_without_trying_the_installer(machine: SetUp) -> None:
    machine()
    engine.find()
    assert machine() == []
    assert engine.find().origin == "built"


def test_a_failed_installation_is_tried_again_and_leaves_nothing(
    cache_root: Path, machine: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine()
    monkeypatch.setattr(gotools, "ensure", lambda _: None)
    with pytest.raises(StepError):
        engine.find()
    assert list((cache_root / "pulumi").iterdir()) == []
    machine(reachable=True)
    assert engine.find().origin == "installer"


def test_environment_of_a_built_engine(tmp_path: Path, machine: SetUp) -> None:
    machine()
    env = engine.engine_env(home=tmp_path / "home")
    assert env == {
        "PATH": f"{gotools.binary(TOOLS['pulumi']).parent}:{tmp_path / 'bin'}:/usr/bin:/bin",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def test_environment_of_an_engine_on_path(tmp_path: Path, machine: SetUp) -> None:
    machine()
    program(tmp_path / "bin" / "pulumi", engine.MINIMUM)
    assert set(engine.engine_env()) == {"PATH", "PULUMI_PYTHON_CMD"}


def test_providers_are_linked_into_the_plugins_and_nothing_else_is_touched(tmp_path: Path, machine: SetUp) -> None:
    tried = machine()
    home = tmp_path / "home"
    other = home / "plugins" / "resource-aws-v7.0.0" / "pulumi-resource-aws"
    other.parent.mkdir(parents=True)
    other.write_text("untouched")
    env = engine.engine_env(["kubernetes"], home)
    tool = TOOLS["pulumi-resource-kubernetes"]
    plugin = home / "plugins" / f"resource-kubernetes-v{tool.version}" / tool.name
    assert plugin.resolve() == gotools.binary(tool).resolve()
    assert other.read_text() == "untouched"
    assert tried[-2:] == [f"download {tool.name}", f"build {tool.name}"]
    assert env["PULUMI_HOME"] == str(home)
    engine.engine_env(["kubernetes"], home)
    assert len(tried) == 4


def test_a_link_to_a_pruned_build_is_mended(tmp_path: Path, machine: SetUp) -> None:
    machine()
    engine.engine_env(["random"], tmp_path / "home")
    tool = TOOLS["pulumi-resource-random"]
    gotools.binary(tool).unlink()
    engine.engine_env(["random"], tmp_path / "home")
    plugin = tmp_path / "home" / "plugins" / f"resource-random-v{tool.version}" / tool.name
    assert plugin.exists()


def test_an_unknown_provider_lists_the_known_ones(machine: SetUp) -> None:
    machine()
    with pytest.raises(StepError, match="no provider is named 'aws'; there are: kubernetes, random"):
        engine.engine_env(["aws"])


def test_launcher_sets_what_the_user_has_not_set(tmp_path: Path, machine: SetUp) -> None:
    machine()
    launcher = tmp_path / "venv" / "bin" / "pulumi"
    assert engine.main(["launcher", str(launcher)]) == 0
    chosen = {"PATH": "/usr/bin:/bin", "PULUMI_HOME": "/mine", "PULUMI_PYTHON_CMD": "/my/python"}
    answer = subprocess.run([launcher, "up"], env=chosen, capture_output=True, text=True, check=True)
    env = dict(line.split("=", 1) for line in answer.stdout.splitlines())
    assert env["PULUMI_HOME"] == "/mine"
    assert env["PULUMI_PYTHON_CMD"] == "/my/python"
    assert env["PULUMI_SKIP_UPDATE_CHECK"] == "true"
    assert env["PATH"].startswith(str(cache.root()))
    assert env["PATH"].endswith(":/usr/bin:/bin")


def test_launcher_of_a_removed_engine_says_how_to_mend_it(tmp_path: Path, machine: SetUp) -> None:
    machine()
    launcher = tmp_path / "venv" / "bin" / "pulumi"
    engine.main(["launcher", str(launcher)])
    engine.find().pulumi.unlink()
    answer = subprocess.run([launcher, "up"], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert f"tools/engine.py launcher {launcher}" in answer.stderr


def test_env_prints_lines_for_a_shell(machine: SetUp, capsys: pytest.CaptureFixture[str]) -> None:
    machine()
    assert engine.main(["env"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "export PULUMI_SKIP_UPDATE_CHECK=true" in lines
    assert lines[-1].endswith(':"$PATH"')
