"""Lookups of routes: ours in Python against Alertmanager's own `Route.Match` in Go, on the same configurations.

    python -m bench.lookup

Distinct label sets, nothing remembered from one lookup to the next, both sides in one run; the best of several turns
each. A table for plain routes, one with 10 % regexes and 10 % `continue` routes, and one with 3,000 namespace routes
behind the services. Beside it one `dict.get` with as many entries.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager.config import Config, Receiver, Route
from alertpath.alertmanager.matchers import Matcher, Op
from alertpath.semantics.routing import Router
from bench.tables import head, printed, row
from tests.oracle import Oracle

SIZES: Final = (100, 1_000, 10_000)
ALERTS: Final = 10_000
TURNS: Final = 15
_SEVERITIES: Final[tuple[tuple[Op, str] | None, ...]] = (("=", "critical"), ("=~", "warning|info"), None)


@dataclass(frozen=True)
class Shape:
    """One table: shares of regex and of `continue` routes, and how many namespace routes come after the services."""

    title: str
    regex: float = 0
    go_on: float = 0
    namespaces: int = 0


SHAPES: Final = (
    Shape("three routes each"),
    Shape("10 % regexes, 10 % `continue`", 0.1, 0.1),
    Shape("the same and 3,000 namespaces", 0.1, 0.1, 3_000),
)


def configuration(services: int, shape: Shape) -> Config:
    """Services with three routes each, then namespaces with one."""
    return Config(
        route=Route(receiver="default", group_by=("alertname",), routes=tuple(_routes(services, shape))),
        receivers=(Receiver(name="default"), *(Receiver(name=f"team-{number}") for number in range(300))),
    )


def _routes(services: int, shape: Shape) -> Iterator[Route]:
    chance = random.Random(1)  # noqa: S311
    for number in range(services):
        for severity in _SEVERITIES:
            name = f"service-{number:05d}"
            if chance.random() < shape.regex:
                first = Matcher("service", "=~", f"{name}(-.*)?")
            else:
                first = Matcher("service", "=", name)
            more = (Matcher("severity", *severity),) if severity else ()
            yield Route(
                receiver=f"team-{number % 300}", matchers=(first, *more), continue_=chance.random() < shape.go_on
            )
    for number in range(shape.namespaces):
        yield Route(receiver=f"team-{number % 300}", matchers=(Matcher("namespace", "=", f"namespace-{number}"),))


def alerts(services: int, count: int = ALERTS) -> list[dict[str, str]]:
    """Distinct label sets: nine of ten of a service that has routes."""
    chance = random.Random(2)  # noqa: S311
    return [
        {
            "alertname": f"Alert{number % 97}",
            "cluster": "production",
            "namespace": f"namespace-{chance.randrange(4_000)}",
            "pod": f"pod-{number}",
            "service": f"service-{chance.randrange(services * 10 // 9):05d}" + chance.choice(("", "", "", "-db")),
            "severity": chance.choice(("critical", "warning", "info", "none")),
        }
        for number in range(count)
    ]


def ours(router: Router, labels: Sequence[dict[str, str]]) -> float:
    """Seconds for one lookup on average, in the best turn."""
    match = router.match
    best = float("inf")
    # What the rest of the program allocated is no part of a lookup.
    gc.collect()
    gc.freeze()
    for _ in range(TURNS):
        begin = time.process_time()
        for each in labels:
            match(each)
        best = min(best, time.process_time() - begin)
    gc.unfreeze()
    return best / len(labels)


def of_a_dict(services: int, labels: Sequence[dict[str, str]]) -> float:
    """Seconds for finding one alert's service in a dictionary of as many entries, in the best turn.

    How much longer that takes with more entries is what the processor's caches make of it: the least there can be.
    """
    found = {f"service-{number:05d}": [number] for number in range(services)}
    get = found.get
    best = float("inf")
    for _ in range(TURNS):
        begin = time.process_time()
        for each in labels:
            get(each["service"])
        best = min(best, time.process_time() - begin)
    return best / len(labels)


def tables() -> Iterator[str]:
    """The lines of the tables."""
    with Oracle(timeout=600) as oracle:
        for shape in SHAPES:
            yield from (f"{shape.title.capitalize()}:", "")
            yield head("services", "routes", "build", "ours, Python", "Alertmanager, Go", "times as fast", "`dict.get`")
            times: list[tuple[float, float]] = []
            for services in SIZES:
                config = configuration(services, shape)
                labels = alerts(services)
                begin = time.perf_counter()
                router = Router(config)
                build = time.perf_counter() - begin
                theirs = _theirs(oracle, config, router, labels)
                mine, least = ours(router, labels), of_a_dict(services, labels)
                times.append((mine, least))
                yield row(
                    f"{services:,}",
                    f"{len(router.routes):,}",
                    f"{build:.2f} s",
                    f"{mine * 1e6:.2f} µs",
                    f"{theirs * 1e6:.1f} µs",
                    f"**{theirs / mine:.1f}**",
                    f"{least * 1e9:.0f} ns",
                )
            growth, smallest = (times[-1][side] / times[0][side] for side in (0, 1))
            yield ""
            sizes = f"{SIZES[0]} to {SIZES[-1]:,} services"
            yield f"From {sizes} ours takes {growth:.2f} times as long, `dict.get` {smallest:.2f} times."
            yield ""


def _theirs(oracle: Oracle, config: Config, router: Router, labels: Sequence[dict[str, str]]) -> float:
    # Seconds for one lookup in Go, after both have given the same answers.
    with oracle.config(alertmanager.dump(config)) as handle:
        sample = labels[:500]
        for each, expected in zip(sample, oracle.match(handle, sample), strict=True):
            assert [route.place[2::2] for route in router.match(each)] == [match.path for match in expected]
        some = labels[: 600_000_000 // (200 * len(router.routes) + 20_000)]
        return min(oracle.bench(handle, some, 1).ns_per_match for _ in range(TURNS)) / 1e9


if __name__ == "__main__":
    printed(tables())
