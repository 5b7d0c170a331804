"""Every mistake in tests/bad is refused: one clear message, nothing written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from alertpath.cli import main

ROOT = Path(__file__).resolve().parents[2]
BAD = sorted((ROOT / "tests" / "bad").iterdir())
# Faults that stand in several places; every other one is told once.
PLACES = {"no-provider": 2, "plaintext-in-files": 2, "receiver-absent": 2, "several-at-once": 5}
SECRETS = re.compile(r"EXAMPLEEXAMPLE|0123456789example|plainly-a-secret")


@pytest.mark.parametrize("fault", BAD, ids=lambda fault: fault.name)
def test_bad_input_is_refused(
    fault: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    code = main(["compile", "--stack-file", str(fault / "Pulumi.bad.yaml"), "--out", str(tmp_path / "out")])
    printed = capsys.readouterr()
    assert code == 1
    assert printed.out == ""
    assert not (tmp_path / "out").exists()
    assert not SECRETS.search(printed.err)
    # Written by `make golden`, read by a reviewer.
    expected = (fault / "expected.txt").read_text(encoding="utf-8")
    count = PLACES.get(fault.name, 1)
    assert printed.err == f"{expected}{count} problem{'s' * (count > 1)}; nothing was changed.\n"


def test_there_are_enough_kinds() -> None:
    assert len(BAD) >= 30


@pytest.mark.parametrize("fault", BAD, ids=lambda fault: fault.name)
def test_a_message_says_where_what_and_how(fault: Path) -> None:
    text = (fault / "expected.txt").read_text(encoding="utf-8")
    assert text.startswith(("tests/bad/", "catalog/"))
    assert len(re.findall(r"^\S+: ", text, re.MULTILINE)) == PLACES.get(fault.name, 1)
    assert re.search(r"^    (?:allowed|mend): ", text, re.MULTILINE)
