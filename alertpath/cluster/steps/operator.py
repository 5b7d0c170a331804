"""The Prometheus Operator took the configuration.

Source: Prometheus Operator 0.94.0, pkg/alertmanager/operator.go. With an `alertmanagerConfigSelector` it parses the
configuration, and on a refusal keeps the old one; without one it copies the text as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from alertpath.alertmanager.config import Config, InhibitRule
from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, condition, name_of, part, parts, spec
from alertpath.cluster.outcomes import Outcome, failed, ok, skipped, warning
from alertpath.cluster.steps.base import Step
from alertpath.cluster.steps.words import applied, loaded, what_differs
from alertpath.compiling.compile import CONFIGURATION
from alertpath.inputs.fields import version
from alertpath.output.alert_classes import listed

_TAG: Final = re.compile(r"v?(\d+\.\d+\.\d+)")
_NULL: Final = "null"


def parses(observed: Observed) -> bool:
    """Whether the operator parses the configuration, and does not merely copy it."""
    return spec(observed.alertmanager).get("alertmanagerConfigSelector") is not None


def falls_back(expected: Expected, observed: Observed) -> bool:
    """Whether what it generated is its own configuration, as where it found none: nobody is told of anything."""
    live = observed.configuration.text(CONFIGURATION) if observed.configuration else None
    if "configuration" in observed.unread:
        live = expected.compiled.text
    generated = observed.generated.text(CONFIGURATION) if observed.generated else None
    made = loaded(generated) if generated is not None else None
    return made is not None and made.route.receiver == _NULL and (live is None or _NULL not in live)


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    outcomes = [*_version(expected, observed), *_reconciled(expected, observed)]
    yield from outcomes
    if not any(outcome.status == "failed" for outcome in outcomes):
        yield from _generated(expected, observed)


def _version(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    if observed.operator is None:
        return
    containers = parts(spec(part(spec(observed.operator), "template")), "containers")
    found = next(filter(None, (_version_of(str(each.get("image"))) for each in containers)), "")
    wanted = expected.stack.settings.versions.operator
    namespace = part(observed.operator, "metadata").get("namespace")
    subject = f"Deployment {namespace}/{name_of(observed.operator)}"
    if not part(observed.operator, "status").get("availableReplicas"):
        yield failed(
            subject,
            "no pod of the Prometheus Operator is available: no change is taken",
            "it crashes, or it was scaled down",
            f"`kubectl --namespace {namespace} get pods`, and its logs",
        )
    elif found and version(found) < version(wanted):
        yield warning(
            subject,
            f"is version {found}, the stack is checked against {wanted}",
            "it may refuse what the stack says, and leave fields out without a word",
            f"set `versions.operator: {found}`",
        )


def _reconciled(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    subject, live = expected.alertmanager, observed.alertmanager
    found = condition(live, "Reconciled")
    if found is None:
        yield failed(
            subject,
            "the operator has not looked at it: it has no condition Reconciled",
            "the Prometheus Operator does not run, or does not watch this namespace",
            "start it, or add the namespace to its `--namespaces`",
        )
    elif found.get("status") == "False":
        keeps = "Pods go on with the configuration before, and nothing of the StatefulSet changes"
        yield failed(
            subject,
            f"the operator refuses it: {found.get('message') or found.get('reason')}. {keeps}",
            *_refusal(expected, observed),
        )
    elif live and int(found.get("observedGeneration") or 0) < int(live["metadata"].get("generation") or 0):
        yield warning(
            subject,
            "the operator has not yet looked at its last change",
            "it was changed seconds ago, or the operator is stuck",
            "run this again in a minute (--wait 120); else look at the operator's logs",
            passes=True,
        )


def _refusal(expected: Expected, observed: Observed) -> tuple[str, str]:
    text = observed.configuration.text(CONFIGURATION) if observed.configuration else None
    if text is not None and loaded(text) is None:
        return "what is in the Secret is invalid, for Alertmanager too", applied(expected, restored=True)
    compiled = f"`alertpath compile --stack {expected.stack.name}`"
    return (
        "its strict parser knows no fields newer than itself; or something beside the configuration, as the words say",
        f"set `versions.operator` to the operator's version: {compiled} then says what it refuses; {applied(expected)}",
    )


def _generated(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    subject = expected.subject("Secret", f"alertmanager-{expected.name}-generated")
    live = observed.configuration.text(CONFIGURATION) if observed.configuration else None
    generated = observed.generated.text(CONFIGURATION) if observed.generated else None
    retry = "look at the operator's logs: `alertmanager` and `namespace` name this object there"
    if generated is None:
        yield failed(subject, "does not exist, or holds no configuration", "the operator cannot write Secrets", retry)
        return
    made = loaded(generated)
    if live is None:
        yield skipped(subject, f"because {expected.configuration} has no configuration")
    elif falls_back(expected, observed):
        yield failed(
            subject,
            f"is the operator's own configuration with the receiver {_NULL}: nobody is told of anything",
            "the operator found no configuration when it looked last, or it reads another Secret",
            f"change any annotation of {expected.alertmanager}, so that it looks again; {retry}",
        )
    elif not parses(observed):
        if generated == live:
            yield ok(subject, "is a copy of the configuration, which the operator has not examined")
        else:
            yield _old(subject, what_differs(made, loaded(live) or expected.config, expected.paging), retry)
    else:
        yield from _merged(expected, observed, subject, made, live)


def _merged(expected: Expected, observed: Observed, subject: str, made: Config | None, live: str) -> Iterator[Outcome]:
    others = [
        f"{part(each, 'metadata').get('namespace', '')}/{name_of(each)}" for each in observed.alertmanager_configs
    ]
    wanted = loaded(live)
    if made is None or wanted is None:
        yield _old(subject, "it or the Secret cannot be read", "look at the operator's logs")
        return
    ours, first = _without(made, others)
    difference = what_differs(ours, wanted, expected.paging)
    if difference and "alertmanager-configs" in observed.unread:
        yield skipped(subject, f"cannot be told: AlertmanagerConfigs, which add to it, cannot be read: {difference}")
        return
    if difference:
        yield _old(subject, difference, "look at the operator's logs")
        return
    said = f"; routes of {listed(others)} come before them" if first else ""
    if any(not going_on for going_on in first):
        yield warning(
            subject,
            f"holds the configuration{said}, and take alerts away from it",
            "AlertmanagerConfigs without `continue`",
            "move what they say into the catalog",
        )
    else:
        yield ok(subject, f"holds the configuration's routes{said}")


def _without(made: Config, others: list[str]) -> tuple[Config, list[bool]]:
    """A configuration without what AlertmanagerConfigs added; of each of their routes, whether it goes on."""
    prefixes = tuple(f"{name}/" for name in others)
    spaces = {name.partition("/")[0] for name in others}
    theirs = [route for route in made.route.routes if (route.receiver or "").startswith(prefixes)] if others else []
    kept = tuple(route for route in made.route.routes if route not in theirs)
    config = replace(
        made,
        route=replace(made.route, routes=kept),
        receivers=tuple(each for each in made.receivers if not prefixes or not each.name.startswith(prefixes)),
        inhibit_rules=tuple(rule for rule in made.inhibit_rules if not _of_namespaces(rule, spaces)),
    )
    return config, [route.continue_ for route in theirs]


def _of_namespaces(rule: InhibitRule, spaces: set[str]) -> bool:
    # What the operator adds to both sides of their rules.
    sides = (rule.source, rule.target)
    return bool(spaces) and all(
        any(m.label == "namespace" and m.op == "=" and m.value in spaces for m in side) for side in sides
    )


def _old(subject: str, difference: str, mend: str) -> Outcome:
    return failed(
        subject,
        f"is not what the Secret says: {difference or 'it is written differently'}",
        "the operator has not taken the last change: it is stuck, or the change was made seconds ago",
        f"run this again in a minute; else {mend}",
    )


STEP: Final = Step(
    "operator",
    "the operator took the configuration",
    _look,
    ("alertmanager", "generated", "configuration"),
    ("access", "alertmanager"),
)


def _version_of(image: str) -> str:
    # "": it is no image of the operator, or has no such tag.
    name, _, tag = image.partition("@")[0].rpartition(":")
    found = _TAG.match(tag) if "prometheus-operator" in name else None
    return found[1] if found else ""
