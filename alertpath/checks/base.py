"""What a check is, and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import final

from alertpath.checks.subject import Subject
from alertpath.documents.places import Place, Spot
from alertpath.output.findings import Rule, Severity
from alertpath.rules.reader import Alert, RuleSpot


@final
@dataclass(frozen=True, slots=True)
class Hit:
    """What a check found: a place in the configuration, or in another file, and what is wrong there.

    `alike` and `about`: see `Finding`.
    """

    at: Place | Spot | RuleSpot
    message: str
    value: str = ""
    mend: str = ""
    alike: str = ""
    about: str = ""


def of_alert(alert: Alert, one: str, several: str, *, label: str = "", value: str = "") -> Hit:
    """What is wrong with a rule's alert, or its `label`: `one` is said of it, `several` of it and others alike."""
    return Hit(alert.at(label), f"{alert.name} {one}", value, alike=f"alerts {several}", about=alert.name)


@final
@dataclass(frozen=True, slots=True)
class Check:
    """One check: `run` is pure and returns what it finds."""

    rule: Rule
    run: Callable[[Subject], Iterator[Hit]]


def check(
    run: Callable[[Subject], Iterator[Hit]],
    *,
    id: str,  # noqa: A002 - what everybody calls it
    name: str,
    severity: Severity,
    summary: str,
    why: str,
    mend: str,
) -> Check:
    """A check of these properties."""
    return Check(Rule(id, name, severity, summary, why, mend), run)
