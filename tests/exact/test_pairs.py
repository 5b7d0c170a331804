"""What `diff` says of hard shapes, against a walk of both trees; also with hardly any budget, where it is coarse."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from alertpath.alertmanager.config import Config
from alertpath.diff.conditions.differences import Found
from alertpath.diff.deliveries.comparison import diff
from alertpath.diff.deliveries.notifications import Deliveries
from alertpath.diff.deliveries.verdicts import KINDS, Change, Judge
from alertpath.semantics.budget import Budget
from alertpath.semantics.routing import effective_routes
from tests.pairs import alerts, pair

from .test_routing import tree_walk

_PAIRS = 600


class Reference:
    """What happens to an alert, by walks of both trees."""

    def __init__(self, old: Config, new: Config) -> None:
        deliveries = Deliveries()
        self._judge = Judge(deliveries)
        self._roots = [config.route for config in (old, new)]
        self._numbers = [
            {id(route.route): number for route, number in zip(routes, deliveries.number(config, routes), strict=True)}
            for config in (old, new)
            for routes in (effective_routes(config.route),)
        ]

    def change(self, labels: dict[str, str]) -> Change | None:
        """What is different for it; None: nothing."""
        before, after = (
            Counter(numbers[id(route)] for route in tree_walk(root, labels))
            for root, numbers in zip(self._roots, self._numbers, strict=True)
        )
        gone, come = (tuple(sorted(side.elements())) for side in (before - after, after - before))
        besides = any(map(self._judge.audible, before & after))
        return next(self._judge.changes(Found((), gone, come, besides, {})), None)


def faults(old: Config, new: Config, changes: tuple[Change, ...], drawn: list[dict[str, str]]) -> list[str]:
    """What is said wrongly of these alerts."""
    reference = Reference(old, new)
    found: list[str] = []
    for labels in drawn:
        expected = reference.change(labels)
        here = [change for change in changes if labels in change]
        exact = [change for change in here if not change.varies]
        kind = expected.kind if expected else None
        if kind is None:
            if exact:
                found.append(f"{labels}: nothing, said {[change.kind for change in exact]}")
            continue
        if not here or min(KINDS.index(change.kind) for change in here) > KINDS.index(kind):
            found.append(f"{labels}: {kind}, said {[change.kind for change in here]}")
        if len(here) == 1 and exact and not here[0].apart and here[0].kind != kind:
            found.append(f"{labels}: {kind}, said {here[0].kind}")
        if len(exact) > 1 and not all(change.apart for change in exact):
            found.append(f"{labels}: {kind}, said more than once")
    for change in changes:
        example = change.example()
        if example is None:
            found.append(f"no example of {change.kind}")
        elif example not in change or (expected := reference.change(example)) is None:
            found.append(f"{example} is no example of {change.kind}")
        elif not change.varies and not change.apart and expected.kind != change.kind:
            found.append(f"{example} is {expected.kind}, not {change.kind}")
    return found


@pytest.mark.parametrize("seed", range(4))
def test_every_alert_fares_as_is_said(seed: int) -> None:
    for number in range(seed, _PAIRS, 4):
        chance = random.Random(number)
        old, new = pair(chance)
        drawn = alerts(chance, 30)
        assert not faults(old, new, diff(old, new).changes, drawn), f"pair {number}"


@pytest.mark.parametrize("work", [0, 0.0002, 0.002])
def test_with_hardly_any_budget_nothing_is_missed(work: float) -> None:
    for number in range(150):
        chance = random.Random(f"coarse {number}")
        old, new = pair(chance)
        drawn = alerts(chance, 30)
        changes = diff(old, new, budget=Budget(work)).changes
        wrong = [fault for fault in faults(old, new, changes, drawn) if not fault.startswith("no example")]
        assert not wrong, f"pair {number}"
