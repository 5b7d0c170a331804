"""Runs a slow command, so that a person can see that it goes on and where to look if it fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_TICK_SECONDS = 10
_LINES_OF_ERROR = 12


class StepError(Exception):
    """A step failed; the message says which, why, and how to mend it."""

    def __init__(self, message: str, reason: str = "") -> None:
        """`reason` is the why alone, in a few words."""
        super().__init__(message)
        self.reason = reason or message


def say(text: str) -> None:
    """One line for the person who waits. Standard output stays free for results."""
    print(text, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """`42 s`, `3 min 05 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def run(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path | None = None,
    limit: float | None = None,
    describe: Callable[[str], str] | None = None,
) -> float:
    """Run `command` with its whole output in `log`, saying every ten seconds how it goes.

    `describe` makes a few words of the output so far. Returns the seconds it took. After `limit`
    seconds the command is stopped, with everything that it started.
    """
    started = time.monotonic()
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A group of its own can be stopped as a whole; without one, whoever stops this process
            # (Ctrl-C, a CI's time limit) stops the command too.
            start_new_session=limit is not None,
        )
        try:
            while (code := _exit_code(process)) is None:
                elapsed = time.monotonic() - started
                if limit is not None and elapsed > limit:
                    reason = f"not finished after {duration(elapsed)}"
                    raise StepError(f"{name}: {reason}; log: {log}", reason)
                words = f", {describe(_text(log))}" if describe else ""
                say(f"  {name}: {duration(elapsed)}{words}")
        finally:
            if process.poll() is None:
                if limit is not None:
                    os.killpg(process.pid, signal.SIGKILL)
                process.kill()
                process.wait()
    if code != 0:
        lines = _text(log).splitlines()[-_LINES_OF_ERROR:]
        shown = "".join(f"    {line}\n" for line in lines)
        # Programs say what went wrong in their last line.
        reason = lines[-1].strip() if lines else f"exit code {code}"
        raise StepError(f"{name}: exit code {code}\n{shown}  whole log: {log}", reason)
    return time.monotonic() - started


def _exit_code(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(_TICK_SECONDS)
    except subprocess.TimeoutExpired:
        return None


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")
