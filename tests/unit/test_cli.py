"""The command line as a shell uses it: options anywhere, pipes, streams in other encodings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from alertpath.cli.main import main

CONFIG = """\
route:
  receiver: a
  routes:
  - {matchers: ['"ü.x"="ä"'], receiver: b}
receivers: [{name: a}, {name: b}]
"""
NOTHING: Mapping[str, str] = {}


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "am.yaml"
    file.write_text(CONFIG, encoding="utf-8")
    return str(file)


def run(
    *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] = NOTHING
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "alertpath", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, env={**os.environ, **environment})


def test_options_may_stand_between_labels(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "a=b", "--config", config, "c=d", "--at", "18:30", "e=f"]) == 0
    assert 'alert  {a="b", c="d", e="f"}' in capsys.readouterr().out
    assert main(["explain", "--config", config, "--", "a=b", "-x=y"]) == 0
    assert '-x="y"' in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["explain", "a=b", "--config", config, "--nope", "c=d"])
    assert "unrecognized arguments: --nope" in capsys.readouterr().err


def test_labels_are_utf_8_whatever_the_locale_says(config: str) -> None:
    other = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert b"receiver     b: empty" in run("explain", "--config", config, "ü.x=ä", environment=other).stdout
    assert (
        b"receiver     b: empty"
        in run("explain", "--config", "-", "ü.x=ä", stdin=CONFIG.encode(), environment=other).stdout
    )


@pytest.mark.parametrize(
    "arguments",
    [("explain", "--config", "-", "a=b"), ("check", "--config", "-"), ("diff", "-", "CONFIG"),
     ("explain", "--config", "CONFIG", "--firing", "-", "a=b")],
)  # fmt: skip
def test_standard_input_that_is_not_utf_8_is_refused(config: str, arguments: tuple[str, ...]) -> None:
    done = run(*(config if one == "CONFIG" else one for one in arguments), stdin=b"route: {receiver: \xe4}\n")
    assert done.returncode == 1
    assert b"(standard input): is not a text in UTF-8" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("check --config {} >&-", 1, "standard output is closed"),
        ("check --config - <&-", 1, "`route` is missing"),
        ("check --config {} <&-", 0, "1 warning"),
        ("check --config {}.missing 2>&-", 1, ""),
    ],
)
def test_closed_streams_are_told(config: str, arguments: str, code: int, said: str) -> None:
    command = f"'{sys.executable}' -m alertpath {arguments.format(config)}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_pipe_is_no_success(config: str) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "alertpath", "explain", "--config", config, "a=b"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")
