"""`alertpath compile` as a whole process at scale: services of 300 teams, each with a PagerDuty and a Slack receiver.

    python -m bench.scale

To reach is 3 s and 1 MiB, the most that a Secret holds, at 10,000 services. Plain: each service has routes of its own;
shared: services with the same owners share theirs (`routing.share_routes`).
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from alertpath.alertmanager import config as alertmanager
from alertpath.compiling.assemble import Draft
from alertpath.compiling.compile import LARGEST
from alertpath.documents.go_yaml import Reader
from alertpath.inputs.stack import load
from bench.processes import ALERTPATH, Cost, run
from bench.tables import head, printed, row, seconds

SIZES: Final = (100, 1_000, 10_000)
TEAMS: Final = 300
TURNS: Final = 3
_DOMAINS: Final = ("billing", "catalog", "checkout", "identity", "ledger", "orders", "pricing", "search", "stock")
_HOURS: Final = {
    "weekdays": ["monday:friday"],
    "times": [{"start_time": "09:00", "end_time": "18:00"}],
    "location": "Asia/Seoul",
}
_PARTS: Final = ("api", "worker", "gateway", "sync", "web", "cron", "events", "export", "cache", "admin")


def project(directory: Path, services: int, teams: int = TEAMS, *, share: bool = False) -> Path:
    """Writes a stack with so many services and a catalog for each team; returns the stack's file."""
    teams = min(teams, services)
    chance = random.Random(services)  # noqa: S311
    (directory / "catalog").mkdir(parents=True)
    for team in range(teams):
        names = [_name(number) for number in range(team, services, teams)]
        catalog = _catalog(f"team-{team:03d}", names, chance)
        (directory / "catalog" / f"team-{team:03d}.yaml").write_text(_yaml(catalog), encoding="utf-8")
    stack = directory / "Pulumi.scale.yaml"
    stack.write_text(_yaml({"config": {"alertpath:settings": _settings(teams, share)}}), encoding="utf-8")
    return stack


def _name(number: int) -> str:
    return f"{_DOMAINS[number % len(_DOMAINS)]}-{_PARTS[number // 7 % len(_PARTS)]}-{number}"


def _catalog(team: str, services: list[str], chance: random.Random) -> dict[str, Any]:
    return {
        "team": team,
        "receivers": {
            f"{team}-page": {"pagerduty": {"routing_key": f"{team}-key"}, "where_absent": f"{team}-chat"},
            f"{team}-chat": {"slack": {"channel": f"#{team}-alerts", "webhook": f"{team}-webhook"}},
        },
        "timing": {"critical": {"group_wait": "0s"}},
        "services": {name: _service(team, name, chance) for name in services},
        "namespaces": {f"{team}-apps": {"any": f"{team}-chat"}},
    } | ({"time_intervals": {"business-hours": [_HOURS]}} if team == "team-000" else {})


def _service(team: str, name: str, chance: random.Random) -> dict[str, Any]:
    info: Any = f"{team}-chat"
    if chance.random() < 0.2:
        info = {"to": info, "active_time_intervals": ["business-hours"]}
    service = {"critical": f"{team}-page", "warning": f"{team}-chat", "info": info}
    if chance.random() < 0.05:
        service = {"match": [f'service="{name}"', f'namespace="{team}-apps"'], **service}
    return service


def _settings(teams: int, share: bool) -> dict[str, Any]:
    receivers = [f"team-{team:03d}-{kind}" for team in range(teams) for kind in ("page", "chat")]
    keys = [f"team-{team:03d}-{kind}" for team in range(teams) for kind in ("key", "webhook")]
    routing: dict[str, Any] = {"default_receiver": receivers[1]}
    return {
        "delivery": "cluster",
        "receivers": receivers,
        "routing": routing | ({"share_routes": True} if share else {}),
        "credentials": {"provider": "existing", "values": dict.fromkeys(keys)},
    }


def _yaml(data: object) -> str:
    # As people write it: short lists and mappings on one line.
    return yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False, width=120, default_flow_style=None)


def _cost(stack: Path) -> Cost:
    # Exit code 1: it is too large for a Secret, which is found out at the very end.
    return run((ALERTPATH, "compile", "--stack", "scale"), codes=(0, 1), cwd=stack.parent, turns=TURNS).cost


def _content(stack: Path) -> tuple[int, int]:
    """The bytes and the routes of a configuration, whether it fits or not."""
    config = alertmanager.config_from(Reader("scale"), Draft(load(stack)).mapping)
    return len(alertmanager.dump(config).encode()), sum(1 for _ in alertmanager.walk(config.route))


def tables() -> Iterator[str]:
    """The lines of the table."""
    yield head("services", "teams", "routes are", "by the clock", "computing", "routes", "bytes", "of a Secret")
    for services in SIZES:
        for share in (False, True):
            with tempfile.TemporaryDirectory() as directory:
                stack = project(Path(directory), services, share=share)
                size, routes = _content(stack)
                cost = _cost(stack)
            yield row(
                f"{services:,}",
                min(TEAMS, services),
                "shared" if share else "plain",
                seconds(cost.wall),
                seconds(cost.cpu),
                f"{routes:,}",
                f"{size:,}",
                f"{size / LARGEST:.0%}",
            )


if __name__ == "__main__":
    printed(tables())
