"""Mutants of configurations through `diff`: Alertmanager itself says what each does differently.

A difference counts as seen only where it is proven, and has the right kind for each single label set. What fares alike
must be in no class.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager.config import Config
from alertpath.configurations.loaded import of_stack
from alertpath.diff.deliveries.comparison import Difference, diff
from alertpath.diff.deliveries.inhibition import InhibitionChange
from alertpath.diff.deliveries.verdicts import KINDS
from tests.exact.test_diff import RECEIVERS, small_trees
from tests.exact.test_diff import _mutated as mutated
from tests.exact.test_routing import NAMES, VALUES, trees
from tests.oracle import Oracle
from tests.program.configurations import EVERY_INTEGRATION, LARGE
from tests.program.mutants import OPERATORS, Mutant, mutants, stubbed
from tests.program.rewrites import rewrites
from tests.program.seen import MOMENTS, Labels, View, Views, kind, label_sets
from tools.gotools import ensure

ROOT = Path(__file__).resolve().parents[2]
SINCE = MOMENTS[0].date()
ALERTS = 300
PAIRS = 24


@dataclass(slots=True)
class Tally:
    """How one operator's mutants fared."""

    mutants: int = 0
    different: int = 0
    seen: int = 0
    right: int = 0
    faults: list[str] = field(default_factory=list[str])


def bases() -> dict[str, str]:
    """The configurations that are mutated, by name."""
    found: dict[str, str] = {}
    for name in STACKS:
        text = alertmanager.dump(of_stack(ROOT / f"Pulumi.{name}.yaml").config)
        if text not in found.values():
            found[name] = text
    return {**found, "large": LARGE, "stubbed": stubbed(LARGE)}


STACKS = ("production", "staging", "dev")


