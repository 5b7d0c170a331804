"""docs/your-own.md: a project without the parts of the example that nobody has to keep."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.engine.test_dev import make_environment
from tests.program.engine import run
from tools.examples import scene

NAMES = ("dev", "staging", "production")


@pytest.mark.parametrize("gone", ["Pulumi.dev.yaml", "Pulumi.staging.yaml", "expectations"])
def test_the_commands_work_without(gone: str, tmp_path: Path) -> None:
    project = scene(tmp_path)
    code, said = project.run(f"git rm --quiet -r {gone} && git commit --quiet --message 'Not ours'")
    assert code == 0, said
    stacks = [name for name in NAMES if (project.root / f"Pulumi.{name}.yaml").exists()]
    assert stacks, "one is left"
    every = [command.format(stack) for stack in stacks for command in ("compile --stack {}", "check --stack {}")]
    for command in [*every, "test", "review --base HEAD"]:
        code, said = project.run(f"alertpath {command}")
        assert code == 0, f"{command}:\n{said}"
    code, said = project.run("alertpath review --base HEAD^")
    # A stack that is gone is for a reviewer to see; expectations are not.
    assert code == (gone != "expectations"), said


def test_make_up_without_dev_shows_the_tables(tmp_path: Path) -> None:
    """tools/up.py, what `make up` runs. With dev, and without the others, tests/engine/test_dev.py runs it."""
    project = scene(tmp_path, ["tools", "alertpath"])
    (project.root / "Pulumi.dev.yaml").unlink()
    shutil.rmtree(project.root / "expectations")
    done = run([make_environment(project.root), "-m", "tools.up"], project.root, os.environ).expect(0)
    assert "Pulumi.staging.yaml:" in done.out
    assert "PagerDuty (pagerduty-seedtest)" in done.out
    assert "docs/your-own.md" in done.out
