"""What must be fast, with its target, beside a baseline of the same run that reads the same files.

python -m bench.targets
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from alertpath.alertmanager.config import Config, InhibitRule, Receiver, Route
from alertpath.alertmanager.matchers import Matcher
from alertpath.configurations.loaded import of_file
from alertpath.expectations.plan import against_config, read_files
from alertpath.expectations.run import run as run_cases
from alertpath.semantics.inhibition import Inhibitor, Sources
from bench import fleet, peers, scale
from bench.processes import ALERTPATH, TURNS, Cost, inside, python, run
from bench.tables import head, printed, row, seconds

ROOT: Final = Path(__file__).resolve().parent.parent
_IMPORTS: Final = "import re2, yaml"
_LOAD: Final = f"{_IMPORTS}, sys\nfor name in sys.argv[1:]: yaml.load(open(name), Loader=yaml.CSafeLoader)"
_RULES, _FIRING, _REGEXES, _SERVICES = 1_000, 3_000, 3_000, 10_000


@final
@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured, the seconds that it may take, what it cost, and a baseline with its cost."""

    what: str
    target: float | None
    cost: Cost
    baseline: str
    least: Cost

    def line(self) -> str:
        """A row of the table. The clock decides whether a target is met."""
        met = "-" if self.target is None else "yes" if self.cost.wall < self.target else "**no**"
        target = "-" if self.target is None else f"< {self.target:g} s"
        told = f"{seconds(self.cost.wall)} ({seconds(self.cost.cpu)})"
        base = f"{self.baseline}: {seconds(self.least.wall)} ({seconds(self.least.cpu)})"
        return row(self.what, target, told, met, base)


def tables() -> Iterator[str]:
    """The lines of the table."""
    yield head("", "target", "measured", "met", "baseline")
    with tempfile.TemporaryDirectory() as directory:
        for measured in _all(Path(directory)):
            yield measured.line()


def _all(work: Path) -> Iterator[Measured]:
    yield from _start()
    yield from _fleets(work)
    yield _regexes(work / "regexes")
    yield _rules(work / "rules")
    yield _cases(work / "cases")
    yield _inhibition()
    yield _services(work / "services")


# What is asked of this repository's production, with the seconds of computing that it may take.
_PRODUCTION: Final[tuple[tuple[str, float, tuple[str, ...]], ...]] = (
    ("explain", 0.18, ("--stack", "production", "service=seedtest-api", "severity=critical")),
    ("diff", 0.18, ("Pulumi.staging.yaml", "Pulumi.production.yaml")),
    ("check", 0.18, ("--stack", "production")),
    ("test", 0.18, ("--stack", "production")),
    ("compile", 0.3, ("--stack", "production")),
)


def _start() -> Iterator[Measured]:
    cost = run((ALERTPATH, "--help")).cost
    yield Measured("`--help`", 0.1, cost, "`python -c pass`", python("pass"))
    for command, target, arguments in _PRODUCTION:
        cost = run((ALERTPATH, command, *arguments), codes=(0, 1), cwd=ROOT).cost
        yield Measured(
            f"`{command}`, this repository's production", target, cost, "its imports alone", python(_IMPORTS)
        )


def _fleets(work: Path) -> Iterator[Measured]:
    for namespaces, most in ((1_000, 1), (3_000, 3)):
        files = peers.written(work / str(namespaces), namespaces)
        cost = run((ALERTPATH, "diff", files.old, files.new), codes=(1,)).cost
        yield _beside_load(f"`diff` of {namespaces:,} namespaces", most, cost, files.old, files.new)
        if namespaces > 1_000:
            continue
        cost = run((ALERTPATH, "check", "--config", files.old)).cost
        yield _beside_load(f"`check` of {namespaces:,} namespaces", 1, cost, files.old)
        cost = run((ALERTPATH, "test", "--config", files.old, files.cases)).cost
        yield _beside_load(f"`test` of {peers.CASES:,} cases, all of it", 0.5, cost, files.old, files.cases)


def _beside_load(what: str, target: float, cost: Cost, *files: Path) -> Measured:
    return Measured(what, target, cost, "libyaml loads the files", python(_LOAD, *files))