class Judge:
    """Holds `diff` of a base and its mutants against the oracle."""

    def __init__(self, oracle: Oracle, text: str) -> None:
        self._views = Views(oracle)
        self._config = alertmanager.load(text, "base")
        view = self._views.load(text)
        assert view
        self._view = view

    def faults(
        self, text: str, chance: random.Random, alerts: Sequence[Labels] = (), most: int = ALERTS
    ) -> tuple[bool, bool, list[str]] | None:
        """Whether it is different, whether that was seen, and what `diff` says wrongly. None: no valid mutant.

        `alerts`: label sets to ask about; none: up to `most` that `label_sets` finds.
        """
        view = self._views.load(text)
        if view is None:
            return None
        try:
            config = alertmanager.load(text, "mutant")
            found = diff(self._config, config, since=SINCE)
            alerts = alerts or label_sets((self._config, config), chance, most)
            different, faults = self._deliveries(view, found, alerts)
            if view.data.get("inhibit_rules") != self._view.data.get("inhibit_rules"):
                silenced, more = self._inhibition(view, config, found, chance)
                different |= silenced
                faults += more
            elif found.inhibition:
                faults.append("inhibition is said to change")
            general = any(
                self._view.data.get(key) != view.data.get(key) for key in ("templates", "tracing", "event_recorder")
            ) or (self._view.data["global"]["resolve_timeout"] != view.data["global"]["resolve_timeout"])
            if general != bool(found.general):
                faults.append(f"general: {found.general}")
            return different or general, bool(found), faults
        finally:
            self._views.drop(view)

    def _deliveries(self, view: View, found: Difference, alerts: Sequence[Labels]) -> tuple[bool, list[str]]:
        faults = [f"not proven: {one.where}" for one in found.changes if not one.proven]
        examples = [(one, one.example()) for one in found.changes]
        faults += [f"no example of {one.where}" for one, example in examples if example is None]
        alerts = [*alerts, *(example for _, example in examples if example)]
        different = False
        old, new = (self._views.told(one, alerts) for one in (self._view, view))
        for labels, before, after in zip(alerts, old, new, strict=True):
            expected = kind(before, after)
            orphans = bool(before.incidents - after.incidents)
            different |= expected is not None
            here = [one for one in found.changes if labels in one]
            kinds = {one.kind for one in here}
            if any(one.varies for one in here):
                if expected is not None and expected not in kinds:
                    faults.append(f"{labels}: {expected}, said {sorted(kinds)} (varies)")
            elif here and all(one.apart for one in here):
                # Each says what some routes do; none of them may make it look better than it is.
                if expected is None or min(map(KINDS.index, kinds)) > KINDS.index(expected):
                    faults.append(f"{labels}: {expected}, said {sorted(kinds)} (apart)")
            elif kinds != ({expected} - {None}) or len(here) > 1:
                faults.append(f"{labels}: {expected}, said {[(c.kind, c.where) for c in here]}")
            if orphans and not any(one.orphans for one in here):
                faults.append(f"{labels}: open incidents are not said to get no resolve")
            if not orphans and len(here) == 1 and here[0].orphans and before.keyed() == after.keyed():
                faults.append(f"{labels}: open incidents are said to get no resolve")
        return different, faults

    def _inhibition(
        self, view: View, config: Config, found: Difference, chance: random.Random
    ) -> tuple[bool, list[str]]:
        faults = [f"not proven: {one}" for one in found.inhibition if not one.proven]
        bare = [Config(route=alertmanager.Route(), inhibit_rules=c.inhibit_rules) for c in (self._config, config)]
        alerts = label_sets(bare, chance, PAIRS * 4)
        chance.shuffle(alerts)
        sources, targets = alerts[:PAIRS], alerts[: 4 * PAIRS]
        pairs = [_example(change) for change in found.inhibition]
        sources += [pair[0] for pair in pairs if pair]
        targets += [pair[1] for pair in pairs if pair]
        faults += [f"no pair is in {one}" for one, pair in zip(found.inhibition, pairs, strict=True) if pair is None]
        different = False
        before, after = (self._views.silent(one, sources, targets) for one in (self._view, view))
        for source, old, new in zip(sources, before, after, strict=True):
            for target, was, now in zip(targets, old, new, strict=True):
                expected = {"silenced"} if now > was else {"no longer silenced"} if was > now else set[str]()
                different |= bool(expected)
                said = {change.kind for change in found.inhibition if _holds(change, source, target)}
                if said != expected:
                    faults.append(f"{source} -> {target}: {expected}, said {said}")
        return different, faults


def _holds(change: InhibitionChange, source: Labels, target: Labels) -> bool:
    return (
        source in change.source
        and target in change.target
        and all(source.get(label, "") == target.get(label, "") for label in change.equal)
        and all(source.get(label, "") != target.get(label, "") for label in change.unequal)
    )


def _example(change: InhibitionChange) -> tuple[Labels, Labels] | None:
    source, target = dict(change.source.example() or {}), dict(change.target.example() or {})
    sets = dict(change.source.labels), dict(change.target.labels)
    for label in (*change.equal, *change.unequal):
        values = [source.get(label, ""), target.get(label, ""), "", "this", "that"]
        values += [v for side in sets if label in side for v in side[label].one_of or side[label].none_of]
        fits = (
            (one, other)
            for one in values
            for other in values
            if (one == other) == (label in change.equal)
            and all(label not in side or v in side[label] for side, v in zip(sets, (one, other), strict=True))
        )
        if (found := next(fits, None)) is None:
            return None
        source[label], target[label] = found
    source, target = ({label: value for label, value in one.items() if value} for one in (source, target))
    return (source, target) if _holds(change, source, target) else None


def run(oracle: Oracle) -> dict[str, Tally]:
    """Judges all mutants; by operator."""
    found = {operator: Tally() for operator in OPERATORS}
    for name, text in bases().items():
        chance = random.Random(name)
        judge = Judge(oracle, text)
        most = 7 if name in ("large", "stubbed") else 4
        for mutant in mutants(text, chance, most):
            _judge(judge, mutant, name, chance, found[mutant.operator])
    return found


