"""All benchmarks in one run: prints their tables side by side with baselines, and writes docs/benchmarks.md.

python -m bench
"""

from __future__ import annotations

import os
import platform
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from bench import load, lookup, peers, preview, scale, shapes, targets
from tools import gotools, progress

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


@final
@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page: its title, what its tables say, and what yields their lines."""

    title: str
    about: str
    tables: Callable[[], Iterable[str]]


SECTIONS: Final = (
    Section(
        "What must be fast",
        "Whole processes but where it says otherwise, beside one that only reads the same files or imports the same\n"
        "libraries. Seconds by the clock, and in brackets the seconds of computing; the least of several turns.\n"
        "The clock decides whether a target is met.",
        targets.tables,
    ),
    Section(
        "Beside amlint and amtool",
        "The same Alertmanager configurations for all, as whole processes: a route to its team's channel for each\n"
        "namespace, a page for critical alerts below it, six namespaces a team. Seconds by the clock (of computing).\n"
        "amlint is run once where it takes long. amtool has no `diff`; its `check-config` only loads the file; its\n"
        "`config routes test` takes one case in a process, so that 3,000 cases are a sum made of 20.\n\n"
        "The second table says which of the changes between the two configurations the report of `diff` names.",
        peers.tables,
    ),
    Section(
        "Shapes that are hard to compare",
        "One route of each configuration changes. Targets and times as above, the least of three turns; amlint is run\n"
        "once, for two minutes at most. It compares samples: it may answer fast and miss what changed. Told coarsely:\n"
        "of so many classes `diff` says only that they hold all that fares differently.",
        shapes.tables,
    ),
    Section(
        "Lookups",
        "Microseconds for one alert: ours in Python, and Alertmanager's own `Route.Match` in Go, on the same\n"
        "configurations and label sets, of which none occurs twice. `dict.get` looks once into a dictionary with one\n"
        "entry for each service: how much slower the machine itself gets with their number.\n"
        "To reach: 5 times Go's speed at 1,000 services, 50 times at 10,000; 1.5 times as long from 100 to 10,000.",
        lookup.tables,
    ),
    Section(
        "Large catalogs",
        "`alertpath compile` as a whole process; services of 300 teams, each with a PagerDuty and a Slack receiver.\n"
        "Shared: `routing.share_routes`. What is larger than a Secret holds is refused, which is measured too.",
        scale.tables,
    ),
    Section(
        "On the engine",
        "Beside a program that declares the same resources by hand, in turn, after a warm-up. To reach: 1.0.",
        preview.tables,
    ),
    Section(
        "Under load",
        "Three Alertmanagers of a real cluster that run what alertpath made. Each alert is posted once to all three,\n"
        "as Prometheus does, and has to come to the sink; the posting program and the sink share the machine. Needs\n"
        "root.",
        load.tables,
    ),
)


def page() -> Iterator[str]:
    """The lines of the page, as they are measured."""
    yield "# Benchmarks"
    yield ""
    yield "Look up here how fast each command is, beside other tools, and which targets are met."
    yield f"`make bench` measured it last on {_machine()}. Load when it began: {os.getloadavg()[0]:.1f}."
    begin = time.monotonic()
    for section in SECTIONS:
        yield from ("", f"## {section.title}", "", section.about, "")
        lines = list(_as_measured(section.tables()))
        # One empty line between sections, whatever a section ends with.
        yield from lines[: len(lines) - (lines[-1] == "")]
    print(f"\nMeasured in {(time.monotonic() - begin) / 60:.1f} minutes.", file=sys.stderr)


def _as_measured(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        print(line, file=sys.stderr, flush=True)
        yield line


def _machine() -> str:
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    cores = len(os.sched_getaffinity(0))
    model = f" ({found[1].strip()})" if found else ""
    return f"{cores} cores{model}, {platform.system()}, Python {platform.python_version()}"


def main() -> int:
    """Measures, prints and writes the page."""
    try:
        # So that no build is measured.
        gotools.ensure_all(("amtool", "oracle"))
    except progress.StepError as error:
        progress.say(f"error: {error}")
        return 1
    PAGE.write_text("\n".join(page()) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
