"""The reasons not to deploy a configuration: a check for each kind, and `refused` for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from alertpath.checks.base import Check, Hit
from alertpath.checks.subject import Subject
from alertpath.documents.places import Spot
from alertpath.documents.problems import Kind, and_more, by_cause
from alertpath.output.findings import Rule, Severity


def hits(kinds: tuple[Kind, ...], subject: Subject) -> Iterator[Hit]:
    """The refusals of these kinds; nobody fills in the placeholders of a stack."""
    # What keeps a file from being read is told by cause.
    none: list[Spot] = []
    found = [(each, none) for each in subject.refusals] if subject.loaded else by_cause(subject.refusals)
    for problem, others in found:
        kind = "" if problem.kind == "placeholder" and not subject.loaded else problem.kind
        if kind in kinds:
            mend = "; ".join(filter(None, (problem.mend, f"allowed: {problem.allowed}" if problem.allowed else "")))
            message = f"{problem.message}, also at {and_more(others)}" if others else problem.message
            yield Hit(problem.at, message, problem.value, mend)


_TABLE: Final[tuple[tuple[tuple[Kind, ...], str, str, Severity, str, str, str], ...]] = (
    (
        ("", "operator"),
        "AP101",
        "refused",
        "error",
        (
            "Alertmanager or the Prometheus Operator would refuse the configuration, or read it otherwise than "
            "it is written."
        ),
        "A refused configuration leaves the old one running until the pods restart, and then they do not start.",
        "write what the message allows",
    ),
    (
        ("unknown-to-version",),
        "AP102",
        "unknown-to-version",
        "error",
        "A field or function needs a newer Alertmanager or Prometheus Operator than the stack runs.",
        "Alertmanager refuses fields that it does not know; the operator refuses them or drops them in silence.",
        "leave the field out, or upgrade and raise the version in the settings",
    ),
    (
        ("expanded-variable",),
        "AP103",
        "expanded-variable",
        "error",
        "A text holds `$(NAME)`, which the operator's config-reloader replaces by an environment variable.",
        "Alertmanager gets another text than the one that was reviewed, often an empty one.",
        "write it otherwise, in a regex as `[$](NAME)`",
    ),
    (
        ("plain-credential",),
        "AP104",
        "plain-credential",
        "error",
        "A credential stands in the configuration in plain text.",
        "Everybody who may review or read the configuration can page people or post in your name.",
        (
            "keep it in a Secret, name its file (`routing_key_file`, `api_url_file`), and replace it: it may "
            "have been seen"
        ),
    ),
    (
        ("unknown-time-zone",),
        "AP105",
        "unknown-time-zone",
        "error",
        "A time interval names a time zone that the IANA database does not have.",
        "Alertmanager refuses the whole configuration.",
        "use a name such as Asia/Seoul or UTC",
    ),
    (
        ("repeat-below-interval",),
        "AP216",
        "repeat-below-interval",
        "warning",
        "repeat_interval is below group_interval.",
        "Alertmanager looks at a group once each group_interval, so it cannot repeat more often.",
        "raise repeat_interval or lower group_interval",
    ),
)
"""Kinds, id, name, severity, summary, why, mend."""
CHECKS: Final = tuple(
    Check(Rule(number, name, severity, summary, why, mend), partial(hits, kinds))
    for kinds, number, name, severity, summary, why, mend in _TABLE
)
