"""The processes of a test cluster: started, watched, killed, paused, and all ended at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, final

SECONDS: Final = 60


@final
class Process:
    """One command with its log; it can be started again after it has ended."""

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self.name: Final = name
        self.command: Final = command
        self.log: Final = log
        self._env = None if env is None else dict(env)
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it; what it prints is added to the log."""
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self.command,
                env=self._env,
                stdin=subprocess.DEVNULL,
                # A file: nothing reads a pipe while tests run.
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the harness alone.
                start_new_session=True,
            )

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs."""
        assert self._running is not None, f"{self.name} was never started"
        return self._running.poll()

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._running is not None and self._running.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Sends it a signal, such as SIGSTOP and SIGCONT for a pause."""
        if self._running is not None:
            self._running.send_signal(number)

    def stop(self, grace: float) -> None:
        """Ends it as Kubernetes does: SIGTERM, then after `grace` seconds SIGKILL."""
        if self._running is not None and self.running:
            self._running.terminate()
            try:
                self._running.wait(grace)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """`kill -9`."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]


@final
class Processes:
    """Every process of a cluster. Leaving the block ends them, and no others."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.logs: Final = logs
        self._all: list[Process] = []

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        # They would take their time to stop in good order, for nothing: their files go too.
        for process in reversed(self._all):
            process.kill()

    def start(self, name: str, *command: str | Path, env: Mapping[str, str] | None = None) -> Process:
        """Starts a command; `env` is added to the environment."""
        process = self.add(name, [str(word) for word in command], {**os.environ, **(env or {})})
        process.start()
        return process

    def add(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> Process:
        """A process that is not started yet, in exactly this environment."""
        process = Process(name, command, self.logs / f"{name}.log", env)
        self._all.append(process)
        return process

    def wait(self, condition: Callable[[], bool], what: str, *needed: Process, seconds: float = SECONDS) -> None:
        """Waits until `condition` holds. AssertionError when it takes longer or a `needed` process ends."""
        until(condition, lambda: what, seconds, needed)


def until(
    condition: Callable[[], bool], what: Callable[[], str], seconds: float = SECONDS, needed: Sequence[Process] = ()
) -> None:
    """Waits until `condition` holds. AssertionError with `what` after `seconds`, or when a `needed` process ends."""
    end = time.monotonic() + seconds
    while not condition():
        for process in needed:
            assert process.running, f"{process.name} ended: {process.tail()}"
        logs = "".join(f"\n{process.name}: {process.tail()}" for process in needed)
        assert time.monotonic() < end, f"not within {seconds:g} s: {what()}{logs}"
        time.sleep(0.1)
