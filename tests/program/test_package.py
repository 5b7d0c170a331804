"""The wheel, beside nothing but the packages that `pip install .` brings, in a directory with a team's files alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from alertpath.cli.main import main; sys.exit(main(sys.argv[1:]))"
)
NOT_AT_RUN_TIME = ("flit-core", "pip")
CONFIG = "route: {receiver: a, routes: [{matchers: [a=b], receiver: a}]}\nreceivers: [{name: a}]\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and the packages of requirements-cli.txt, unpacked."""
    made, site = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("site")
    wheel = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    subprocess.run([*wheel, "--wheel-dir", str(made), str(ROOT)], check=True)
    with zipfile.ZipFile(next(made.glob("alertpath-*.whl"))) as archive:
        archive.extractall(site)
    for name in locked("requirements-cli.txt") - {*NOT_AT_RUN_TIME}:
        for file in metadata.files(name) or ():
            if ".." not in file.parts:
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), site / file)
    return site


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.staging.yaml", "Pulumi.production.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("catalog", "expectations"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "am.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def locked(file: str) -> set[str]:
    return set(re.findall(r"(?m)^([\w.-]+)==", (ROOT / file).read_text()))


def run(site: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", "-c", RUN, str(site), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_wheel_asks_for_what_the_command_line_needs(site: Path) -> None:
    text = next(site.glob("alertpath-*.dist-info/METADATA")).read_text()
    asked = re.findall(r"(?m)^Requires-Dist: ([\w-]+)[^;\n]*(?:; extra == [\"'](\w+)[\"'])?$", text)
    assert {name for name, extra in asked if not extra} == {"google-re2", "PyYAML", "tzdata"}
    assert {extra for _, extra in asked} == {"", "verify", "pulumi"}
    assert (site / "alertpath/compiling/templates/alertpath.tmpl").exists()


def test_the_small_set_is_part_of_the_whole_one() -> None:
    assert locked("requirements-cli.txt") < locked("requirements.txt") < locked("requirements-dev.txt")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("check --stack production", "."),
        ("check --config am.yaml", "."),
        ("diff am.yaml am.yaml", "am.yaml -> am.yaml"),
        ("diff Pulumi.production.yaml Pulumi.production.yaml", "Pulumi.production.yaml"),
        ("explain --stack production service=seedtest-api severity=critical", "=> pages"),
        ("explain --config am.yaml a=b", "=> goes to nobody"),
        ("compile --stack production", "alertpath.title"),
        ("test --stack production", "0 failed"),
        ("--help", "verify"),
    ],
)
def test_commands_run_from_the_wheel(site: Path, arguments: str, said: str) -> None:
    done = run(site, arguments.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout


@pytest.mark.usefixtures("project")
def test_verify_says_what_to_install(site: Path) -> None:
    done = run(site, ["verify", "--stack", "production"])
    assert done.returncode == 1
    assert "pip install 'alertpath[verify]'" in done.stderr
