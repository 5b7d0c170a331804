"""Runs whole processes and says what they cost: the least of several turns, since whatever else runs only adds."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

PYTHON: Final = Path(sys.executable)
ALERTPATH: Final = PYTHON.parent / "alertpath"
TURNS: Final = 5


@final
@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and seconds for which it computed (user and system, with the processes that it starts)."""

    wall: float
    cpu: float


@final
@dataclass(frozen=True, slots=True)
class Ran:
    """What processes cost at least, and what the last of them printed."""

    cost: Cost
    output: str


def run(command: Sequence[object], codes: Sequence[int] = (0,), turns: int = TURNS, cwd: Path | None = None) -> Ran:
    """Runs a command so many times. Its exit code must be one of `codes`."""
    costs: list[Cost] = []
    output = ""
    for _ in range(turns):
        before, begin = _computed(), time.perf_counter()
        done = subprocess.run(list(map(str, command)), cwd=cwd, check=False, capture_output=True, text=True)
        costs.append(Cost(time.perf_counter() - begin, _computed() - before))
        assert done.returncode in codes, f"{command}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        output = done.stdout
    return Ran(least(costs), output)


def python(code: str, *arguments: object, turns: int = TURNS) -> Cost:
    """What a process costs that runs these lines of Python alone."""
    return run((PYTHON, "-c", code, *arguments), turns=turns).cost


def inside(work: Callable[[], object], turns: int = TURNS) -> Cost:
    """What a function costs in this process."""
    costs: list[Cost] = []
    for _ in range(turns):
        before, begin = time.process_time(), time.perf_counter()
        work()
        costs.append(Cost(time.perf_counter() - begin, time.process_time() - before))
    return least(costs)


def least(costs: Sequence[Cost]) -> Cost:
    """The least of each."""
    return Cost(min(cost.wall for cost in costs), min(cost.cpu for cost in costs))


def _computed() -> float:
    # Children that have ended and been waited for.
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
