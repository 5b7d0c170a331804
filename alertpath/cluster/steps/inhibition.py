"""The alerts that fire carry the labels by which inhibition compares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, cast

from alertpath.alertmanager.config import InhibitRule
from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed
from alertpath.cluster.outcomes import Outcome, failed, ok, skipped
from alertpath.cluster.steps.base import Step
from alertpath.output.alert_classes import counted, example, listed
from alertpath.semantics.inhibition import fulfils

Labels = Mapping[str, str]
_MOST: Final = 3


def firing(observed: Observed) -> list[Labels]:
    """The labels of all alerts that the Alertmanagers know, each once."""
    found: dict[object, Labels] = {}
    for peer in observed.answering:
        for alert in peer.alerts:
            labels = cast("Labels", alert.get("labels") or {})
            found[frozenset(labels.items())] = labels
    return list(found.values())


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    if not observed.answering:
        yield skipped("inhibition", "no Alertmanager could be asked")
        return
    alerts = firing(observed)
    found = [fault for rule in expected.config.inhibit_rules for fault in _uncompared(rule, alerts)]
    for source, target, missing in found[:_MOST]:
        lacking = target if any(not target.get(label) for label in missing) else source
        yield failed(
            f"alert {example(target)}",
            f"is not silenced by {example(source)}: only one of them has the label {listed(missing)}",
            f"`equal` of the inhibition rule names it, and {lacking.get('alertname', 'an alert')} lacks it",
            f"put it into that alert's rule; `alertpath check --stack {expected.stack.name} --rules PATH` finds them",
        )
    if not found:
        yield ok("inhibition", f"{counted(len(alerts), 'alert')} known, none lacks a label that inhibition compares")


def _uncompared(rule: InhibitRule, alerts: list[Labels]) -> Iterator[tuple[Labels, Labels, list[str]]]:
    """Pairs of alerts that the rule means, and that it does not compare since one of them lacks a label."""
    sources = [labels for labels in alerts if fulfils(rule.source, labels)]
    targets = [labels for labels in alerts if fulfils(rule.target, labels) and not fulfils(rule.source, labels)]
    for target in targets:
        for source in sources:
            different = [label for label in rule.equal if source.get(label, "") != target.get(label, "")]
            if different and all(not (source.get(label) and target.get(label)) for label in different):
                yield source, target, different
                break


STEP: Final = Step("inhibition", "inhibition can compare alerts", _look, ("peers",), ("access",))
