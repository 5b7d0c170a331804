"""Random pairs of small configurations of the shapes that are hard to compare, and alerts that tell them apart.

Many regexes on one label, on two labels, only negative matchers, absent labels, routes that go on, nesting, names that
need quotes.
"""

from __future__ import annotations

import random
from dataclasses import replace

from alertpath.alertmanager.config import Config, Receiver, Route
from alertpath.alertmanager.matchers import Matcher, Op

LABELS = ("x", "a", "team", "my label", "größe")
WORDS = ("", "s1", "s2", "s12", "-svc1-", "-svc2-svc1-", "-svc3--svc2-", "api-1", "web-12", "api-2c1", "c2", "ü")
REGEXES = (
    *("s1.*", "s.*", ".*1", ".*-svc1-.*", ".*-svc2-.*", ".*-svc3-.*", "(api|web)-1.*", "(api|web)-2.*", ".*c1"),
    *("s1|s2", "s1|", ".*", ".+", "", "[a-z]+-\\d+", "(s|-)?.*2.*", "ü|.1", "[^s].*"),
)
RECEIVERS = (
    Receiver(name="root", integrations={"slack_configs": [{"channel": "#root", "api_url_file": "/s"}]}),
    Receiver(name="page", integrations={"pagerduty_configs": [{"routing_key_file": "/x"}]}),
    Receiver(name="pager", integrations={"pagerduty_configs": [{"routing_key_file": "/y"}]}),
    Receiver(name="chat", integrations={"slack_configs": [{"channel": "#chat", "api_url_file": "/s"}]}),
    Receiver(name="nobody"),
)
_NAMES = tuple(receiver.name for receiver in RECEIVERS)
_EQUAL: tuple[Op, ...] = ("=", "=", "!=")
_LIKE: tuple[Op, ...] = ("=~", "=~", "!~")
SHAPES = ("one label", "two labels", "negative", "goes on", "mixed", "nested")


def pair(chance: random.Random) -> tuple[Config, Config]:
    """A configuration, and the same with up to three changes."""
    shape = chance.choice(SHAPES)
    labels = LABELS[:1] if shape == "one label" else LABELS[:2] if shape == "two labels" else LABELS
    deep = {"nested": 3, "mixed": 1}.get(shape, 0)
    routes = tuple(_route(chance, shape, labels, deep) for _ in range(chance.randint(1, 2 if deep else 5)))
    old = Route(receiver=chance.choice(_NAMES), routes=routes)
    new = old
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        new = _changed(new, chance, shape, labels)
    return Config(route=old, receivers=RECEIVERS), Config(route=new, receivers=RECEIVERS)


def alerts(chance: random.Random, count: int) -> list[dict[str, str]]:
    """Labels at random; some are absent."""
    drawn = [{label: chance.choice(WORDS) for label in LABELS} for _ in range(count)]
    return [{label: value for label, value in labels.items() if value} for labels in drawn]


def _matcher(chance: random.Random, shape: str, labels: tuple[str, ...]) -> Matcher:
    label = chance.choice(labels)
    if shape == "negative" and chance.random() < 0.8:
        if chance.random() < 0.5:
            return Matcher(label, "!=", chance.choice(WORDS))
        return Matcher(label, "!~", chance.choice(REGEXES))
    if chance.random() < (0.2 if shape == "one label" else 0.5):
        return Matcher(label, chance.choice(_EQUAL), chance.choice(WORDS))
    return Matcher(label, chance.choice(_LIKE), chance.choice(REGEXES))


def _route(chance: random.Random, shape: str, labels: tuple[str, ...], deep: int) -> Route:
    below = chance.randint(0, 2) if deep else 0
    return Route(
        receiver=chance.choice((None, *_NAMES)),
        matchers=tuple(_matcher(chance, shape, labels) for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 0)))),
        continue_=chance.random() < (0.8 if shape == "goes on" else 0.3 if deep else 0.1),
        group_wait=chance.choice((None, None, 0, 1000)),
        routes=tuple(_route(chance, shape, labels, deep - 1) for _ in range(below)),
    )


def _routes(route: Route) -> list[Route]:
    return [route, *(below for child in route.routes for below in _routes(child))]


def _changed(root: Route, chance: random.Random, shape: str, labels: tuple[str, ...]) -> Route:
    victim = chance.choice(_routes(root))
    what = chance.randrange(9)
    if victim is root:
        what = chance.choice((0, 5, 6, 7, 8))

    def change(route: Route) -> Route:
        if route is not victim:
            return replace(route, routes=tuple(map(change, route.routes)))
        match what:
            case 0:
                return replace(route, receiver=chance.choice(_NAMES))
            case 1:
                return replace(route, continue_=not route.continue_)
            case 2:
                return replace(route, matchers=route.matchers[1:])
            case 3:
                return replace(route, matchers=(*route.matchers, _matcher(chance, shape, labels)))
            case 4:
                kept = [chance.choice((each, _matcher(chance, shape, labels))) for each in route.matchers]
                return replace(route, matchers=tuple(kept))
            case 5:
                return replace(route, routes=tuple(chance.sample(route.routes, len(route.routes))))
            case 6:
                return replace(route, routes=route.routes[1:])
            case 7:
                return replace(route, routes=(_route(chance, shape, labels, 0), *route.routes))
            case _:
                return replace(route, group_wait=chance.choice((0, 5000)))

    return change(root)
