"""`pulumi preview` of production as a whole process, beside a program that declares the same resources by hand.

python -m bench.preview: to reach is a ratio of 1.0.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.pairs import HEAD, compare
from bench.tables import printed
from tests.program.engine import ROOT, Project, create
from tools import engine

_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


def tables() -> Iterator[str]:
    """The lines of the table."""
    with tempfile.TemporaryDirectory() as work:
        env = engine.engine_env(["kubernetes"], home=Path(work) / "home")
        ours = _project(Path(work) / "ours", env)
        baseline = _project(Path(work) / "baseline", env)
        for file in (ROOT / "bench" / "baseline").iterdir():
            shutil.copy(file, baseline.root)
        # The Secret's content is the same in both, so it is no part of the comparison how it was made.
        for name in ("alertmanager.yaml", "alertpath.tmpl", "stack.tmpl"):
            shutil.copy(ROOT / "tests" / "golden" / "production" / name, baseline.root)
        baseline.stack_file.unlink()
        baseline.pulumi("stack", "init").expect(0)
        yield from (HEAD, compare("`pulumi preview` of production", ours.preview, baseline.preview))


def _project(work: Path, env: dict[str, str]) -> Project:
    work.mkdir()
    project = create(work, "production", env)
    # As users run it: Python keeps what it has compiled.
    return replace(project, env={name: value for name, value in project.env.items() if name != _NO_BYTECODE})


if __name__ == "__main__":
    printed(tables())
