"""What each command imports: no library that it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = (
    "import contextlib, io, sys\n"
    "from alertpath.cli.main import main\n"
    "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main(sys.argv[1:])\n"
    "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
)
CONFIG = "route: {receiver: a, routes: [{matchers: ['a=~\"b.*\"'], receiver: a}]}\nreceivers: [{name: a}]\n"
HEAVY = {
    "pydantic",
    "re2",
    "yaml",
    "kubernetes",
    "pulumi",
    "pulumi_kubernetes",
    "urllib3",
    "tarfile",
    "xml",
    "zoneinfo",
}


@pytest.mark.parametrize(
    ("arguments", "may"),
    [
        ("--help", set[str]()),
        ("explain --help", set[str]()),
        ("explain --config FILE a=b", {"re2", "yaml", "zoneinfo"}),
        ("diff FILE FILE", {"re2", "yaml", "zoneinfo", "tarfile"}),
        ("explain --stack production a=b", {"re2", "yaml", "zoneinfo"}),
        ("diff Pulumi.production.yaml Pulumi.staging.yaml", {"re2", "yaml", "zoneinfo", "tarfile"}),
        ("check --stack production", {"re2", "yaml", "zoneinfo"}),
        ("compile --stack production --table", {"re2", "yaml", "zoneinfo"}),
        ("test --stack production", {"re2", "yaml", "zoneinfo", "xml"}),
    ],
)
def test_a_command_imports_what_it_needs(arguments: str, may: set[str], tmp_path: Path) -> None:
    (tmp_path / "am.yaml").write_text(CONFIG)
    words = [word.replace("FILE", str(tmp_path / "am.yaml")) for word in arguments.split()]
    done = subprocess.run([sys.executable, "-c", RUN, *words], cwd=ROOT, capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) <= may


def test_the_program_imports_no_question_that_an_update_does_not_ask() -> None:
    """Each preview waits for it; `diff` is imported once a live configuration is another."""
    show = "import sys, components.alert_delivery; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", show], cwd=ROOT, capture_output=True, text=True, check=True)
    parts = {".".join(name.split(".")[:2]) for name in done.stdout.split() if name.startswith("alertpath.")}
    assert {"alertpath.inputs", "alertpath.compiling", "alertpath.cluster"} <= parts
    assert not parts & {f"alertpath.{each}" for each in ("diff", "checks", "explain", "expectations", "review", "cli")}
    assert not HEAVY & {"pulumi_kubernetes", "kubernetes", "urllib3", "xml"} & set(done.stdout.split())
