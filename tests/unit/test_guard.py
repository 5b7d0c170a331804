"""Whatever ends a program and however it ends, all that it has started ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest

from tools.guard import descendants

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
# As servers of tests are started: with a session and an environment of their own, as an orphan, in a PID namespace.
STARTED = """
import os, subprocess, sys
def start(mark):
    sleep = ["sh", "-c", f"sleep 86400; : {mark}"]
    subprocess.Popen(sleep, start_new_session=True, env={"PATH": os.environ["PATH"]})
    subprocess.Popen(["sh", "-c", f"(sleep 86400; : {mark}) & exit 0"]).wait()
    subprocess.Popen(["unshare", "--user", "--pid", "--fork", *sleep], stderr=subprocess.DEVNULL)
"""
PROGRAM = f"""{STARTED}
import signal, time
from pathlib import Path
from tools import guard
guard.GRACE = 1
guard.protect()
start("MARK")
if "STUBBORN":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
Path("NOTE").write_text(f"{{os.getpid()}} {{os.getppid()}}")
time.sleep(86400)
"""
# A worker of pytest notes who its controller is.
TESTS = f"""{STARTED}
import time
from pathlib import Path
def test_one():
    start("MARK")
    Path("NOTE").write_text(str(os.getppid()))
    time.sleep(86400)
"""


def left(mark: str) -> list[int]:
    """The processes with `mark` in their command lines."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


def wait(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@contextmanager
def running(command: list[str], where: Path, mark: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command as the first process of a group; what it leaves behind is ended with the block."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "MAKE"))}
    env = {**kept, "PYTHONPATH": str(ROOT), "TMPDIR": str(where)}
    with (where / "out").open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out, process_group=0)
    try:
        yield process
    finally:
        for pid in (process.pid, *left(mark)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def ends(process: subprocess.Popen[bytes], mark: str, where: Path, action: Callable[[], None]) -> None:
    """After `action` nothing is left of the command and of what it had started."""
    below = descendants(process.pid)
    assert len(left(mark)) >= 2
    action()
    wait(lambda: process.poll() is not None, f"it did not end: {(where / 'out').read_text()}")
    wait(lambda: not left(mark), "what it had started is left")
    wait(lambda: not any(map(_is_sleep, below)), "what that had started is left")


def _is_sleep(pid: int) -> bool:
    with suppress(OSError):
        return b"86400" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def written(where: Path, mark: str, *, stubborn: bool = False) -> list[str]:
    """The command of the program."""
    text = PROGRAM.replace("MARK", mark).replace("NOTE", str(where / "note"))
    file = where / "program.py"
    file.write_text(text.replace("STUBBORN", "yes" if stubborn else ""), encoding="utf-8")
    return [sys.executable, str(file)]


def noted(where: Path) -> list[int]:
    """Program and inner guard."""
    note = where / "note"
    wait(lambda: note.exists() and note.read_text(), f"it did not start: {(where / 'out').read_text()}")
    return [int(word) for word in note.read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("whom", ["the outer guard", "the inner guard", "the program"])
def test_nothing_is_left(tmp_path: Path, whom: str, number: signal.Signals) -> None:
    mark = uuid4().hex
    with running(written(tmp_path, mark), tmp_path, mark) as process:
        program, inner = noted(tmp_path)
        pid = {"the outer guard": process.pid, "the inner guard": inner, "the program": program}[whom]
        ends(process, mark, tmp_path, lambda: os.kill(pid, number))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_of_a_group(tmp_path: Path, number: signal.Signals) -> None:
    """What a terminal, a shell or `timeout` sends."""
    mark = uuid4().hex
    with running(written(tmp_path, mark), tmp_path, mark) as process:
        noted(tmp_path)
        ends(process, mark, tmp_path, lambda: os.killpg(process.pid, number))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_program_that_does_not_listen_has_some_seconds(tmp_path: Path, number: signal.Signals) -> None:
    mark = uuid4().hex
    with running(written(tmp_path, mark, stubborn=True), tmp_path, mark) as process:
        noted(tmp_path)
        ends(process, mark, tmp_path, lambda: os.killpg(process.pid, number))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("shell", ["", "A=1 "], ids=["started by make", "started by its shell"])
def test_nothing_is_left_of_make(tmp_path: Path, shell: str, number: signal.Signals) -> None:
    mark = uuid4().hex
    command = " ".join(written(tmp_path, mark))
    (tmp_path / "Makefile").write_text(f"all:\n\t{shell}{command}\n", encoding="utf-8")
    with running(["make", "-f", str(tmp_path / "Makefile")], tmp_path, mark) as process:
        noted(tmp_path)
        # Ctrl-C is for the whole group; the others are for `make` alone.
        action = os.killpg if number == signal.SIGINT else os.kill
        ends(process, mark, tmp_path, lambda: action(process.pid, number))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("whom", ["pytest", "the controller"])
def test_nothing_is_left_of_tests(tmp_path: Path, whom: str, number: signal.Signals) -> None:
    """tests/conftest.py has pytest guarded, and with it its workers and what they start."""
    mark = uuid4().hex
    notes, files = [tmp_path / "note.one", tmp_path / "note.two"], [tmp_path / "test_one.py", tmp_path / "test_two.py"]
    for file, note in zip(files, notes, strict=True):
        file.write_text(TESTS.replace("MARK", mark).replace("NOTE", str(note)), encoding="utf-8")
    options = ["-p", "tests.conftest", "--numprocesses=2", "--dist=loadfile"]
    command = [sys.executable, "-m", "pytest", *options, *map(str, files)]
    with running(command, tmp_path, mark) as process:
        wait(lambda: all(note.exists() and note.read_text() for note in notes), "not both have begun")
        [controller] = {int(note.read_text()) for note in notes}
        assert controller != process.pid
        pid = process.pid if whom == "pytest" else controller
        # Ctrl-C is for the whole group, but the controller may be told alone.
        action = os.killpg if number == signal.SIGINT and whom == "pytest" else os.kill
        ends(process, mark, tmp_path, lambda: action(pid, number))


def test_the_exit_code_is_the_programs() -> None:
    for code in (0, 3):
        command = [sys.executable, "-m", "tools.guard", "sh", "-c", f"exit {code}"]
        assert subprocess.run(command, cwd=ROOT, check=False).returncode == code
    command = [sys.executable, "-m", "tools.guard", "sh", "-c", "kill -9 $$"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 128 + signal.SIGKILL


def test_what_is_left_behind_ends_with_the_program(tmp_path: Path) -> None:
    mark = uuid4().hex
    command = [sys.executable, "-m", "tools.guard", "sh", "-c", f"(sleep 86400; : {mark}) & exit 0"]
    with running(command, tmp_path, mark) as process:
        assert process.wait(SECONDS) == 0
        assert left(mark) == []
