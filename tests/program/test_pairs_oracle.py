"""What `diff` says of hard shapes, against Alertmanager's own code: 20,000 random pairs of configurations.

`ALERTPATH_PAIRS=100000 pytest tests/program/test_pairs_oracle.py` tries more, `ALERTPATH_SEED` others.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager.config import Config
from alertpath.diff.deliveries.comparison import diff
from alertpath.diff.deliveries.verdicts import KINDS, Change
from alertpath.semantics.budget import Budget
from tests.oracle import Oracle
from tests.pairs import alerts, pair

from .seen import Labels, Views, kind

PAIRS = int(os.environ.get("ALERTPATH_PAIRS", "20000"))
SEED = os.environ.get("ALERTPATH_SEED", "pairs")
_PARTS = 4


@pytest.fixture(scope="module")
def oracle(tool: Callable[[str], Path]) -> Iterator[Oracle]:
    tool("oracle")
    with Oracle() as running:
        yield running


def _faults(views: Views, old: Config, new: Config, changes: tuple[Change, ...], drawn: list[Labels]) -> list[str]:
    loaded = [views.load(alertmanager.dump(config)) for config in (old, new)]
    try:
        examples = [change.example() for change in changes]
        asked = [*drawn, *(example for example in examples if example is not None)]
        sides = [views.told(view, asked) for view in loaded if view is not None]
        assert len(sides) == 2, "Alertmanager refuses what Python takes"
        expected = [kind(before, after) for before, after in zip(*sides, strict=True)]
    finally:
        for view in loaded:
            if view is not None:
                views.drop(view)
    found: list[str] = []
    for labels, right in zip(asked, expected, strict=True):
        here = [change for change in changes if labels in change and change.kind != "nobody"]
        exact = [change.kind for change in here if not change.varies]
        said = [change.kind for change in here]
        if right is None or right == "nobody":
            if exact:
                found.append(f"{labels}: nothing, said {said}")
            continue
        milder = not said or min(map(KINDS.index, said)) > KINDS.index(right)
        alone = len(said) == len(exact) == 1 and not here[0].apart
        if milder or (alone and not _is(said[0], right)):
            found.append(f"{labels}: {right}, said {said}")
    for change, example in zip(changes, examples, strict=True):
        if example is None or example not in change:
            found.append(f"{example} is no example of {change.kind}")
    return found


def _is(said: str, right: str) -> bool:
    # `seen.kind` may not tell a page from another message.
    return said == right or (said == "newly pages" and right in ("moved", "new"))


@pytest.mark.parametrize("part", range(_PARTS))
def test_every_alert_fares_as_is_said(oracle: Oracle, part: int) -> None:
    views = Views(oracle)
    for number in range(part, PAIRS, _PARTS):
        chance = random.Random(f"{SEED} {number}")
        old, new = pair(chance)
        drawn = alerts(chance, 12)
        assert not _faults(views, old, new, diff(old, new).changes, drawn), f"pair {SEED} {number}"


def test_with_hardly_any_budget_nothing_is_missed(oracle: Oracle) -> None:
    views = Views(oracle)
    for number in range(PAIRS // 20):
        chance = random.Random(f"{SEED} coarse {number}")
        old, new = pair(chance)
        drawn = alerts(chance, 12)
        changes = diff(old, new, budget=Budget(chance.choice((0, 0.0002, 0.001)))).changes
        faults = _faults(views, old, new, changes, drawn)
        assert not [fault for fault in faults if "no example" not in fault], f"pair {SEED} {number}"
