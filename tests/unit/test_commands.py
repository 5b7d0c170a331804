"""`make test` and `make e2e` together run each file of tests once, and .ci/run and the workflow run both."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import ahead
from tools.recipes import TOOLS

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("test", "e2e")


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """What `make` would run for each command."""
    found: dict[str, str] = {}
    for command in COMMANDS:
        done = subprocess.run(["make", "-n", command], cwd=ROOT, capture_output=True, text=True, check=True)
        found[command] = done.stdout
    return found


def directories(commands: str) -> list[str]:
    [line] = [line for line in commands.splitlines() if " -m pytest " in line]
    return re.findall(r"\btests/\S+", line)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_every_test_is_run_by_one_command(said: dict[str, str]) -> None:
    files = [str(file.relative_to(ROOT)) for file in (ROOT / "tests").rglob("test_*.py")]
    named = [directory for command in COMMANDS for directory in directories(said[command])]
    assert {file: [each for each in named if file.startswith(f"{each}/")] for file in files} == {
        file: [file[: file.index("/", len("tests/"))]] for file in files
    }


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_test_needs_no_more_than_make_up_has_got(said: dict[str, str]) -> None:
    assert "providers" not in said["test"]
    assert "gotools" not in said["test"]
    needing = re.compile(r"\bproviders=\W*[\w(\[]|\bgotools\.ensure|\btests\.oracle\b|\bon_cluster\b|\btool\(\"")
    for directory in directories(said["test"]):
        for file in (ROOT / directory).rglob("*.py"):
            if file.name not in {"test_commands.py", "test_gotools.py"}:
                assert not needing.search(file.read_text(encoding="utf-8")), file


def test_a_merge_needs_both() -> None:
    assert re.findall(r"make (\w+)$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE) == list(COMMANDS)
    workflow = (ROOT / ".github" / "workflows" / "test.yaml").read_text()
    assert re.findall(r"run: .*\bmake (\w+)$", workflow, re.MULTILINE) == list(COMMANDS)


def test_what_is_ahead_is_said() -> None:
    nothing = ahead.told([], root=True)
    assert nothing == "make e2e: about 45 minutes on 2 idle cores, 45 for the tests"
    told = ahead.told([TOOLS["etcd"], TOOLS["vault"]], root=False)
    assert told.splitlines()[0] == "make e2e: about 50 minutes on 2 idle cores, 45 for the tests"
    assert "about 5 minutes, once on this machine: etcd, vault" in told
    assert "without root the cluster's tests are skipped" in told


def test_a_machine_without_go_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert re.search(r"no Go is on PATH: go1\.\d+\.\d+ is installed from PyPI", ahead.told([TOOLS["etcd"]], root=True))
    assert "Go" not in ahead.told([], root=True)