def _judge(judge: Judge, mutant: Mutant, name: str, chance: random.Random, tally: Tally) -> None:
    judged = judge.faults(mutant.text, chance)
    if judged is None:
        return
    different, seen, faults = judged
    tally.mutants += 1
    tally.different += different
    tally.seen += different and seen
    tally.right += different and seen and not faults
    if faults or seen > different:
        tally.faults.append(f"{name}: {mutant}: {'; '.join(faults[:3]) or 'nothing differs, said something'}")


def table(found: dict[str, Tally]) -> str:
    """What was found, operator by operator."""
    lines = [f"{'operator':26}{'mutants':>8}{'different':>10}{'seen':>6}{'right':>6}"]
    rows = [*found.items(), ("all", _sum(found))]
    lines += [f"{name:26}{t.mutants:8}{t.different:10}{t.seen:6}{t.right:6}" for name, t in rows]
    return "\n".join([*lines, *(fault for tally in found.values() for fault in tally.faults)])


def _sum(found: dict[str, Tally]) -> Tally:
    total = Tally()
    for tally in found.values():
        total.mutants += tally.mutants
        total.different += tally.different
        total.seen += tally.seen
        total.right += tally.right
    return total


@pytest.fixture(scope="module")
def oracle(tool: Callable[[str], Path]) -> Iterator[Oracle]:
    tool("oracle")
    with Oracle() as running:
        yield running


many = settings(
    max_examples=60, deadline=None, suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large)
)


@many
@given(st.one_of(trees, small_trees), st.integers(0, 2**32).map(random.Random), st.integers(1, 3))
def test_random_mutants_of_random_configurations(
    oracle: Oracle, tree: alertmanager.Route, chance: random.Random, times: int
) -> None:
    other = tree
    for _ in range(times):
        other = mutated(other, chance)
    texts = [alertmanager.dump(Config(route=one, receivers=RECEIVERS)) for one in (tree, other)]
    alerts = [{name: value for name in NAMES if (value := chance.choice(VALUES))} for _ in range(120)]
    judge = Judge(oracle, texts[0])
    judged = judge.faults(texts[1], chance, alerts)
    assert judged
    undecided = any("\\b" in text for text in texts)
    assert not [fault for fault in judged[2] if not (undecided and fault.startswith("no"))]


def test_every_mutant_is_seen_and_has_the_right_kind(oracle: Oracle) -> None:
    found = run(oracle)
    print("\n" + table(found))
    total = _sum(found)
    assert not [fault for tally in found.values() for fault in tally.faults]
    assert total.different == total.seen == total.right >= 200
    assert all(tally.mutants for tally in found.values())
    assert sum(tally.mutants for operator, tally in found.items() if operator.startswith("never:")) >= 30


def test_rewrites_are_no_change_of_delivery(oracle: Oracle) -> None:
    count = 0
    faults: list[str] = []
    for name, text in bases().items():
        judge, chance = Judge(oracle, text), random.Random(name)
        for what, written in rewrites(text):
            judged = judge.faults(written, chance, most=100)
            assert judged, f"Alertmanager refuses: {what}"
            found = diff(alertmanager.load(text, "old"), alertmanager.load(written, "new"), since=SINCE)
            kinds = {one.kind for one in found.changes} - {"regrouped"}
            if judged[2] or kinds or found.inhibition or found.general:
                faults.append(f"{name}: {what}: {kinds} {found.inhibition} {found.general} {judged[2][:2]}")
            count += 1
    print(f"{count} rewrites")
    assert not faults
    assert count >= 50


@pytest.mark.parametrize("text", [EVERY_INTEGRATION, LARGE])
def test_what_alertmanager_fills_in_changes_nothing_when_written_out(oracle: Oracle, text: str) -> None:
    with oracle.config(text) as handle:
        shown = oracle.show(handle)
    assert not diff(alertmanager.load(text, "old"), alertmanager.load(shown, "new"))


if __name__ == "__main__":
    ensure("oracle")
    with Oracle() as running:
        print(table(run(running)))