def _regexes(work: Path) -> Measured:
    # Nothing in the first routes tells by a fixed text which alerts they take; the last route changes.
    work.mkdir()
    sides: list[Path] = []
    for receiver in ("team-000-chat", "team-001-chat"):
        config = fleet.configuration(12)
        config["route"]["routes"] = [
            *({"matchers": [f'service=~"svc{number}-.*"'], "receiver": "default"} for number in range(_REGEXES)),
            {"matchers": ['namespace=~"apps.*"', 'service=~"svc.*-(db|api)"'], "receiver": receiver},
        ]
        sides.append(work / f"{receiver}.yaml")
        sides[-1].write_text(fleet.in_yaml(config), encoding="utf-8")
    cost = run((ALERTPATH, "diff", *sides)).cost
    return _beside_load(f"`diff` of a regex route behind {_REGEXES:,} others", 3, cost, *sides)


def _rules(work: Path) -> Measured:
    work.mkdir()
    names: list[Path] = []
    for number in range(_RULES):
        names.append(work / f"{number:04d}.yaml")
        names[-1].write_text(fleet.in_yaml(_rule_file(number)), encoding="utf-8")
    cost = run((ALERTPATH, "check", "--stack", "production", "--rules", work), codes=(0, 1), cwd=ROOT).cost
    return _beside_load(f"`check --rules` with {_RULES:,} files of five alerts", 2, cost, *names)


def _rule_file(number: int) -> dict[str, Any]:
    rules = [
        {
            "alert": f"Alert{number}x{each}",
            "expr": f'sum(rate(http_requests_total{{service="seedtest-api",code=~"5.."}}[5m])) > {each}',
            "for": "5m",
            "labels": {"severity": ("critical", "warning", "info")[each % 3], "service": "seedtest-api"},
            "annotations": {"summary": "{{ $labels.service }} fails", "description": "More than it should."},
        }
        for each in range(5)
    ]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": f"rules-{number}", "namespace": "seedtest"},
        "spec": {"groups": [{"name": f"group-{number}", "rules": rules}]},
    }


def _cases(work: Path) -> Measured:
    files = peers.written(work, 1_000)
    loaded, read = of_file(files.old), read_files([files.cases], ROOT)
    trials = against_config(read, loaded, None)
    assert not run_cases(trials).failed
    cost = inside(lambda: run_cases(trials))
    routed = inside(lambda: [dict(case.labels) for case in read[0].expectations.cases])
    return Measured(f"{peers.CASES:,} cases once they are read", 0.5, cost, "copying their labels", routed)


def _inhibition() -> Measured:
    chance = random.Random(1)  # noqa: S311
    rules = tuple(
        InhibitRule(
            source=(Matcher("alertname", "=", f"Down{number}"), Matcher("severity", "=", "critical")),
            target=(Matcher("severity", "=~", "warning|info"),),
            equal=("cluster", "namespace"),
        )
        for number in range(_RULES)
    )
    config = Config(route=Route(receiver="all"), receivers=(Receiver(name="all"),), inhibit_rules=rules)
    alerts = [
        {"alertname": f"Down{chance.randrange(_RULES * 2)}", "severity": "critical", "namespace": f"apps-{number % 50}"}
        for number in range(_FIRING)
    ]
    target = {"alertname": "Slow", "severity": "warning", "namespace": "apps-7"}

    def ask() -> int:
        sources = Sources(config)
        return sum(bool(Inhibitor(config, [alert], sources).inhibiting(target)) for alert in alerts)

    assert 0 < ask() < _FIRING
    probes = inside(lambda: [alert.get("alertname") == rule for alert in alerts for rule in range(_RULES)], turns=1)
    what = f"{_FIRING:,} sets of firing alerts, {_RULES:,} inhibition rules"
    return Measured(what, None, inside(ask, 2), "comparing each alert with each rule once", probes)


def _services(work: Path) -> Measured:
    stack = scale.project(work, _SERVICES, share=True)
    catalogs: Sequence[Path] = sorted((work / "catalog").iterdir())
    cost = run((ALERTPATH, "compile", "--stack", "scale"), cwd=stack.parent, turns=TURNS).cost
    return _beside_load(f"`compile` of {_SERVICES:,} services", 3, cost, *catalogs)


if __name__ == "__main__":
    printed(tables())
