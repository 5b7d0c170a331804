"""What `diff` says of hard shapes, against Alertmanager's own code: 20,000 random pairs of configurations.

`ALERTPATH_PAIRS=100000 pytest tests/program/test_pairs_oracle.py` tries more, `ALERTPATH_SEED` others.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager.config import Config, Route
from alertpath.diff.deliveries.comparison import diff
from alertpath.diff.deliveries.verdicts import KINDS, Change
from alertpath.semantics.budget import Budget
from tests.oracle import Oracle
from tests.pairs import RECEIVERS, alerts, pair

from .seen import Labels, Views, kind

PAIRS = int(os.environ.get("ALERTPATH_PAIRS", "20000"))
SEED = os.environ.get("ALERTPATH_SEED", "pairs")
_PARTS = 4
_BATCH = 50


@pytest.fixture(scope="module")
def oracle(tool: Callable[[str], Path]) -> Iterator[Oracle]:
    tool("oracle")
    with Oracle() as running:
        yield running


@dataclass(frozen=True, slots=True)
class _Case:
    # A pair of configurations, what is said of it, and label sets to ask about: drawn ones, and its examples.
    name: str
    old: Config
    new: Config
    changes: tuple[Change, ...]
    drawn: list[Labels]

    @property
    def asked(self) -> list[Labels]:
        examples = [change.example() for change in self.changes]
        return [*self.drawn, *(example for example in examples if example is not None)]


def _case(name: str, chance: random.Random, budget: Budget | None = None) -> _Case:
    old, new = pair(chance)
    return _Case(name, old, new, diff(old, new, budget=budget).changes, alerts(chance, 12))


def _judged(oracle: Oracle, cases: Iterable[_Case]) -> Iterator[str]:
    # What is said wrongly. Many are asked about at once.
    views = Views(oracle)
    like = views.load(alertmanager.dump(Config(route=Route(receiver="root"), receivers=RECEIVERS)))
    assert like
    todo = iter(cases)
    while batch := list(islice(todo, _BATCH)):
        texts = [alertmanager.dump(config) for case in batch for config in (case.old, case.new)]
        loaded = [view for view in views.like(like, texts) if view is not None]
        assert len(loaded) == len(texts), "Alertmanager refuses what Python takes"
        asked = [case.asked for case in batch for _ in (case.old, case.new)]
        told = views.told_all(list(zip(loaded, asked, strict=True)))
        views.drop(*loaded)
        for number, case in enumerate(batch):
            kinds = [kind(before, after) for before, after in zip(*told[2 * number : 2 * number + 2], strict=True)]
            yield from (f"pair {case.name}: {fault}" for fault in _faults(case, kinds))


def _faults(case: _Case, kinds: Sequence[str | None]) -> Iterator[str]:
    for labels, right in zip(case.asked, kinds, strict=True):
        here = [change for change in case.changes if labels in change and change.kind != "nobody"]
        exact = [change.kind for change in here if not change.varies]
        said = [change.kind for change in here]
        if right is None or right == "nobody":
            if exact:
                yield f"{labels}: nothing, said {said}"
            continue
        milder = not said or min(map(KINDS.index, said)) > KINDS.index(right)
        alone = len(said) == len(exact) == 1 and not here[0].apart
        if milder or (alone and said != [right]):
            yield f"{labels}: {right}, said {said}"
    fares = iter(kinds[len(case.drawn) :])
    for change in case.changes:
        example = change.example()
        if example is None or example not in change or next(fares) is None:
            yield f"{example} is no example of {change.kind}"


@pytest.mark.parametrize("part", range(_PARTS))
def test_every_alert_fares_as_is_said(oracle: Oracle, part: int) -> None:
    names = (f"{SEED} {number}" for number in range(part, PAIRS, _PARTS))
    faults = _judged(oracle, (_case(name, random.Random(name)) for name in names))
    assert not list(islice(faults, 10))


def test_with_hardly_any_budget_nothing_is_missed(oracle: Oracle) -> None:
    names = (f"{SEED} coarse {number}" for number in range(PAIRS // 20))
    chances = ((name, random.Random(name)) for name in names)
    budgets = random.Random(SEED)
    cases = (_case(name, chance, Budget(budgets.choice((0, 0.0002, 0.001)))) for name, chance in chances)
    faults = (fault for fault in _judged(oracle, cases) if "None is no example" not in fault)
    assert not list(islice(faults, 10))
