#!/usr/bin/env python3
"""Ends all that a program has started when the program ends, however it ends: done, failed, Ctrl-C, SIGTERM, SIGKILL.

    python -m tools.guard COMMAND...

Two processes stand before the program, one before the other. An orphan becomes their child (PR_SET_CHILD_SUBREAPER,
prctl(2)), also one with a session or a PID namespace of its own. So each guard finds all that the program has started.
Whichever of the three is killed, one guard is left to end the rest. Where `make` has started the program, the outer
guard also looks whether `make` is still there.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

_PDEATHSIG: Final = 1
_CHILD_SUBREAPER: Final = 36
_ENDING: Final = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
_SIGNALS: Final = _ENDING | {signal.SIGCHLD}
GRACE: Final = 15
"""Seconds that a program has after Ctrl-C or SIGTERM to end by itself."""
_KILLING: Final = 10
_LOOK: Final = 0.5


def protect() -> None:
    """From here on the program is the guards' child, and goes on. Call it before any thread is started."""
    if sys.platform != "linux":
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    make = _make()
    _guarded(lambda: make is not None and bool(select.select([make], [], [], 0)[0]), GRACE + _KILLING)
    outer = os.getppid()
    _guarded(lambda: os.getppid() != outer, GRACE)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def descendants(root: int) -> list[int]:
    """The processes that `root` has started, and those that they have started, as far as they still run."""
    children: dict[int, list[int]] = {}
    for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        if (parent := _parent(pid)) is not None:
            children.setdefault(parent, []).append(pid)
    found = list(children.get(root, ()))
    for each in found:
        found += children.get(each, ())
    return found


def _guarded(alone: Callable[[], bool], grace: float) -> None:
    """Forks: the child returns, and this process guards it. `alone`: whether who guards or waits for it is gone."""
    guard = os.getpid()
    _prctl(_CHILD_SUBREAPER, 1)
    child = os.fork()
    if child:
        _guard(child, alone, grace)
    # It need not wait for its next look.
    _prctl(_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != guard:
        os._exit(1)


def _guard(child: int, alone: Callable[[], bool], grace: float) -> NoReturn:
    deadline = float("inf")
    while True:
        got = signal.sigtimedwait(_SIGNALS, _LOOK)
        status = _reaped(child)
        if status is None and got and got.si_signo in _ENDING:
            again, deadline = deadline < float("inf"), min(deadline, time.monotonic() + grace)
            if got.si_signo != signal.SIGINT:
                os.kill(child, got.si_signo)
            elif again:
                # The terminal sends Ctrl-C to the program too. A second one is of somebody who will not wait.
                deadline = 0
        if status is not None or alone() or time.monotonic() > deadline:
            _end_all()
            os._exit(128 + signal.SIGTERM if status is None else status)


def _reaped(child: int) -> int | None:
    """Takes the exit codes of orphans that have ended; the child's, once it has ended too."""
    code = None
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == child:
                code = os.waitstatus_to_exitcode(ended[1])
    return code if code is None or code >= 0 else 128 - code


def _end_all() -> None:
    end = time.monotonic() + _KILLING
    # Again and again: they may start others meanwhile.
    while (left := descendants(os.getpid())) and time.monotonic() < end:
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        _reaped(0)
        time.sleep(0.01)


def _make() -> int | None:
    """The nearest `make` above, as a pidfd."""
    pid: int | None = os.getppid()
    while pid:
        with suppress(OSError):
            if Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() in {"make", "gmake"}:
                return os.pidfd_open(pid)
        pid = _parent(pid)
    return None


def _parent(pid: int) -> int | None:
    """The fourth field of proc_pid_stat(5), behind a name in parentheses that may hold anything; None: it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[1])


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    protect()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - that is what it is for
